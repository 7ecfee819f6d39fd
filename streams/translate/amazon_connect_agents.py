"""An agent before and after. In: two snapshots. Out: signing in and out, pauses, queues, skills, contacts.

What an event tells follows from its two snapshots alone, so events may come in any order and more than once. "Offline"
is signed out. A contact missed, rejected or failed keeps its agent from getting another until it is cleared: not ready.
Source: guide, "Agent event streams data model", "About contact states", "Determine ACW time". May not know: bytes.
"""

from dataclasses import dataclass

from streams.translate.amazon_connect_contacts import Work, tell_change, tell_seen, works_of
from streams.translate.amazon_connect_shapes import AgentEvent, Named, Proficiency, Snapshot, Status
from streams.translate.amazon_connect_teller import Teller
from streams.translate.amazon_connect_words import Phase, agent_of, person_of
from streams.vocabulary import events as ev
from streams.vocabulary.ids import AgentId, Millis, QueueName
from streams.vocabulary.states import AgentState

MOST_QUEUES = 300
_EVERY_QUEUE = QueueName("")


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """The status axis as one snapshot shows it. `reserved`: the next status, once the contacts are done."""

    signed_in: bool
    not_ready: bool = False
    reason: str = ""
    since: Millis | None = None
    reserved: tuple[AgentState, str] | None = None
    name: str = ""
    queues: tuple[QueueName, ...] = ()
    skills: tuple[tuple[str, int], ...] = ()


AWAY = Standing(signed_in=False)


def agent_of_event(event: AgentEvent) -> AgentId:
    for snapshot in (event.current_agent_snapshot, event.previous_agent_snapshot):
        if snapshot is not None and snapshot.configuration is not None and snapshot.configuration.username:
            return AgentId(snapshot.configuration.username)
    return agent_of(None, event.agent_arn)


def tell_agent(teller: Teller, event: AgentEvent, agent: AgentId) -> None:
    """What changed between the snapshots. LOGIN has none before it, after LOGOUT there is nothing to serve with."""
    before = event.previous_agent_snapshot if event.event_type != "LOGIN" else None
    after = event.current_agent_snapshot
    works_before = works_of(before.contacts if before else None, teller)
    works_after = works_of(after.contacts if after else None, teller)
    was = _standing(before, works_before, teller)
    now = AWAY if event.event_type == "LOGOUT" else _standing(after, works_after, teller)
    if not was.signed_in and now.signed_in:
        _sign_in(teller, agent, now)
        was = now
    if now.signed_in and now.not_ready and (now.not_ready, now.reason) != (was.not_ready, was.reason):
        teller.tell(ev.AgentNotReady, agent=agent, reason=now.reason)
    for key in [*works_before, *(one for one in works_after if one not in works_before)]:
        tell_change(teller, agent, works_before.get(key), works_after.get(key))
    _tell_wrap_up(teller, agent, works_before, works_after)
    if now.signed_in:
        if was.not_ready and not now.not_ready:
            teller.tell(ev.AgentReady, agent=agent)
        _tell_service(teller, agent, was, now)
    elif was.signed_in or event.event_type in ("LOGIN", "LOGOUT"):
        # told after LOGIN too: an agent who is here but offline is known, and signed out
        teller.tell(ev.AgentSignedOut, agent=agent, reason="" if event.event_type == "LOGOUT" else now.reason)


def tell_agent_seen(teller: Teller, event: AgentEvent, agent: AgentId, *, in_picture: bool) -> None:
    """The current snapshot said again. `in_picture`: the queues served are named, too."""
    after = event.current_agent_snapshot
    works = works_of(after.contacts if after else None, teller)
    now = AWAY if event.event_type == "LOGOUT" else _standing(after, works, teller)
    teller.tell(
        ev.AgentSeen,
        agent=agent,
        queue=_EVERY_QUEUE,
        name=now.name,
        signed_in=now.signed_in,
        not_ready=now.not_ready,
        reason=now.reason,
        not_ready_since=now.since if now.not_ready else None,
        in_contact=any(work.phase in (Phase.TALKING, Phase.HELD) for work in works.values()),
    )
    if in_picture and now.signed_in:
        for queue in now.queues:
            teller.tell(ev.AgentSeen, agent=agent, queue=queue, name=now.name)
    for work in works.values():
        tell_seen(teller, agent, work)


