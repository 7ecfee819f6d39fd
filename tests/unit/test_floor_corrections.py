"""A visit that another witness tells afterwards: counters move by the difference, rows get a higher version, once."""

from typing import Any

from streams.vocabulary import events as ev
from streams.vocabulary.facts import ContactLeg
from streams.vocabulary.ids import Millis
from streams.vocabulary.states import EndedBy, GapReason, Outcome, Witness
from tests.floor_story import T0, Story

LOG: dict[str, Any] = {"witness": Witness.LOG}


def correct(story: Story, at: int, outcome: Outcome = Outcome.ANSWERED, *, contact: str = "c1", **more: Any) -> None:
    """Moments are ms after T0."""
    told: dict[str, Any] = {"queued_at": T0} | {
        name: Millis(T0 + value) if name.endswith("_at") else value for name, value in more.items()
    }
    story.contact(at, ev.ContactCorrected, contact, outcome=outcome, **LOG | told)


ANSWERED: dict[str, Any] = {
    "queued_at": 0,
    "answered_at": 5000,
    "ended_at": 35_000,
    "agent": "1001",
    "talk_ms": 30_000,
    "wait_ms": 5000,
}


def of_the_gap() -> Story:
    """Waiting when the source was lost at 2 s; gone when it came back at 60 s."""
    story = Story()
    story.sign_in(0)
    story.queue_up(0)
    story.lose(2000)
    story.tell(60_000, ev.ResyncBegan)
    story.seen(60_000)
    story.tell(60_000, ev.ResyncEnded)
    return story


def test_a_visit_told_lost_becomes_what_the_log_says() -> None:
    story = of_the_gap()
    assert story.legs()[0].outcome is Outcome.LOST
    correct(story, 61_000, **ANSWERED)
    today, leg = story.numbers(61_000).today, story.legs()[0]
    assert (today.offered, today.lost, today.answered, today.answered_in_target, today.ended) == (1, 0, 1, 1, 1)
    assert (today.wait_ms, today.talk_ms, today.asa) == (5000, 30_000, 5000)
    assert (leg.outcome, leg.agent, leg.talk_ms) == (Outcome.ANSWERED, "1001", 30_000)
    assert leg.witnesses == "answered=log ended=log"
    assert (story.agent().today.answered, story.agent().today.talk_ms) == (1, 30_000)


def test_told_twice_it_changes_nothing() -> None:
    story = of_the_gap()
    correct(story, 61_000, **ANSWERED)
    before, today = len(story.of(ContactLeg)), story.numbers(61_000).today
    correct(story, 62_000, **ANSWERED)
    assert (len(story.of(ContactLeg)), story.numbers(61_000).today) == (before, today)


def test_each_version_is_higher_and_the_key_stays() -> None:
    story = of_the_gap()
    correct(story, 61_000, **ANSWERED | {"queued_at": 1000})
    first, second = story.of(ContactLeg)
    assert second.ver > first.ver
    assert (first.queued_at, first.contact, first.leg) == (second.queued_at, second.contact, second.leg)


def test_a_visit_wholly_inside_a_gap_is_counted_in() -> None:
    story = of_the_gap()
    correct(story, 61_000, Outcome.ABANDONED, contact="c9", queued_at=10_000, ended_at=13_000)
    today = story.numbers(61_000).today
    assert (today.offered, today.abandoned, today.short_abandoned, story.floor.state.contacts) == (2, 1, 1, 2)
    leg = story.legs()[-1]
    assert (leg.contact, leg.wait_ms, leg.witnesses) == ("c9", 3000, "ended=log queued=log")


