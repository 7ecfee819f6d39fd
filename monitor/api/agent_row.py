"""One agent as JSON, of now or of the past. In: a floor, an agent's record. Out: builtins for `/api/v1/agents/{agent}`.

May not know: requests, whether the floor is the living one.
"""

from dashboards.agent_today import AgentToday, agent_today
from monitor.api.live import LiveFloor
from seat_map.shown import shown
from streams.floor.certainty import certainty_of
from streams.floor.records import AgentRecord, Visit
from streams.vocabulary.ids import Millis
from streams.vocabulary.states import AgentState


def short_row(floor: LiveFloor, agent: AgentRecord, now: Millis) -> dict[str, object]:
    """One of all, for `/api/v1/floor`."""
    doubt = floor.doubt(agent, now)
    return {
        "agent": agent.id,
        "name": shown(agent.name),
        "state": AgentState.UNKNOWN if agent.lost_since is not None else agent.state,
        "reason": agent.reason,
        "since": agent.since,
        "queue": agent.queue,
        "contact": agent.contact,
        "certainty": certainty_of(doubt),
        "doubt": doubt,
    }


def agent_row(
    floor: LiveFloor, agent: AgentRecord, now: Millis, *, day_began: Millis | None = None
) -> dict[str, object]:
    """`day_began`: the local midnight, so that a stretch from before it counts from there."""
    following = agent.next_state
    return {
        **short_row(floor, agent, now),
        "extension": agent.extension,
        "next": None if following is None else {"state": following[0], "reason": following[1]},
        "queues": [
            {
                "queue": one.queue,
                "not_ready": one.not_ready,
                "reason": one.reason,
                "device": one.device,
                "penalty": one.penalty,
            }
            for one in agent.memberships.values()
        ],
        "skills": dict(sorted(agent.skills.items(), key=lambda skill: (-skill[1], skill[0]))),
        "contacts": [contact_row(visit) for visit in open_visits(floor, agent)],
        "device": agent.device,
        "today": agent.today,
        "numbers": today_row(agent_today(agent, now, day_began=day_began)),
    }


def today_row(today: AgentToday) -> dict[str, object]:
    """With the running stretch; `occupancy` as [part, whole] in ms."""
    occupancy = today.occupancy
    return {
        "handled": today.handled,
        "declined": today.declined,
        "handling_ms": today.handling_ms,
        "ready_ms": today.ready_ms,
        "not_ready_ms": today.not_ready_ms,
        "aht_ms": today.aht,
        "occupancy": [occupancy.part, occupancy.whole],
    }


def open_visits(floor: LiveFloor, agent: AgentRecord) -> list[Visit]:
    """The contacts an agent has: talks first, the latest (which gives the label) before the others, then offers."""
    keys = [*reversed(agent.talks), *reversed(agent.offers)]
    return [visit for key in keys if (visit := floor.visits.get(key)) is not None]


def contact_row(visit: Visit) -> dict[str, object]:
    """Never the customer's number: who may see that opens the contact."""
    return {
        "contact": visit.contact,
        "leg": visit.leg,
        "queue": visit.queue,
        "channel": visit.channel,
        "direction": visit.direction,
        "state": _state(visit),
        "tier": visit.tier,
        "queued_at": visit.queued_at,
        "answered_at": visit.answered_at or None,
        "parties": len(visit.parties),
        "consulting": visit.consulting is not None,
    }


def _state(visit: Visit) -> str:
    if visit.answered_at:
        return AgentState.ON_HOLD if visit.held_since is not None else AgentState.ON_CONTACT
    return "dialling" if visit.dialled_at else AgentState.OFFERED
