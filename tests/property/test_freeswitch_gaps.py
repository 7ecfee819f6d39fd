"""Stretches cut out of a real FreeSWITCH's events: the lists restore what can be known, the rest is a named gap."""

from bisect import bisect_right
from functools import cache

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from streams.collect.freeswitch_capture import esl_events_of, play_esl
from streams.floor.fold import Floor
from streams.floor.report import report
from streams.translate.freeswitch import FreeswitchTranslator
from streams.vocabulary import events as ev
from streams.vocabulary.ids import AgentId, Millis, SiteId, SourceId
from streams.vocabulary.states import AgentState
from tests.golden.freeswitch_runs import agent_lists, slim, with_gap

BEGAN = slim().connections[0].connected_at
ENDED = slim().ended_at
PICTURES = [one.t for one in agent_lists(slim())]
SETTLED_MS = 600
"""A picture is drawn in some 5 ms; an event may be read half a second after a list that knows of it already."""


@cache
def uncut() -> tuple[ev.Event, ...]:
    return tuple(esl_events_of(slim(), FreeswitchTranslator(site=SiteId("s"), source=SourceId("fs"))))


def floor_at(events: tuple[ev.Event, ...], now: int) -> Floor:
    floor = Floor(SiteId("s"))
    for event in events:
        if event.at > now:
            break
        floor.apply(event)
    floor.advance(Millis(now))
    return floor


def open_visits(floor: Floor) -> set[tuple[str, str, str]]:
    return {(one.contact, one.queue, one.agent or "") for one in floor.state.visits.values()}


def labels(floor: Floor) -> dict[AgentId, str]:
    """Why a break was ordered, and whether a hold runs, a list tells late or not at all."""
    words = {AgentState.ON_HOLD: "on_contact"}
    return {name: words.get(one.state, one.state) for name, one in floor.agents.items()}


PHASES = (Phase.explicit, Phase.reuse, Phase.generate)
"""Two numbers need no shrinking, which would replay the capture a thousand times."""
GAPS = st.tuples(st.integers(2_000, ENDED - BEGAN - 12_000), st.integers(50, 60_000))


@settings(max_examples=30, deadline=None, phases=PHASES)
@given(GAPS)
def test_after_the_first_picture_state_equals_the_uncut_replay(gap: tuple[int, int]) -> None:
    """Every agent's label, every open visit and who serves it, wherever the gap lies."""
    began, ended = BEGAN + gap[0], min(BEGAN + gap[0] + gap[1], ENDED - 12_000)
    cut = tuple(
        esl_events_of(with_gap(slim(), began, ended), FreeswitchTranslator(site=SiteId("s"), source=SourceId("fs")))
    )
    now = PICTURES[bisect_right(PICTURES, ended)] + SETTLED_MS
    whole, restored = floor_at(uncut(), now), floor_at(cut, now)
    assert {one[:2] for one in open_visits(restored)} == {one[:2] for one in open_visits(whole)}
    assert open_visits(restored) == open_visits(whole)
    assert labels(restored) == labels(whole)


@settings(max_examples=20, deadline=None, phases=PHASES)
@given(GAPS)
def test_a_gap_is_named_and_nothing_of_it_is_guessed(gap: tuple[int, int]) -> None:
    """One gap with its bounds; each queue's sums hold; no count is above the uncut one."""
    began, ended = BEGAN + gap[0], min(BEGAN + gap[0] + gap[1], ENDED - 12_000)
    played = play_esl(with_gap(slim(), began, ended), site=SiteId("s"))
    (told,) = played.floor.gaps
    assert told.began == max(read.t for read in slim().connections[0].reads if read.t <= began)
    assert told.ended is not None
    assert ended <= told.ended <= ended + 11_000
    cut, whole = (report(floor, now=ENDED)["queues"] for floor in (played.floor, floor_at(uncut(), ENDED)))
    for name, queue in cut.items():
        ends = queue["answered"] + queue["abandoned"] + sum(queue["overflowed"].values()) + queue["lost"]
        assert queue["offered"] == ends + queue["waiting"]
        for key in ("offered", "answered", "abandoned"):
            assert queue[key] <= whole[name][key]


@settings(max_examples=10, deadline=None, phases=PHASES)
@given(GAPS)
def test_agents_are_unknown_from_the_last_byte_to_the_picture(gap: tuple[int, int]) -> None:
    """An agent shown ready who is really unknown is the one thing a wall must not show."""
    began, ended = BEGAN + gap[0], min(BEGAN + gap[0] + gap[1], ENDED - 12_000)
    cut = tuple(
        esl_events_of(with_gap(slim(), began, ended), FreeswitchTranslator(site=SiteId("s"), source=SourceId("fs")))
    )
    picture = PICTURES[bisect_right(PICTURES, ended)]
    for now in (began + 1, ended, picture - 1):
        assert {one.state for one in floor_at(cut, now).agents.values()} == {AgentState.UNKNOWN}
