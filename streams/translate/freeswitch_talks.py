"""From the bridge to its end. In: bridge-agent-*, member-queue-end Terminated, holds, recordings. Out: events.

Who hung up stands in the channel headers of the two last events of a talk: the agent's leg says whether its telephone
sent the BYE, the caller's whether it lives on. May not know: readiness beyond wrap-up.
"""

from streams.translate.freeswitch_agents import WrapUp
from streams.translate.freeswitch_callers import created_s, key_of, unseen
from streams.translate.freeswitch_calls import Talk, Visit
from streams.translate.freeswitch_teller import Teller
from streams.vocabulary.events import (
    ContactAnswered,
    ContactEnded,
    ContactHeld,
    ContactResumed,
    ContactTransferred,
    RecordingReady,
    RecordingStarted,
)
from streams.vocabulary.ids import AgentId
from streams.vocabulary.states import EndedBy, TransferKind
from streams.wire.esl_message import Message


def bridged(here: Teller, message: Message) -> None:
    """Final, whatever is told of the same visit afterwards."""
    agent = AgentId(message.text(b"CC-Agent"))
    here.book(agent)
    key = key_of(message)
    channel = message.text(b"CC-Agent-UUID")
    visit = here.calls.visits.get(key) or here.calls.talks.get(channel)
    if visit is not None and visit.talk is not None:
        return  # a list has told of it before
    if visit is None and here.blind:
        here.untold["answer_before_picture"] += 1  # which names the caller's channel, as this event does not
        return
    if visit is None:
        visit = unseen(here, message, key)
    offer = here.calls.offers.get(agent)
    ring_ms = max(0, here.stamp_ms - offer.began_ms) if offer is not None and offer.visit is visit else None
    if offer is not None and offer.visit is visit:
        del here.calls.offers[agent]
    here.calls.talk_begins(visit, agent, channel, here.stamp_ms)
    wait_ms = max(0, here.stamp_ms - visit.joined_ms)
    here.tell_of(ContactAnswered, visit, agent=agent, wait_ms=wait_ms, ring_ms=ring_ms)


