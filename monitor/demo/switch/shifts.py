"""Agents come, rest and go; queues run into trouble every few minutes. In: the laws. Out: told events.

Pure. A break begins whatever the agent does, as with any AMI QueuePause: a call that is up goes on to its end.
"""

from dataclasses import dataclass
from functools import partial

from monitor.demo.switch.floor import Floor, QueueState
from monitor.demo.switch.ledger import seconds
from monitor.demo.switch.members import NOT_INUSE, UNAVAILABLE, Agent, Doing, member_event_fields
from monitor.demo.switch.queueing import Leaving, is_empty, leave

_BETWEEN_BREAKS_S = 110 * 60
_BETWEEN_SHIFTS_S = 110 * 60
_AWAY_S = 240
_UNREACHABLE_EVERY_S = 20 * 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Dips:
    """When a queue's service level falls: the first, the pace, the length (seconds of the demo's day); 0 = never."""

    first_s: float = 12
    every_s: float = 240
    last_s: float = 60
    burst: float = 2.2
    away: float = 0.85
    """Share of the queue's agents who go to lunch together, or, with another first skill, help out elsewhere."""


def begin(floor: Floor) -> None:
    """The state a switch that has run for hours already has: told to nobody, found by QueueStatus."""
    for agent in floor.agents.values():
        if agent.card.fixed or floor.random.random() < 0.96:
            since_s = floor.random.randrange(1800, 14_400)
            floor.sign_in(agent, login_s=floor.now_s - (259_200 if agent.card.fixed else since_s))
            if floor.random.random() < 0.09:
                _already_on_break(floor, agent)
        else:
            floor.later(floor.laws.about(_AWAY_S / 2), partial(sign_in, floor, agent))
        floor.later(floor.laws.about(_BETWEEN_BREAKS_S), partial(_break, floor, agent))
        if not agent.card.fixed:
            floor.later(floor.laws.about(_BETWEEN_SHIFTS_S), partial(sign_out, floor, agent))
    floor.later(floor.laws.about(_unreachable_pace(floor)), partial(_lose_telephone, floor))


def _already_on_break(floor: Floor, agent: Agent) -> None:
    reason, length_ms = floor.laws.break_reason()
    gone_ms = round(length_ms * floor.random.random())
    agent.on_break = True
    for member in agent.members.values():
        member.paused, member.reason = True, reason
        member.last_pause_s = seconds(floor.now - gone_ms)
    floor.refresh(agent)
    floor.later(length_ms - gone_ms, partial(_return, floor, agent))


def _break(floor: Floor, agent: Agent) -> None:
    if agent.signed_in and not agent.on_break:
        reason, length_ms = floor.laws.break_reason()
        go(floor, agent, reason, length_ms)
    floor.later(floor.laws.about(_BETWEEN_BREAKS_S), partial(_break, floor, agent))


def go(floor: Floor, agent: Agent, reason: str, length_ms: int) -> None:
    agent.on_break = True
    floor.pause(agent, agent.members.values(), reason=reason, paused=True)
    empty_check(floor, agent)
    floor.later(length_ms, partial(_return, floor, agent))


def _return(floor: Floor, agent: Agent) -> None:
    if not agent.on_break:
        return
    agent.on_break = False
    if agent.signed_in:
        floor.pause(agent, agent.members.values(), reason="", paused=False)


def sign_in(floor: Floor, agent: Agent) -> None:
    if agent.signed_in:
        return
    floor.sign_in(agent, login_s=floor.now_s)
    for member in agent.members.values():
        floor.ledger.log(floor.now, "MANAGER", member.queue, agent.card.name, "ADDMEMBER", "")
        floor.tell.agent("QueueMemberAdded", member_event_fields(agent, member))