def test_a_correction_moves_the_minute_it_belongs_to() -> None:
    """Lost was counted in the second minute, where it was found missing; answered belongs to the first."""
    story = of_the_gap()
    correct(story, 61_000, **ANSWERED)
    queue = next(iter(story.floor.queues.values()))
    minutes = {minute - T0 // 60_000: (one.lost, one.answered, one.ended) for minute, one in queue.minutes.items()}
    assert minutes == {0: (0, 1, 1), 1: (0, 0, 0)}


def test_what_the_wire_saw_stands_against_whole_seconds_of_a_log() -> None:
    story = Story()
    story.sign_in(0)
    story.queue_up(0)
    story.answer(5432)
    story.end(36_789)
    correct(story, 40_000, **ANSWERED | {"ended_by": EndedBy.CUSTOMER})
    leg = story.legs()[0]
    assert (leg.wait_ms, leg.talk_ms, leg.ended_by, leg.witnesses) == (5432, 31_357, EndedBy.CUSTOMER, "")


def test_a_correction_by_somebody_overrules_the_wire() -> None:
    story = Story()
    story.sign_in(0)
    story.queue_up(0)
    story.answer(5432)
    story.end(36_789)
    correct(story, 40_000, **ANSWERED | {"witness": Witness.CORRECTION})
    assert (story.legs()[0].wait_ms, story.numbers(40_000).today.wait_ms) == (5000, 5000)


def test_a_talk_that_goes_on_here_and_is_over_there_ends() -> None:
    story = Story()
    story.sign_in(0)
    story.queue_up(0)
    story.answer(5000)
    correct(story, 40_000, **ANSWERED)
    today = story.numbers(40_000).today
    assert (today.ended, story.numbers(40_000).talking, story.label()[0]) == (1, 0, "ready")
    assert (story.legs()[0].talk_ms, story.legs()[0].witnesses) == (30_000, "ended=log")


def test_an_answer_that_nobody_saw_gets_its_wait_from_the_log() -> None:
    story = Story()
    story.sign_in(0)
    story.queue_up(0)
    story.lose(2000)
    story.tell(10_000, ev.ResyncBegan)
    story.seen(10_000)
    story.contact(10_000, ev.TalkSeen, agent="1001")
    story.tell(10_000, ev.ResyncEnded)
    story.end(35_000)
    assert (story.legs()[0].tags, story.legs()[0].witnesses) == ("answered_unseen", "answered=picture")
    assert story.numbers(35_000).today.answered_unseen == 1
    correct(story, 40_000, **ANSWERED)
    today, leg = story.numbers(40_000).today, story.legs()[0]
    assert (today.answered_unseen, today.answered_in_target, today.asa) == (0, 1, 5000)
    assert (leg.tags, leg.wait_ms) == ("", 5000)


def test_another_outcome_than_the_wire_saw_is_counted_as_a_contradiction() -> None:
    story = Story()
    story.sign_in(0)
    story.queue_up(0)
    story.contact(9000, ev.ContactAbandoned)
    correct(story, 40_000, **ANSWERED)
    today = story.numbers(40_000).today
    assert (today.abandoned, today.abandoned_wait_ms, today.answered) == (0, 0, 1)
    assert story.floor.state.anomalies == {"correction_contradicts": 1}


def test_a_visit_that_may_have_been_counted_long_ago_is_not_counted_again() -> None:
    story = Story()
    story.sign_in(0)
    story.passes(3 * 3_600_000)
    correct(story, 3 * 3_600_000, **ANSWERED)
    assert story.numbers(3 * 3_600_000).today.offered == 0
    assert story.floor.state.anomalies == {"correction_too_old": 1}


def test_a_long_gap_is_repaired_however_old_its_visits_are() -> None:
    story = Story()
    story.sign_in(0)
    story.lose(0, GapReason.DISCONNECTED)
    story.tell(3 * 3_600_000, ev.ResyncBegan)
    story.tell(3 * 3_600_000, ev.ResyncEnded)
    correct(story, 3 * 3_600_000 + 1, **ANSWERED)
    assert story.numbers(3 * 3_600_000).today.answered == 1


def test_yesterdays_visit_is_told_and_not_counted_today() -> None:
    day = 86_400_000 - T0 % 86_400_000
    story = Story(utc_offset_ms=0)
    story.queue_up(day - 30_000)
    story.lose(day - 20_000)
    story.tell(day + 1000, ev.ResyncBegan)
    story.tell(day + 1000, ev.ResyncEnded)
    correct(story, day + 2000, Outcome.ABANDONED, queued_at=day - 30_000, ended_at=day - 10_000)
    today = story.numbers(day + 2000).today
    assert (story.legs()[0].outcome, today.abandoned, today.lost) == (Outcome.ABANDONED, 0, 0)
