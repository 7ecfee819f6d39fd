"""A caller with an agent. In: AgentConnect, AgentComplete, Hold, transfers, Hangup. Out: events, wrap-up included.

AgentComplete comes from another thread than the channel's events: before or after the hang-up, sometimes without the
agent's channel (traces README, order 1-4, 9). May not know: waiting, offers beyond their end.
"""

from streams.translate.asterisk_callers import settle
from streams.translate.asterisk_calls import Talk, WaitingVisit
from streams.translate.asterisk_offers import offer_over
from streams.translate.asterisk_teller import Teller, known
from streams.translate.asterisk_words import ENDED_BY
from streams.vocabulary.events import (
    ContactAnswered,
    ContactEnded,
    ContactHeld,
    ContactLost,
    ContactResumed,
    ContactTransferred,
    RecordingReady,
    WrapUpStarted,
)
from streams.vocabulary.ids import ContactId, Millis, QueueName
from streams.vocabulary.states import EndedBy, TransferKind
from streams.wire.ami import Message


def connected(here: Teller, message: Message) -> None:
    queue = QueueName(message.text(b"Queue"))
    caller = message.text(b"Uniqueid")
    channel = message.text(b"DestUniqueid")
    interface = message.text(b"Interface")
    visit = here.calls.visit(caller, queue) or _visit_before_capture(here, message, caller, queue)
    offer = here.calls.offers.pop(channel, None)
    here.calls.close(visit)
    agent = here.agent(interface)
    here.calls.talks[channel] = Talk(visit=visit, agent=agent, interface=interface, channel_id=channel, began=here.at)
    here.tally.connected(queue, interface, (visit.contact, visit.leg), in_target=visit.in_target)
    here.out.append(
        ContactAnswered(
            at=here.at,
            site=here.site,
            source=here.source,
            seq=here.number(),
            contact=visit.contact,
            leg=visit.leg,
            queue=queue,
            agent=agent,
            wait_ms=here.at - visit.joined_at,
            ring_ms=(offer.accepted_at or here.at) - offer.began if offer else None,
        )
    )


def _visit_before_capture(here: Teller, message: Message, caller: str, queue: QueueName) -> WaitingVisit:
    wait_s = message.number_or(b"HoldTime", 0)
    return WaitingVisit(
        contact=ContactId(caller),
        leg=here.calls.next_leg(caller, queue),
        queue=queue,
        joined_at=Millis(here.at - wait_s * 1000),
        joined_s=here.switch_second(message) - wait_s,
        in_target=wait_s * 1000 <= here.target_ms(queue),
    )


def completed(here: Teller, message: Message) -> None:
    """From another thread than the channel's events: before or after the hang-up, sometimes without Dest*."""
    queue = QueueName(message.text(b"Queue"))
    interface = message.text(b"Interface")
    caller = message.find(b"Uniqueid")
    ended_by = ENDED_BY.get(message.text(b"Reason"), EndedBy.UNKNOWN)
    talk = here.calls.talk_of(
        channel=message.find(b"DestUniqueid"),
        queue=queue,
        interface=interface,
        agent=here.agent(interface),
        caller=caller,
    )
    if talk is None:
        _completed_before_capture(here, message, queue, interface, caller, ended_by)
        return
    visit = talk.visit
    here.tell_tally(here.tally.completed(queue, interface, (visit.contact, visit.leg)))
    here.calls.talks.pop(talk.channel_id, None)
    if talk.began is None:  # found going on after a gap: only the switch knows how long it was
        talk.began = Millis(here.at - message.number_or(b"TalkTime", 0) * 1000)
    _end(here, talk, ended_by)