def agent_left(here: Teller, message: Message) -> None:
    """bridge-agent-end: the talk is over; how it ended says the caller's side, which follows at once."""
    here.book(AgentId(message.text(b"CC-Agent")))
    visit = here.calls.talks.get(message.text(b"CC-Agent-UUID")) or here.calls.visits.get(key_of(message))
    talk = visit.talk if visit is not None else None
    if visit is None or talk is None:
        return  # bridged while nobody listened: what follows says the same and more
    disposition = message.find(b"variable_sip_hangup_disposition") or ""
    talk.by_agent = disposition.startswith("recv_")
    talk.by_switch = disposition.startswith("send_")
    talk.hung_us = message.number_or(b"Caller-Channel-Hangup-Time", 0)
    talk.ended_ms = here.stamp_ms
    if message.find(b"CC-Agent-Bridged") == "false":
        # no talk came of the answer, and nothing more is told of it; whether the caller waits on only a list says
        here.calls.close(visit)
        here.calls.closed.pop(visit.key, None)
        _end(here, visit, talk, EndedBy.UNKNOWN)
        return
    talk.terminated_s = message.number_or(b"CC-Bridge-Terminated-Time", here.stamp_ms // 1000)


def terminated(here: Teller, message: Message) -> None:
    """member-queue-end after a talk."""
    key = key_of(message)
    visit = here.calls.talks.get(message.find(b"CC-Agent-UUID") or "") or here.calls.visits.get(key)
    if visit is None and key in here.calls.closed:
        here.untold["ended_twice"] += 1
        return
    if visit is None:
        visit = unseen(here, message, key)
    talk = visit.talk
    if talk is None:
        answered_s = message.number_or(b"CC-Agent-Answered-Time", here.stamp_ms // 1000)
        channel = message.find(b"CC-Agent-UUID") or ""
        talk = here.calls.talk_begins(visit, AgentId(message.text(b"CC-Agent")), channel, answered_s * 1000)
        offer = here.calls.offers.get(talk.agent)
        if offer is not None and offer.visit is visit:
            del here.calls.offers[talk.agent]
    if talk.ended_ms is None:
        talk.ended_ms = here.stamp_ms
        talk.terminated_s = message.number_or(b"CC-Member-Leaving-Time", here.stamp_ms // 1000)
    ended_by = _ended_by(message, talk)
    if ended_by is EndedBy.TRANSFER:
        target = message.find(b"Caller-Destination-Number") or ""
        kind = TransferKind.BLIND if _is_blind(message) else TransferKind.ATTENDED
        here.tell_of(ContactTransferred, visit, agent=talk.agent, transfer=kind, target=target)
    here.calls.close(visit)
    _end(here, visit, talk, ended_by)


def _ended_by(message: Message, talk: Talk) -> EndedBy:
    if talk.by_agent:
        return EndedBy.AGENT
    if message.find(b"Answer-State") != "hangup":
        # the caller goes on: sent elsewhere, or the agent's leg was cut
        transferred = "_xfer:" in (message.find(b"Caller-Transfer-Source") or "")
        return EndedBy.TRANSFER if transferred else EndedBy.AGENT
    if talk.by_switch:
        return EndedBy.CUSTOMER
    caller_us = message.number_or(b"Caller-Channel-Hangup-Time", 0)
    if not caller_us or not talk.hung_us or caller_us == talk.hung_us:
        return EndedBy.UNKNOWN
    return EndedBy.CUSTOMER if caller_us < talk.hung_us else EndedBy.AGENT


def _is_blind(message: Message) -> bool:
    return ":bl_xfer:" in (message.find(b"Caller-Transfer-Source") or "")


def _end(here: Teller, visit: Visit, talk: Talk, ended_by: EndedBy) -> None:
    ended_ms = talk.ended_ms or here.stamp_ms
    here.tell_of(ContactEnded, visit, agent=talk.agent, ended_by=ended_by, talk_ms=max(0, ended_ms - talk.began_ms))
    book = here.book(talk.agent)
    book.last_bridge_end_s = talk.terminated_s or book.last_bridge_end_s
    until = book.wrap_up_until(talk.terminated_s)
    if until is not None:
        book.wrap_up = WrapUp(until=until, queue=visit.queue, contact=visit.contact, leg=visit.leg)
    here.tell_stance(talk.agent, book)


def held(here: Teller, message: Message) -> None:
    """The telephone's own leg tells its hold too; only the leg the queue knows counts."""
    visit = here.calls.talks.get(message.text(b"Unique-ID"))
    if visit is not None and visit.talk is not None and not visit.talk.held:
        visit.talk.held = True
        here.tell_of(ContactHeld, visit, agent=visit.talk.agent)


def unheld(here: Teller, message: Message) -> None:
    visit = here.calls.talks.get(message.text(b"Unique-ID"))
    if visit is not None and visit.talk is not None and visit.talk.held:
        visit.talk.held = False
        here.tell_of(ContactResumed, visit, agent=visit.talk.agent)


def recording_started(here: Teller, message: Message) -> None:
    """Of a caller's own channel only: recordings of other channels belong to no contact."""
    session = message.text(b"Unique-ID")
    if message.find(b"variable_cc_side") != "member" and session not in here.calls.contacts:
        return
    path = message.text(b"Record-File-Path")
    here.calls.recordings[session] = path
    contact = here.calls.contact_of(session, created_s(message))
    here.tell(RecordingStarted, contact=contact, path=path)


def recording_stopped(here: Teller, message: Message) -> None:
    session = message.text(b"Unique-ID")
    known = here.calls.recording_of(session)
    if known is None and message.find(b"variable_cc_side") != "member":
        return
    contact = here.calls.contact_of(session, created_s(message))
    here.tell(RecordingReady, contact=contact, path=message.text(b"Record-File-Path"))


def bug_started(here: Teller, message: Message) -> None:
    """Supervision has no event of the queue: that somebody listens is only counted."""
    if message.find(b"Media-Bug-Function") == "eavesdrop":
        here.noticed["eavesdrop"] += 1
