"""Losing a source, and comparing the contacts with a full picture of it. In: source and *Seen events. Out: repairs.

A picture may be a little older than the events around it, so what is missing from one picture is closed at once only
after a gap; else a second picture must miss it too (a minute later). May not know: how a switch draws its picture.
"""

from typing import Final

from streams.floor.certainty import Doubt
from streams.floor.closing import count_answer, count_unseen_answer, finish_talk, lose
from streams.floor.contacts import open_visit
from streams.floor.label import derive
from streams.floor.outputs import AnomalyKind
from streams.floor.records import AgentRecord, Gap, Picture, Visit, all_not_ready_since
from streams.floor.state import EVERY_QUEUE, MOST_GAPS, Writing, visit_id
from streams.floor.status import set_pause
from streams.vocabulary.events import ContactSeen, ResyncBegan, ResyncEnded, SourceLost, TalkSeen
from streams.vocabulary.ids import AgentId, Millis, QueueName, SourceId
from streams.vocabulary.states import AgentState, Device, GapReason, Witness


def source_lost(event: SourceLost, writing: Writing) -> None:
    state = writing.state
    state.pictures.pop(event.source, None)
    if event.source in state.blind:
        return
    # a collector that starts cannot know how long nobody listened: at least since the last that was heard
    late = event.reason is GapReason.STARTED_LATE and state.at > 0
    gap = Gap(source=event.source, began=state.at if late else event.at, ended=None, reason=event.reason)
    state.blind[event.source] = gap
    add_gap(gap, state.gaps)
    for agent in state.agents.values():
        if agent.source == event.source:
            agent.lost_since = gap.began
            writing.relabel(agent, since=gap.began)


def add_gap(gap: Gap, gaps: list[Gap]) -> None:
    gaps.append(gap)
    if len(gaps) > MOST_GAPS:
        # one that still runs is needed by name
        del gaps[next(number for number, one in enumerate(gaps) if one.ended is not None or number == MOST_GAPS)]


def began(event: ResyncBegan, writing: Writing) -> None:
    state = writing.state
    state.pictures[event.source] = Picture(
        began=event.at, after_gap=event.source in state.blind, first=event.source not in state.pictured
    )


def repaired(kind: AnomalyKind, detail: str, source: SourceId, writing: Writing) -> None:
    """What a source's very first picture names was not wrong before: nothing was known."""
    if source in writing.state.pictured:
        writing.repaired(kind, detail)


def contact_seen(event: ContactSeen, writing: Writing) -> None:
    key = (event.contact, event.leg)
    if picture := writing.state.pictures.get(event.source):
        picture.contacts.append(key)
    visit = writing.state.visits.get(key)
    waits = visit is not None and visit.agent is None and not visit.answered_at
    if visit is not None and waits and visit.queue != event.queue:
        _left_unseen(visit, writing)
        visit = None
    if visit is None and key not in writing.state.closed:
        queued_at = Millis(event.at - event.wait_ms)
        visit = open_visit(writing, event.contact, event.leg, event.queue, event.source, queued_at)
        visit.customer, visit.customer_name = event.customer, event.customer_name
        visit.channel = event.channel
        visit.witnesses["queued"] = Witness.PICTURE
        repaired(AnomalyKind.REPAIRED_WAIT, visit_id(key), event.source, writing)
    elif visit is not None:
        visit.missing = False


UNSEEN_LEGS: Final = 1 << 20
"""Added to the number of a stay that a collector without memory numbered again for the next one; no switch counts so
far."""


def _left_unseen(visit: Visit, writing: Writing) -> None:
    """A caller waits elsewhere under the number of this stay: whoever gave it knew of none before (a collector killed
    with its disk). This stay is lost under a number of its own, so that neither is counted for the other."""
    writing.anomaly(AnomalyKind.CONTACT_VANISHED, visit_id(visit.key))
    writing.withdraw_offers(visit)
    writing.leave_queue(visit)
    del writing.state.visits[visit.key]
    visit.leg += UNSEEN_LEGS
    writing.state.visits[visit.key] = visit
    visit.witnesses["ended"] = Witness.PICTURE
    lose(visit, writing, reason="gap")