def _sign_in(teller: Teller, agent: AgentId, now: Standing) -> None:
    teller.tell(
        ev.AgentSignedIn, agent=agent, name=now.name, not_ready=now.not_ready, reason=now.reason, since=now.since
    )
    for queue in now.queues:
        teller.tell(ev.AgentJoinedQueue, agent=agent, queue=queue, name=now.name)
    if now.skills:
        teller.tell(ev.AgentSkills, agent=agent, skills=dict(now.skills))
    if now.reserved is not None:
        teller.tell(ev.AgentReserved, agent=agent, state=now.reserved[0], reason=now.reserved[1])


def _tell_service(teller: Teller, agent: AgentId, was: Standing, now: Standing) -> None:
    for queue in was.queues:
        if queue not in now.queues:
            teller.tell(ev.AgentLeftQueue, agent=agent, queue=queue)
    for queue in now.queues:
        if queue not in was.queues:
            teller.tell(ev.AgentJoinedQueue, agent=agent, queue=queue, name=now.name)
    if now.skills != was.skills:
        teller.tell(ev.AgentSkills, agent=agent, skills=dict(now.skills))
    if now.reserved != was.reserved:
        state, reason = now.reserved or (AgentState.READY, "")
        teller.tell(ev.AgentReserved, agent=agent, state=state, reason=reason)


def _tell_wrap_up(teller: Teller, agent: AgentId, before: dict[str, Work], after: dict[str, Work]) -> None:
    """Several contacts may be in after-contact work at once; it is over when the last one is cleared."""
    over_before = {key for key, work in before.items() if work.phase is Phase.OVER}
    over_after = {key: work for key, work in after.items() if work.phase is Phase.OVER}
    if not over_before or over_before <= over_after.keys():
        return
    if not over_after:
        teller.tell(ev.WrapUpEnded, agent=agent)
    elif over_after.keys() <= over_before:
        left = max(over_after.values(), key=lambda work: work.since)
        teller.tell(ev.WrapUpStarted, agent=agent, **left.visit)


def _standing(snapshot: Snapshot | None, works: dict[str, Work], teller: Teller) -> Standing:
    if snapshot is None or snapshot.agent_status is None:
        return AWAY
    status, config = snapshot.agent_status, snapshot.configuration
    state = _state_of(status)
    refused = next((work for work in works.values() if work.phase is Phase.REFUSED), None)
    profile = config.routing_profile if config else None
    following = snapshot.next_agent_status
    if state is AgentState.READY and refused is not None:
        state, reason, since = AgentState.NOT_READY, refused.state.lower(), refused.since
    else:
        reason = "" if state is AgentState.READY else (status.name or "")
        since = teller.moment(status.start_timestamp) or teller.at
    return Standing(
        signed_in=state is not AgentState.SIGNED_OUT,
        not_ready=state is AgentState.NOT_READY,
        reason=reason,
        since=since,
        reserved=(_state_of(following), following.name or "") if following is not None and following.name else None,
        name=person_of(config.first_name, config.last_name) if config else "",
        queues=_queues_of(profile.inbound_queues if profile else None),
        skills=_skills_of(config.proficiencies if config else None),
    )


def _queues_of(queues: list[Named] | None) -> tuple[QueueName, ...]:
    """Without the agent's own queue, which has no name."""
    return tuple(dict.fromkeys(QueueName(one.name) for one in queues or () if one.name))[:MOST_QUEUES]


def _skills_of(proficiencies: list[Proficiency] | None) -> tuple[tuple[str, int], ...]:
    found = {
        f"{one.name}:{one.value}" if one.value else one.name: round(min(max(one.proficiency_level or 0.0, 0.0), 100.0))
        for one in proficiencies or ()
    }
    return tuple(sorted(found.items()))


def _state_of(status: Status) -> AgentState:
    """Streams of before 2020 carry no type: then the two names count that Amazon Connect gives itself."""
    kind = status.type or {"Available": "ROUTABLE", "Offline": "OFFLINE"}.get(status.name or "", "CUSTOM")
    if kind == "ROUTABLE":
        return AgentState.READY
    return AgentState.SIGNED_OUT if kind == "OFFLINE" else AgentState.NOT_READY
