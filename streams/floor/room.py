"""How much one floor holds. In: an event, a state. Out: whether there is room for whom it names, or what made room.

Names come from wires and pushers: one that invents them must not take the memory, or the seconds, of the whole site.
May not know: what the event does.
"""

from typing import Final

from streams.floor.closing import finish_talk, lose
from streams.floor.outputs import AnomalyKind
from streams.floor.state import FloorState, Writing, visit_id
from streams.vocabulary.events import Event

MOST_QUEUES: Final = 1_000
"""Each is counted and published every second: a thousand cost 8 % of a core."""
MOST_AGENTS: Final = 20_000
MOST_VISITS: Final = 50_000
MOST_TURNED_AWAY: Final = 200_000


def is_full(state: FloorState) -> bool:
    """Cheap, asked for each event; only then is it looked whom the event names."""
    return (
        len(state.queues) >= MOST_QUEUES
        or len(state.agents) >= MOST_AGENTS
        or len(state.visits) >= MOST_VISITS
        or len(state.turned_away) >= MOST_TURNED_AWAY
    )


def has_room(event: Event, writing: Writing) -> bool:
    """False: whom it names is not taken in. Who is known goes on as ever."""
    state = writing.state
    queue, agent = getattr(event, "queue", ""), getattr(event, "agent", "")
    if queue and len(state.queues) >= MOST_QUEUES and queue not in state.queues:
        writing.anomaly(AnomalyKind.TOO_MANY_QUEUES, queue)
        return False
    if agent and len(state.agents) >= MOST_AGENTS and agent not in state.agents:
        writing.anomaly(AnomalyKind.TOO_MANY_AGENTS, agent)
        return False
    if len(state.turned_away) >= MOST_TURNED_AWAY:
        state.turned_away = dict(list(state.turned_away.items())[MOST_TURNED_AWAY // 2 :])
    if len(state.visits) >= MOST_VISITS:
        _give_up_oldest(writing)
    return True


def _give_up_oldest(writing: Writing) -> None:
    """A tenth at once: one by one, each would cost a walk over those before it that are gone."""
    for visit in list(writing.state.visits.values())[: MOST_VISITS // 10]:
        writing.anomaly(AnomalyKind.TOO_MANY_CONTACTS, visit_id(visit.key))
        if visit.answered_at:
            finish_talk(visit, writing, writing.at)
        else:
            lose(visit, writing, reason=str(AnomalyKind.TOO_MANY_CONTACTS))