def talk_seen(event: TalkSeen, writing: Writing) -> None:
    key = (event.contact, event.leg)
    if picture := writing.state.pictures.get(event.source):
        picture.talks.append(key)
    visit = writing.state.visits.get(key)
    if visit is not None and visit.answered_at:
        visit.missing = False
        _hold_seen(event, visit, writing)
        if visit.agent != event.agent:
            _taken_over(event, visit, writing)
    elif key not in writing.state.closed:
        _answered_unseen(event, writing, visit)


def _hold_seen(event: TalkSeen, visit: Visit, writing: Writing) -> None:
    """When it began nobody saw: from now on is the least that is certain."""
    if event.held is None or event.held == (visit.held_since is not None):
        return
    if visit.held_since is not None:
        visit.hold_ms += max(0, event.at - visit.held_since)
    visit.held_since = event.at if event.held else None
    repaired(AnomalyKind.REPAIRED_HOLD, visit_id(visit.key), event.source, writing)
    if visit.agent is not None:
        writing.relabel(writing.agent(visit.agent, visit.source))


def _taken_over(event: TalkSeen, visit: Visit, writing: Writing) -> None:
    """Handed on while nobody listened: the talk goes on with whom the picture names."""
    before, visit.agent = visit.agent, event.agent
    agent = writing.agent(event.agent, event.source)
    agent.talks.append(visit.key)
    if before is not None:
        writing.leave_talk(before, visit.key)
    writing.relabel(agent)
    _doubt(agent.id, Doubt.TALK_DIFFERS, event.source, writing)
    repaired(AnomalyKind.REPAIRED_TALK, visit_id(visit.key), event.source, writing)


def _answered_unseen(event: TalkSeen, writing: Writing, visit: Visit | None) -> None:
    """Answered while nobody listened: that it was is certain, when often is not; then it is never within target."""
    key = (event.contact, event.leg)
    writing.anomaly(AnomalyKind.UNKNOWN_CONTACT_ANSWERED, f"{event.contact}#{event.leg}")
    repaired(AnomalyKind.REPAIRED_TALK, visit_id(key), event.source, writing)
    answered_at = event.at if event.answered_at is None else Millis(min(event.answered_at, event.at))
    if visit is None:
        queued_at = answered_at if event.queued_at is None else Millis(min(event.queued_at, answered_at))
        visit = open_visit(writing, event.contact, event.leg, event.queue, event.source, queued_at)
        visit.customer, visit.customer_name = event.customer, event.customer_name
        visit.channel = event.channel
        visit.witnesses["queued"] = Witness.PICTURE
        wait_known = event.queued_at is not None and event.answered_at is not None
    else:
        wait_known = event.answered_at is not None
    visit.agent, visit.answered_at = event.agent, answered_at
    visit.witnesses["answered"] = Witness.PICTURE
    if wait_known:
        visit.wait_ms = max(0, answered_at - visit.queued_at)
        count_answer(visit, writing)
    else:
        count_unseen_answer(visit, writing)
    if event.held:
        visit.held_since = event.at
    agent = writing.agent(event.agent, event.source)
    agent.talks.append(visit.key)
    agent.today.answered += 1
    writing.withdraw_offers(visit)
    writing.relabel(agent)
    _doubt(agent.id, Doubt.TALK_DIFFERS, event.source, writing)


def _doubt(agent: AgentId, doubt: Doubt, source: SourceId, writing: Writing) -> None:
    """Only where events should have told: after a gap a difference is no contradiction."""
    picture = writing.state.pictures.get(source)
    if picture is not None and not picture.after_gap and not picture.first:
        picture.doubts.setdefault(agent, doubt)


