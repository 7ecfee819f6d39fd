"""Who sits where, as agents appear."""

from seat_map.generate import generate
from seat_map.picture import Picture
from streams.floor.certainty import Doubt
from streams.floor.records import AgentRecord
from streams.vocabulary.ids import AgentId, Millis, SourceId
from streams.vocabulary.states import AgentState

NAMES = [AgentId(str(number)) for number in (8030, 8001, 8044, 8002, 8017)]


def floor() -> dict[AgentId, AgentRecord]:
    source = SourceId("switch")
    return {name: AgentRecord(id=name, source=source, state=AgentState.READY, since=Millis(1)) for name in NAMES}


def seats(*steps: set[AgentId]) -> dict[AgentId, int]:
    picture = Picture(generate(40))
    for step in steps:
        picture.update(floor(), step, lambda agent: Doubt.NONE)
    return {agent: place.index for agent, place in picture.seating.places.items()}


def test_everybody_sits_where_they_sat_before_a_restart():
    """Agents who came one by one, and all of them at once after the restart: the floor's order decides, no set's."""
    one_by_one = seats(*({name} for name in NAMES))
    assert seats(set(NAMES)) == one_by_one
    assert [one_by_one[name] for name in NAMES] == [0, 1, 2, 3, 4]


def test_a_doubt_changes_a_row_and_is_told_apart_from_a_change_of_label():
    """The patrol heals labels; certainty changes by time alone, which nobody tells."""
    picture, agents = Picture(generate(40)), floor()
    picture.update(agents, agents, lambda agent: Doubt.NONE)
    assert picture.update(agents, agents, lambda agent: Doubt.NONE) == ([], 0, [])
    assert picture.update(agents, NAMES[:2], lambda agent: Doubt.SILENT) == ([0, 1], 2, [])
    agents[NAMES[0]].state = AgentState.WRAP_UP
    assert picture.update(agents, NAMES[:2], lambda agent: Doubt.NONE) == ([0, 1], 1, [])


def test_an_agent_the_floor_does_not_know_takes_no_seat():
    assert AgentId("9999") not in seats({*NAMES, AgentId("9999")})