def sign_out(floor: Floor, agent: Agent) -> None:
    """Also in the middle of a call: it goes on, and its AgentComplete still comes."""
    if agent.signed_in and not agent.on_break and (agent.doing is Doing.FREE or floor.random.random() < 0.2):
        for member in agent.members.values():
            floor.ledger.log(floor.now, "MANAGER", member.queue, agent.card.name, "REMOVEMEMBER", "")
            floor.tell.agent("QueueMemberRemoved", member_event_fields(agent, member))
        agent.members.clear()
        floor.refresh(agent)
        empty_check(floor, agent)
        floor.later(floor.laws.about(_AWAY_S), partial(sign_in, floor, agent))
    floor.later(floor.laws.about(_BETWEEN_SHIFTS_S), partial(sign_out, floor, agent))


def empty_check(floor: Floor, agent: Agent) -> None:
    """leavewhenempty: once nobody can serve, who waits is sent away at the next look."""
    for skill in agent.card.skills:
        state = floor.queues[skill.queue]
        if state.spec.empty_rule and state.waiting and is_empty(floor, skill.queue):
            floor.later(floor.laws.between(0.2, 1), partial(_send_away, floor, state))


def _send_away(floor: Floor, state: QueueState) -> None:
    if is_empty(floor, state.spec.name):
        for contact in list(state.waiting):
            if contact.offer is None:
                leave(floor, contact, how=Leaving.EMPTY)


def _unreachable_pace(floor: Floor) -> float:
    return _UNREACHABLE_EVERY_S * 200 / len(floor.agents)


def _lose_telephone(floor: Floor) -> None:
    agent = floor.random.choice(list(floor.agents.values()))
    if agent.doing is Doing.FREE and agent.device == NOT_INUSE and floor.now >= agent.free_at:
        peer = (("ChannelType", "PJSIP"), ("Peer", agent.interface), ("PeerStatus", "Unreachable"))
        floor.tell.event("PeerStatus", "system", peer)
        floor.device(agent, UNAVAILABLE)
        floor.later(floor.laws.between(20, 50), partial(_telephone_back, floor, agent))
    floor.later(floor.laws.about(_unreachable_pace(floor)), partial(_lose_telephone, floor))


def _telephone_back(floor: Floor, agent: Agent) -> None:
    if agent.device == UNAVAILABLE:
        peer = (("ChannelType", "PJSIP"), ("Peer", agent.interface), ("PeerStatus", "Reachable"))
        floor.tell.event("PeerStatus", "system", peer)
        floor.device(agent, NOT_INUSE)


def plan_dips(floor: Floor, dips: Dips) -> None:
    if dips.every_s:
        floor.later(floor.laws.scaled(dips.first_s), partial(_dip, floor, dips, 0))


def _dip(floor: Floor, dips: Dips, number: int) -> None:
    """A rush of callers while a good part of the queue's agents is away."""
    names = ("billing", "broadband", "sales", "vip", "complaints", "roaming")
    state = floor.queues[names[number % len(names)]]
    state.burst = dips.burst
    away_ms = floor.laws.scaled(dips.last_s)
    share = 1.0 if state.spec.empty_rule else dips.away
    for agent in floor.random.sample(list(floor.agents.values()), len(floor.agents)):
        member = agent.members.get(state.spec.name)
        if member is None or agent.on_break or floor.random.random() >= share:
            continue
        if member.penalty == 0:
            go(floor, agent, "餐", away_ms + floor.laws.between(0, 5))
        elif not member.paused:
            floor.pause(agent, [member], reason="支援", paused=True, by_all=False)
            empty_check(floor, agent)
            floor.later(away_ms + floor.laws.between(0, 5), partial(_back_in, floor, agent, state.spec.name))
    floor.later(round(away_ms * 0.7), partial(_calm, state))
    floor.later(floor.laws.scaled(dips.every_s), partial(_dip, floor, dips, number + 1))


def _back_in(floor: Floor, agent: Agent, queue: str) -> None:
    member = agent.members.get(queue)
    if member is not None and member.reason == "支援":
        floor.pause(agent, [member], reason="", paused=False, by_all=False)


def _calm(state: QueueState) -> None:
    state.burst = 1.0