def ended(event: ResyncEnded, writing: Writing) -> None:
    state = writing.state
    picture = state.pictures.get(event.source)
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
    statuses = any(queue == EVERY_QUEUE for _, queue in members)
    for agent in [one for one in state.agents.values() if one.source == event.source]:
        _compare_memberships(agent, writing, picture, members)
        if statuses and agent.signed_in and (agent.id, EVERY_QUEUE) not in members and agent.told_at < picture.began:
            _gone_unseen(agent, writing)
        agent.lost_since = None
        _settle_doubt(agent, writing, picture)
        writing.relabel(agent, since=_since(agent, writing))
    del state.pictures[event.source]
    state.pictured[event.source] = event.at


def _gone_unseen(agent: AgentRecord, writing: Writing) -> None:
    """Taken out of the switch: a picture of everybody's status does not name this one."""
    agent.signed_in = False
    set_pause(agent, None, writing)
    writing.anomaly(AnomalyKind.AGENT_VANISHED, agent.id)
    repaired(AnomalyKind.REPAIRED_STATUS, agent.id, agent.source, writing)
    _doubt(agent.id, Doubt.STATUS_DIFFERS, agent.source, writing)


def _settle_doubt(agent: AgentRecord, writing: Writing, picture: Picture) -> None:
    """The picture that finds nothing to differ in confirms; the map hears of either."""
    if agent.id in picture.in_contact and not agent.talks and agent.since < picture.began:
        picture.doubts.setdefault(agent.id, Doubt.TALK_DIFFERS)
    doubt = "" if picture.after_gap or picture.first else picture.doubts.get(agent.id, "")
    if doubt != agent.doubt:
        agent.doubt = doubt
        writing.tell_change(agent)


def _missing(visit: Visit, writing: Writing, picture: Picture, *, blind_since: Millis | None) -> None:
    if not picture.after_gap and not visit.missing:
        visit.missing = True
        if visit.agent is not None:
            _doubt(visit.agent, Doubt.TALK_DIFFERS, visit.source, writing)
        return
    visit.witnesses["ended"] = Witness.PICTURE
    if visit.answered_at:
        writing.anomaly(AnomalyKind.TALK_VANISHED, visit_id(visit.key))
        repaired(AnomalyKind.REPAIRED_TALK, visit_id(visit.key), visit.source, writing)
        # when it ended nobody saw: no earlier than the last that was heard, no later than now
        finish_talk(visit, writing, blind_since if blind_since is not None else picture.began)
    else:
        writing.anomaly(AnomalyKind.CONTACT_VANISHED, visit_id(visit.key))
        repaired(AnomalyKind.REPAIRED_WAIT, visit_id(visit.key), visit.source, writing)
        lose(visit, writing, reason="gap" if picture.after_gap else "vanished")


def _compare_memberships(
    agent: AgentRecord, writing: Writing, picture: Picture, members: set[tuple[AgentId, QueueName]]
) -> None:
    """A reload of the switch drops members without a word; after a gap an offer stands if its telephone still rings."""
    for name, membership in list(agent.memberships.items()):
        if (agent.id, name) not in members and membership.joined_at < picture.began:
            writing.anomaly(AnomalyKind.AGENT_VANISHED, f"{agent.id} in {name}")
            repaired(AnomalyKind.REPAIRED_MEMBERSHIP, f"{agent.id} in {name}", agent.source, writing)
            _doubt(agent.id, Doubt.MEMBERSHIP_DIFFERS, agent.source, writing)
            del agent.memberships[name]
            writing.ends_pause_at(agent.id, name, None)
    if picture.after_gap:
        for key in [one for one in agent.offers if not _rings(agent, writing.state.visits.get(one))]:
            agent.offers.remove(key)
            if visit := writing.state.visits.get(key):
                visit.offered_to = [name for name in visit.offered_to if name != agent.id]


def _rings(agent: AgentRecord, visit: Visit | None) -> bool:
    if visit is None:
        return False
    membership = agent.memberships.get(visit.queue)
    device = membership.device if membership is not None else agent.device
    return device in (Device.RINGING, Device.RING_IN_USE)


def _since(agent: AgentRecord, writing: Writing) -> Millis | None:
    """Since when an agent found not ready has been so: a pause keeps its age through a gap."""
    return all_not_ready_since(agent) if derive(agent, writing.state.visits).state is AgentState.NOT_READY else None
