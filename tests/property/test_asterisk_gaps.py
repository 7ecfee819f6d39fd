"""Bytes cut out of a real Asterisk's day: the picture after each gap gives the state, queue_log gives the counts."""

import os
from collections import Counter
from functools import cache
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from streams.floor.report import report
from streams.vocabulary.events import (
    ContactCorrected,
    ContactHeld,
    ContactResumed,
    SourceLost,
    WrapUpStarted,
)
from streams.vocabulary.ids import AgentId, Millis, QueueName
from streams.vocabulary.states import AgentState, Outcome, Witness
from tests.asterisk_gaps import Look, gap_until, play, settled_by, uncut, wire

EXAMPLES = int(os.environ.get("FLOORWATCH_GAP_EXAMPLES", "6"))
"""More at night: FLOORWATCH_GAP_EXAMPLES=1000."""
NEVER_SEEN = (AgentState.SIGNED_OUT, "")
"""One who came and went within a gap is nobody."""
TALKS = (AgentState.ON_CONTACT, AgentState.ON_HOLD)
COUNTS = ("offered", "answered", "abandoned", "overflowed", "transferred_out", "lost", "waiting", "talking")


@st.composite
def some_gaps(draw: st.DrawFn) -> list[tuple[int, int]]:
    """One to four gaps of 5 to 60 seconds. The first thing heard again is a picture, as after a log-in, or anything."""
    pictures = sorted(wire().pictures)
    found: list[tuple[int, int]] = []
    for one in sorted(draw(st.lists(st.integers(1, len(pictures) - 1), min_size=1, max_size=4, unique=True))):
        earliest = wire().pictures[pictures[one - 1]] + 1
        heard_again = draw(st.one_of(st.just(pictures[one]), st.integers(earliest, pictures[one])))
        gap = gap_until(heard_again, draw(st.integers(5_000, 60_000)))
        if not found or gap[0] > settled_by(found[-1]):
            found.append(gap)
    return found


def gaps_property(test: Any) -> Any:
    quiet = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
    return quiet(given(some_gaps())(test))


def times(gap: tuple[int, int]) -> tuple[Millis, Millis]:
    return wire().messages[gap[0] - 1][1], wire().messages[gap[1]][1]


def unseen(gap: tuple[int, int], *kinds: type[ContactHeld | ContactResumed | WrapUpStarted]) -> set[AgentId]:
    """Agents to whom one of these happened in the gap."""
    began, ended = times(gap)[0], wire().messages[settled_by(gap)][1]
    return {one.agent for one in uncut().events if isinstance(one, kinds) and began <= one.at <= ended}


@gaps_property
def test_after_each_gap_the_picture_gives_the_state_of_the_uncut_day(gaps: list[tuple[int, int]]) -> None:
    """Who waits, who talks with whom, every agent's state and reason; two things no list of Asterisk shows (docs)."""
    cut = play(gaps)
    for gap in gaps:
        end = settled_by(gap)
        ours, theirs = cut.looks[end], uncut().looks[end]
        assert (ours.waiting, ours.talking) == (theirs.waiting, theirs.talking)
        differing = {agent for agent in theirs.labels if ours.labels.get(agent, NEVER_SEEN) != theirs.labels[agent]}
        held = unseen(gap, ContactHeld, ContactResumed)
        wrapped = unseen(gap, WrapUpStarted)
        assert all(_hidden(agent, ours, theirs, held, wrapped) for agent in differing), differing


def _hidden(agent: AgentId, ours: Look, theirs: Look, held: set[AgentId], wrapped: set[AgentId]) -> bool:
    """Hold shows in no list; nor does the queue of the last call, so of two wrap-up times the shorter one is told."""
    mine, true = ours.labels.get(agent, NEVER_SEEN)[0], theirs.labels[agent][0]
    if mine in TALKS and true in TALKS:
        return agent in held
    return true is AgentState.WRAP_UP and mine not in (*TALKS, AgentState.UNKNOWN) and agent in wrapped


@gaps_property
def test_queue_log_repairs_every_count_that_the_gaps_took(gaps: list[tuple[int, int]]) -> None:
    """Per queue and way out, and per agent, as if nothing had been cut; talk to a second each."""
    cut = play(gaps, with_log=True)
    true, repaired = told(), report(cut.floor, now=wire().ended_at)
    talks = Counter(one.queue for one in cut.events if isinstance(one, ContactCorrected) and one.answered_at)
    for queue, numbers in true["queues"].items():
        mine = repaired["queues"][queue]
        assert {key: mine[key] for key in COUNTS} == {key: numbers[key] for key in COUNTS}, queue
        assert abs(handled_ms(mine) - handled_ms(numbers)) <= 1000 * talks[QueueName(queue)]
    for agent, numbers in true["agents"].items():
        assert repaired["agents"][agent]["answered"] == numbers["answered"], agent


@gaps_property
def test_what_nobody_can_know_is_a_gap_and_nothing_is_guessed(gaps: list[tuple[int, int]]) -> None:
    """Each gap is named from the last byte heard to the end of its picture; corrections say only what the log says."""
    cut = play(gaps, with_log=True)
    lost = [one.at for one in cut.events if isinstance(one, SourceLost)]
    assert lost == [times(gap)[0] for gap in gaps]
    assert [(one.began, one.ended) for one in cut.floor.gaps] == [
        (times(gap)[0], wire().messages[settled_by(gap)][1]) for gap in gaps
    ]
    truth = {(one.call, one.queue) for one in wire().log if one.event == "ENTERQUEUE"}
    seen: dict[tuple[str, int], Outcome] = {}
    for one in cut.events:
        if isinstance(one, ContactCorrected):
            assert one.witness is Witness.LOG
            assert (one.contact, one.queue) in truth
            assert seen.get((one.contact, one.leg)) in (None, Outcome.TALKING)
            seen[one.contact, one.leg] = one.outcome


@gaps_property
def test_each_talk_that_was_repaired_is_right_to_a_second(gaps: list[tuple[int, int]]) -> None:
    """Against queue_log's own whole seconds and the uncut day's events."""
    ends = {
        (one.call, one.queue): one.seconds(1 if one.event.startswith("COMPLETE") else 3)
        for one in wire().log
        if one.event.startswith("COMPLETE") or one.event.endswith("TRANSFER")
    }
    for one in play(gaps, with_log=True).events:
        if isinstance(one, ContactCorrected) and one.talk_ms is not None:
            assert abs(one.talk_ms - (ends[one.contact, one.queue] or 0) * 1000) <= 1000


@cache
def told() -> dict[str, Any]:
    return report(uncut().floor, now=wire().ended_at)


def handled_ms(queue: dict[str, Any]) -> int:
    return int(queue["talk_ms"]["sum"] + queue["hold_ms"]["sum"])


def test_without_a_gap_the_log_corrects_nothing() -> None:
    """Two witnesses of one day that agree: not one correction."""
    whole = play(with_log=True)
    assert not [one for one in whole.events if isinstance(one, ContactCorrected)]
    assert whole.events == uncut().events
