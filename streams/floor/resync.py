"""Losing a source, and comparing the floor with a full picture of it. In: source and *Seen events. Out: repairs, gaps.

A picture may be a little older than the events around it, so what is missing from one picture is closed at once only
after a gap; else a second picture must miss it too (a minute later). May not know: how a switch draws its picture.
"""

from streams.floor.closing import count_unseen_answer, finish_talk, lose
from streams.floor.contacts import open_visit
from streams.floor.label import derive
from streams.floor.outputs import AnomalyKind
from streams.floor.records import AgentRecord, Gap, Membership, Picture, Visit, all_not_ready_since
from streams.floor.state import Writing, visit_id
from streams.vocabulary.events import (
    AgentSeen,
    ContactSeen,
    ResyncBegan,
    ResyncEnded,
    SourceLost,
    TalkSeen,
)
from streams.vocabulary.ids import AgentId, Millis, QueueName
from streams.vocabulary.states import AgentState, Device, GapReason


def source_lost(event: SourceLost, writing: Writing) -> None:
    state = writing.state
    state.pictures.pop(event.source, None)
    if event.source in state.blind:
        return
    # a collector that starts cannot know how long nobody listened: at least since the last that was heard
    late = event.reason is GapReason.STARTED_LATE and state.at > 0
    gap = Gap(source=event.source, began=state.at if late else event.at, ended=None, reason=event.reason)
    state.blind[event.source] = gap
    state.gaps.append(gap)
    for agent in state.agents.values():
        if agent.source == event.source:
            agent.lost_since = gap.began
            writing.relabel(agent, since=gap.began)


def began(event: ResyncBegan, writing: Writing) -> None:
    blind = event.source in writing.state.blind
    writing.state.pictures[event.source] = Picture(began=event.at, after_gap=blind)


def agent_seen(event: AgentSeen, writing: Writing) -> None:
    new = event.agent not in writing.state.agents
    agent = writing.agent(event.agent, event.source)
    agent.source = event.source
    agent.name = event.name or agent.name
    agent.extension = event.extension or agent.extension
    writing.queue(event.queue, event.source)
    since = event.not_ready_since if event.not_ready else None
    membership = agent.memberships.get(event.queue)
    if membership is None:
        membership = agent.memberships[event.queue] = Membership(queue=event.queue, joined_at=event.at)
    membership.penalty = event.penalty
    membership.device = event.device
    if (membership.not_ready, membership.reason) != (event.not_ready, event.reason):
        membership.not_ready, membership.reason = event.not_ready, event.reason
        membership.not_ready_since = (since or event.at) if event.not_ready else Millis(0)
    if picture := writing.state.pictures.get(event.source):
        picture.agents.append((event.agent, event.queue))
    if new and since is not None:
        agent.since = min(since, event.at)  # nothing is remembered of before, so nothing can overlap
    writing.relabel(agent, since=_since(agent, writing))


def contact_seen(event: ContactSeen, writing: Writing) -> None:
    key = (event.contact, event.leg)
    if picture := writing.state.pictures.get(event.source):
        picture.contacts.append(key)
    visit = writing.state.visits.get(key)
    if visit is None and key not in writing.state.closed:
        queued_at = Millis(event.at - event.wait_ms)
        visit = open_visit(writing, event.contact, event.leg, event.queue, event.source, queued_at)
        visit.customer, visit.customer_name = event.customer, event.customer_name
    elif visit is not None:
        visit.missing = False


def talk_seen(event: TalkSeen, writing: Writing) -> None:
    key = (event.contact, event.leg)
    if picture := writing.state.pictures.get(event.source):
        picture.talks.append(key)
    visit = writing.state.visits.get(key)
    if visit is not None and visit.answered_at:
        visit.missing = False
    elif key not in writing.state.closed:
        _answered_unseen(event, writing, visit)


def _answered_unseen(event: TalkSeen, writing: Writing, visit: Visit | None) -> None:
    """Answered while nobody listened: that it was is certain, when is not, so it never counts as within target."""
    writing.anomaly(AnomalyKind.UNKNOWN_CONTACT_ANSWERED, f"{event.contact}#{event.leg}")
    if visit is None:
        visit = open_visit(writing, event.contact, event.leg, event.queue, event.source, event.at)
    count_unseen_answer(visit, writing)
    visit.agent, visit.answered_at = event.agent, event.at
    agent = writing.agent(event.agent, event.source)
    agent.talks.append(visit.key)
    agent.today.answered += 1
    writing.withdraw_offers(visit)
    writing.relabel(agent)


def ended(event: ResyncEnded, writing: Writing) -> None:
    state = writing.state
    picture = state.pictures.pop(event.source, None)
    if picture is None:
        return
    gap = state.blind.pop(event.source, None)
    if gap is not None:
        gap.ended = event.at
    named = set(picture.contacts) | set(picture.talks)
    for visit in [one for one in state.visits.values() if one.source == event.source]:
        since = visit.answered_at or visit.queued_at
        if visit.key not in named and since < picture.began:
            _missing(visit, writing, picture, blind_since=gap.began if gap else None)
    members = set(picture.agents)
    for agent in [one for one in state.agents.values() if one.source == event.source]:
        _compare_memberships(agent, writing, picture, members)
        agent.lost_since = None
        writing.relabel(agent, since=_since(agent, writing))


def _missing(visit: Visit, writing: Writing, picture: Picture, *, blind_since: Millis | None) -> None:
    if not picture.after_gap and not visit.missing:
        visit.missing = True
        return
    if visit.answered_at:
        writing.anomaly(AnomalyKind.TALK_VANISHED, visit_id(visit.key))
        # when it ended nobody saw: no earlier than the last that was heard, no later than now
        finish_talk(visit, writing, blind_since if blind_since is not None else picture.began)
    else:
        writing.anomaly(AnomalyKind.CONTACT_VANISHED, visit_id(visit.key))
        lose(visit, writing, reason="gap" if picture.after_gap else "vanished")


def _compare_memberships(
    agent: AgentRecord, writing: Writing, picture: Picture, members: set[tuple[AgentId, QueueName]]
) -> None:
    """A reload of the switch drops members without a word; after a gap an offer stands if its telephone still rings."""
    for name, membership in list(agent.memberships.items()):
        if (agent.id, name) not in members and membership.joined_at < picture.began:
            writing.anomaly(AnomalyKind.AGENT_VANISHED, f"{agent.id} in {name}")
            del agent.memberships[name]
    if picture.after_gap:
        for key in [one for one in agent.offers if not _rings(agent, writing.state.visits.get(one))]:
            agent.offers.remove(key)
            if visit := writing.state.visits.get(key):
                visit.offered_to = [name for name in visit.offered_to if name != agent.id]


def _rings(agent: AgentRecord, visit: Visit | None) -> bool:
    membership = agent.memberships.get(visit.queue) if visit is not None else None
    return membership is not None and membership.device in (Device.RINGING, Device.RING_IN_USE)


def _since(agent: AgentRecord, writing: Writing) -> Millis | None:
    """Since when an agent found not ready has been so: a pause keeps its age through a gap."""
    return all_not_ready_since(agent) if derive(agent, writing.state.visits).state is AgentState.NOT_READY else None
