"""A collector killed anywhere in a real Asterisk's day: with its spool the next one tells what it would have told."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from streams.floor.fold import Floor
from streams.floor.report import report
from streams.translate.asterisk import AsteriskTranslator
from streams.vocabulary.events import Event, SourceLost
from streams.vocabulary.ids import AgentId, Millis
from streams.vocabulary.states import AgentState, GapReason
from tests.asterisk_gaps import SITE, SOURCE, gap_until, settled_by, wire

Gap = tuple[int, int]
KEPT_MS = 150_000
"""So much is recalled: two pictures and what came after."""
PHASES = (Phase.explicit, Phase.reuse, Phase.generate)
"""Two numbers need no shrinking, which would replay the capture a thousand times."""


@dataclass(frozen=True, slots=True)
class Day:
    """The floor with the first picture after the gap: agents' labels, open visits; and the whole day's report."""

    agents: dict[AgentId, tuple[AgentState, str]]
    visits: frozenset[tuple[Any, ...]]
    report: dict[str, Any]


def translator() -> AsteriskTranslator:
    return AsteriskTranslator(site=SITE, source=SOURCE, settings=wire().capture.settings)


def live(gap: Gap, *, killed: bool) -> Day:
    """The gap's bytes are heard by nobody; `killed`: nor does anybody remember them but the spool."""
    here, (first, back) = wire(), gap
    floor = Floor(SITE, targets_ms=here.capture.settings.targets_ms())
    ours = translator()
    told = list(heard(ours, 0, first, connected_at=here.capture.connections[0].connected_at))
    lost_at = here.messages[first - 1][1]
    if killed:
        ours = translator()
        ours.recall([one for one in told if one.at > lost_at - KEPT_MS])
        gap_told = SourceLost(at=lost_at, site=SITE, source=SOURCE, seq=told[-1].seq + 1, reason=GapReason.DISCONNECTED)
        told.append(gap_told)
    else:
        told += ours.lost(lost_at)
    settled = settled_by(gap) + 1
    apply(floor, [*told, *heard(ours, back, settled, connected_at=here.messages[back][1])])
    agents = {agent.id: (agent.state, agent.reason) for agent in floor.agents.values()}
    visits = frozenset(
        (one.contact, one.leg, one.queue, one.queued_at, one.answered_at, one.agent)
        for one in floor.state.visits.values()
    )
    apply(floor, list(heard(ours, settled, len(here.messages))))
    floor.advance(here.ended_at)
    return Day(agents, visits, report(floor, now=here.ended_at))


def heard(ours: AsteriskTranslator, first: int, end: int, *, connected_at: Millis | None = None) -> Iterator[Event]:
    if connected_at is not None:
        yield from ours.connected(connected_at)
    for message, at in wire().messages[first:end]:
        yield from ours.translate(message, at)


def apply(floor: Floor, events: Sequence[Event]) -> None:
    for event in events:
        floor.apply(event)


@cache
def pictures() -> list[int]:
    return sorted(wire().pictures)


PICTURES = st.deferred(lambda: st.integers(1, len(pictures()) - 1))
LENGTHS_MS = st.integers(1_000, 90_000)


@settings(max_examples=25, deadline=None, phases=PHASES)
@given(PICTURES, LENGTHS_MS)
def test_a_kill_costs_no_more_than_a_lost_connection(picture: int, length_ms: int) -> None:
    """Heard again from a picture on, as after a log-in: map, legs, and every number of the day are the same."""
    gap = gap_until(pictures()[picture], length_ms)
    assert live(gap, killed=True) == live(gap, killed=False)


@settings(max_examples=15, deadline=None, phases=PHASES)
@given(st.data(), PICTURES, LENGTHS_MS)
def test_the_map_is_the_same_even_if_something_is_heard_before_the_picture(
    data: st.DataObject, picture: int, length_ms: int
) -> None:
    """A hang-up of a channel whose name nobody remembers ends its talk with the picture, and not before."""
    back = data.draw(st.integers(wire().pictures[pictures()[picture - 1]] + 1, pictures()[picture]))
    gap = gap_until(back, length_ms)
    killed, lost = live(gap, killed=True), live(gap, killed=False)
    assert killed.agents == lost.agents
    assert killed.visits == lost.visits