def _completed_before_capture(
    here: Teller, message: Message, queue: QueueName, interface: str, caller: str | None, ended_by: EndedBy
) -> None:
    """Connected before the capture or in a gap: rebuilt backwards from what the message says of its length."""
    if caller is None:
        here.untold["completion_without_caller"] += 1
        return
    began = Millis(here.at - message.number_or(b"TalkTime", 0) * 1000)
    visit = here.calls.visit(caller, queue)
    if visit is None:
        leg = here.calls.unseen_leg(caller, queue)
        visit = WaitingVisit(contact=ContactId(caller), leg=leg, queue=queue, joined_at=began, joined_s=began // 1000)
    here.calls.close(visit)
    agent = here.agent(interface)
    _end(here, Talk(visit=visit, agent=agent, interface=interface, channel_id="", began=began), ended_by)


def _end(here: Teller, talk: Talk, ended_by: EndedBy) -> None:
    """The first end stops the talk and begins wrap-up; a later AgentComplete only names who ended it."""
    visit = talk.visit
    here.out.append(
        ContactEnded(
            at=here.at,
            site=here.site,
            source=here.source,
            seq=here.number(),
            contact=visit.contact,
            leg=visit.leg,
            queue=visit.queue,
            agent=talk.agent,
            ended_by=ended_by,
            talk_ms=None if talk.ended or talk.began is None else here.at - talk.began,
        )
    )
    if talk.ended:
        return
    talk.ended = True
    if wrap_up_s := here.settings.wrap_up_s(visit.queue):
        # app_queue: time(NULL) - lastcall < wrapuptime, both in whole seconds: up to 1 s early
        here.out.append(
            WrapUpStarted(
                at=here.at,
                site=here.site,
                source=here.source,
                seq=here.number(),
                agent=talk.agent,
                queue=visit.queue,
                contact=visit.contact,
                leg=visit.leg,
                until=Millis((here.at // 1000 + wrap_up_s) * 1000),
            )
        )


def hung(here: Teller, message: Message) -> None:
    channel = message.text(b"Uniqueid")
    calls = here.calls
    if offer := calls.offers.pop(channel, None):
        offer_over(here, offer, message.find(b"Cause"))
    if (talk := calls.talks.get(channel)) and not talk.ended:
        _end(here, talk, EndedBy.UNKNOWN)
    if channel in calls.waiting:
        settle(here, channel)
        for visit in list(calls.waiting.get(channel, ())):
            calls.close(visit)
            here.tell(ContactLost, contact=visit.contact, leg=visit.leg, queue=visit.queue)
    if recording := calls.recordings.pop(channel, None):
        here.out.append(
            RecordingReady(
                at=here.at,
                site=here.site,
                source=here.source,
                seq=here.number(),
                contact=recording[0],
                path=recording[1],
            )
        )
    calls.forget_caller(channel)
    calls.queue_step.pop(channel, None)


def held(here: Teller, message: Message) -> None:
    talk = here.calls.talks.get(message.text(b"Uniqueid"))
    if talk is not None and not talk.ended and not talk.held:
        talk.held = True
        here.tell_of_talk(ContactHeld, talk)


def unheld(here: Teller, message: Message) -> None:
    """Transfers emit Unhold without a Hold before it."""
    talk = here.calls.talks.get(message.text(b"Uniqueid"))
    if talk is not None and talk.held and not talk.ended:
        talk.held = False
        here.tell_of_talk(ContactResumed, talk)


def blind_transferred(here: Teller, message: Message) -> None:
    talk = here.calls.talks.get(message.text(b"TransfererUniqueid"))
    if talk is not None and message.text(b"Result") == "Success":
        target = message.find(b"Extension") or ""
        here.tell_of_talk(ContactTransferred, talk, transfer=TransferKind.BLIND, target=target)


def attended_transferred(here: Teller, message: Message) -> None:
    talk = here.calls.talks.get(message.text(b"OrigTransfererUniqueid"))
    if talk is not None and message.text(b"Result") == "Success":
        target = known(message.find(b"TransferTargetCallerIDNum"))
        here.tell_of_talk(ContactTransferred, talk, transfer=TransferKind.ATTENDED, target=target)
