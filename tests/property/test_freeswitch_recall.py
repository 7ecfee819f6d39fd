"""A collector killed anywhere in a real FreeSWITCH's capture: the next one gives each caller the leg the first had."""

from bisect import bisect_right
from dataclasses import replace

from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st

from streams.collect.freeswitch_capture import esl_events_of
from streams.floor.fold import Floor
from streams.translate.freeswitch import FreeswitchTranslator
from streams.vocabulary.events import Event
from streams.vocabulary.ids import AgentId, Millis, SiteId, SourceId
from tests.golden.freeswitch_runs import agent_lists, slim, with_gap

SITE, SOURCE = SiteId("s"), SourceId("fs")
SETTLED_MS = 600
"""A picture is drawn in some 5 ms; an event may be read half a second after a list that knows of it already."""
PHASES = (Phase.explicit, Phase.reuse, Phase.generate)
"""Two numbers need no shrinking, which would replay the capture a thousand times."""


def heard(began: int, ended: int, *, killed: bool) -> list[Event]:
    """What was told before and after the gap; `killed`: by two collectors, of which the second has the spool alone."""
    cut = with_gap(slim(), began, ended)
    ours = FreeswitchTranslator(site=SITE, source=SOURCE)
    if not killed:
        return list(esl_events_of(cut, ours))
    first, second = cut.connections
    before = replace(cut, connections=(first,), polls=tuple(one for one in cut.polls if one.t2 <= began))
    after = replace(cut, connections=(second,))
    told = list(esl_events_of(before, ours))
    ours = FreeswitchTranslator(site=SITE, source=SOURCE, after_seq=told[-1].seq)
    ours.recall(told)
    return [*told, *esl_events_of(after, ours)]


def seen(events: list[Event], now: int) -> tuple[dict[AgentId, str], set[tuple[str, int, str, str | None]]]:
    """Agents' states; open visits with their legs."""
    floor = Floor(SITE)
    for event in events:
        if event.at <= now:
            floor.apply(event)
    floor.advance(Millis(now))
    visits = floor.state.visits.values()
    return (
        {agent.id: agent.state for agent in floor.agents.values()},
        {(one.contact, one.leg, one.queue, one.agent) for one in visits},
    )


@settings(max_examples=20, deadline=None, phases=PHASES)
@given(st.floats(0, 1), st.integers(1_000, 60_000))
@example(0.25338737847200865, 3153)  # one enters the same queue again in the second in which the line was lost
@example(0.5, 2772)  # one is answered and blindly transferred within the gap; his new visit is read before his old talk
def test_a_kill_costs_no_more_than_a_lost_connection(place: float, length_ms: int) -> None:
    """With the first picture after the gap, and half a minute later."""
    first, last = slim().connections[0].connected_at + 2_000, slim().ended_at - 45_000
    began = round(first + place * (last - first))
    ended = min(began + length_ms, last)
    pictures = [one.t for one in agent_lists(slim())]
    picture = pictures[bisect_right(pictures, ended)] + SETTLED_MS
    killed, lost = (heard(began, ended, killed=one) for one in (True, False))
    for now in (picture, picture + 30_000):
        assert seen(killed, now) == seen(lost, now)
