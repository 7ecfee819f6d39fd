"""A queue's numbers over time: windows, the line of the last half hour, days."""

from typing import Any

import msgspec

from streams.floor.fold import Floor
from streams.vocabulary import events as ev
from streams.vocabulary.ids import Millis
from tests.floor_story import SOURCE, T0, Story

MINUTE = 60_000
HOUR = 60 * MINUTE
TO_MIDNIGHT = 86_400_000 - T0 % 86_400_000
"""T0 is 20:00 UTC: four hours before midnight there."""


def answered_at(story: Story, at: int, contact: str) -> None:
    story.queue_up(at - 1000, contact)
    story.answer(at, contact)


def test_a_window_is_whole_minutes_with_the_running_one() -> None:
    """Now 10:30 into the hour: the 5 minutes are those of 6, 7, 8, 9 and 10."""
    story = Story()
    for minute in (5, 6, 10):
        answered_at(story, minute * MINUTE + 2000, f"c{minute}")
    windows = story.numbers(10 * MINUTE + 30_000).windows
    answered = {length: counters.answered for length, counters in windows.items()}
    assert answered == {1: 1, 5: 2, 15: 3, 20: 3, 30: 3, 60: 3}


def test_what_is_older_than_an_hour_is_in_no_window_but_in_the_day() -> None:
    story = Story()
    answered_at(story, 2000, "c1")
    answered_at(story, 61 * MINUTE, "c2")
    numbers = story.numbers(61 * MINUTE)
    assert (numbers.windows[60].answered, numbers.today.answered) == (1, 2)


def test_minutes_that_no_window_needs_are_forgotten() -> None:
    story = Story()
    for minute in range(300):
        answered_at(story, minute * MINUTE + 2000, f"c{minute}")
    assert len(story.floor.queues[next(iter(story.floor.queues))].minutes) <= 61


def test_the_line_is_the_thirty_closed_minutes() -> None:
    """The running minute is not in it: half a minute would look like a dip."""
    story = Story()
    answered_at(story, 5 * MINUTE + 2000, "c1")
    answered_at(story, 6 * MINUTE + 2000, "c2")
    line = story.numbers(6 * MINUTE + 30_000).line
    assert (len(line), line[-1], line[0][0]) == (30, (T0 + 5 * MINUTE, 1, 1), T0 - 24 * MINUTE)


def test_numbers_once_given_do_not_change_afterwards() -> None:
    story = Story()
    before = story.numbers(0)
    answered_at(story, 2000, "c1")
    assert before.today.answered == 0


def test_a_day_begins_at_local_midnight_not_a_moment_later() -> None:
    """UTC+8: midnight there is 16:00 UTC. The contact of the first second belongs to the new day."""
    offset = 8 * HOUR
    midnight = (TO_MIDNIGHT - offset) % 86_400_000
    story = Story(utc_offset_ms=offset)
    answered_at(story, midnight - 1, "c1")
    story.passes(midnight - 1)
    story.queue_up(midnight, "c2")
    story.passes(midnight + 2 * MINUTE)
    assert (story.numbers(midnight + 2 * MINUTE).today.offered, story.floor.state.contacts) == (1, 1)


def test_without_an_offset_a_day_never_ends() -> None:
    """A replay over midnight counts everything."""
    story = Story()
    answered_at(story, 2000, "c1")
    answered_at(story, 2 * 86_400_000, "c2")
    assert story.numbers(2 * 86_400_000).today.answered == 2


def test_a_pause_over_midnight_belongs_to_both_days() -> None:
    """Paused from one hour before until two hours after: two hours are of the new day."""
    story = Story(utc_offset_ms=0)
    story.sign_in(0)
    story.tell(TO_MIDNIGHT - HOUR, ev.AgentNotReady, agent="1001", queue="sales", reason="lunch")
    running = story.floor
    story.passes(TO_MIDNIGHT + HOUR)
    assert running.not_ready_ms(story.agent(), Millis(T0 + TO_MIDNIGHT + HOUR)) == HOUR
    story.tell(TO_MIDNIGHT + 2 * HOUR, ev.AgentReady, agent="1001", queue="sales")
    assert story.agent().today.not_ready_ms == 2 * HOUR


def test_a_restart_keeps_the_limit_of_short_abandons() -> None:
    def short(**options: Any) -> int:
        story = Story(short_abandon_ms=10_000)
        story.queue_up(0)
        story.floor = Floor.restore(story.floor.snapshot(), **options)
        story.contact(7000, ev.ContactAbandoned)
        return story.numbers(7000).today.short_abandoned

    assert (short(short_abandon_ms=10_000), short()) == (1, 0)


def test_a_snapshot_of_another_version_is_read_where_fields_were_only_added() -> None:
    """Without the fields of this round, and with one of a later: what both know is kept."""
    story = Story()
    story.sign_in(0)
    story.queue_up(0)
    told = msgspec.msgpack.decode(story.floor.snapshot())
    for name in ("intake", "repairs", "pausing", "next_due", "heard", "pictured", "began", "forgotten_before"):
        del told[name]
    for name in ("signed_in", "pause", "reserved", "doubt", "shown_next", "told_at"):
        del told["agents"]["1001"][name]
    older = Floor.restore(msgspec.msgpack.encode(told | {"of_a_later_version": 1}))
    assert (older.agents, older.queues, older.state.visits) == (
        *(story.floor.agents, story.floor.queues, story.floor.state.visits),
    )


def test_a_gap_that_began_before_a_restart_ends_after_it() -> None:
    """One gap, known by two names; a snapshot must not make two of it."""
    story = Story()
    story.lose(1000)
    story.floor = Floor.restore(story.floor.snapshot())
    story.tell(9000, ev.ResyncBegan)
    story.tell(9000, ev.ResyncEnded)
    assert [(gap.began, gap.ended) for gap in story.floor.gaps] == [(T0 + 1000, T0 + 9000)]


def test_the_switchs_counters_begin_anew_without_ours() -> None:
    story = Story()
    answered_at(story, 2000, "c1")
    story.tell(3000, ev.SwitchTallied, queue="sales", completed=5, completed_in_target=4, abandoned=2)
    story.tell(4000, ev.SwitchTallyReset, queue="sales")
    today = story.numbers(4000).today
    assert (today.switch_completed, today.switch_abandoned, today.answered) == (0, 0, 1)


def test_a_new_target_holds_from_then_on() -> None:
    story = Story()
    story.queue_up(0, "c1")
    story.answer(15_000, "c1")
    story.tell(16_000, ev.QueueConfigured, queue="sales", target_ms=10_000)
    story.queue_up(20_000, "c2")
    story.answer(35_000, "c2")
    assert story.numbers(35_000).today.answered_in_target == 1


def test_the_place_in_a_source_is_remembered_for_the_next_start() -> None:
    story = Story()
    story.queue_up(0)
    assert (story.floor.state.seqs[SOURCE], Floor.restore(story.floor.snapshot()).state.seqs[SOURCE]) == (1, 1)
