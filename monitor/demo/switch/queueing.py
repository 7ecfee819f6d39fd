"""Entering a queue and leaving it without an agent. In: a contact. Out: told events and ledger lines.

Pure. Orders as certain as the trace README says: Abandon < Leave < VarSet QUEUESTATUS < Hangup; a key press gives only
QueueCallerLeave; who cannot join gives only VarSet QUEUESTATUS.
"""

from enum import StrEnum
from functools import partial

from monitor.demo.switch.ami_bytes import Fields
from monitor.demo.switch.channels import UP
from monitor.demo.switch.floor import Contact, Floor, Offer, QueueState
from monitor.demo.switch.ledger import seconds
from monitor.demo.switch.members import NOT_INUSE, UNAVAILABLE, Doing


class Leaving(StrEnum):
    """How a visit ends without an agent; the value is the truth's overflow reason ('' = abandoned)."""

    HANGUP = ""
    TIMEOUT = "timeout"
    KEY = "key"
    EMPTY = "empty"


_STATUS = {Leaving.TIMEOUT: "TIMEOUT", Leaving.EMPTY: "LEAVEEMPTY"}
_LOG = {
    Leaving.HANGUP: "ABANDON",
    Leaving.TIMEOUT: "EXITWITHTIMEOUT",
    Leaving.KEY: "EXITWITHKEY",
    Leaving.EMPTY: "EXITEMPTY",
}


def enter(floor: Floor, contact: Contact, queue: str) -> None:
    """The dialplan reaches Queue(): the contact joins or is turned away."""
    state = floor.queues[queue]
    contact.queue = state.spec
    contact.channel.now(context="inbound", exten="s", priority=13)
    floor.tell.step(contact.channel, "Queue", f"{queue},tTc,,,{state.spec.timeout_s}")
    floor.tell.noise_variables(contact.channel, ANSWEREDTIME="", DIALEDTIME="", QUEUEWAIT="", QUEUEWAIT_MS="")
    reason = _refusal(floor, state)
    if reason is None:
        join(floor, contact, queue)
        return
    contact.stage += 1
    floor.ledger.turned_away(queue, reason)
    floor.tell.variable(contact.channel, "QUEUESTATUS", "FULL" if reason == "full" else "JOINEMPTY")
    _sorry(floor, contact)


def _refusal(floor: Floor, state: QueueState) -> str | None:
    if state.spec.empty_rule and is_empty(floor, state.spec.name):
        return "join_empty"
    if state.spec.maxlen and len(state.waiting) >= state.spec.maxlen:
        return "full"
    return None


def is_empty(floor: Floor, queue: str) -> bool:
    """joinempty=unavailable,invalid,unknown,paused."""
    for agent in floor.agents.values():
        member = agent.members.get(queue)
        if member is not None and not member.paused and agent.device != UNAVAILABLE:
            return False
    return True


def join(floor: Floor, contact: Contact, queue: str) -> None:
    state = floor.queues[queue]
    spec, channel = state.spec, contact.channel
    contact.queue = spec
    contact.stage += 1
    contact.joined = contact.retry_at = floor.now
    contact.offer = None
    contact.accepted = False
    state.waiting.append(contact)
    contact.original_position = len(state.waiting)
    floor.ledger.entered(
        floor.now,
        channel.uniqueid,
        queue,
        number=channel.caller_num,
        position=contact.original_position,
        name=channel.caller_name,
    )
    floor.tell.agent("QueueCallerJoin", channel.head(), _place(queue, len(state.waiting), len(state.waiting)))
    floor.tell.channel("MusicOnHoldStart", channel, (("Class", "default"),))
    floor.pending.add(queue)
    floor.later_for(contact, floor.laws.patience_ms(spec), _gives_up)
    floor.later_for(contact, spec.timeout_s * 1000, partial(leave, how=Leaving.TIMEOUT))
    if spec.name == "broadband" and floor.random.random() < 0.15:
        floor.later_for(contact, floor.laws.about(60), partial(leave, how=Leaving.KEY))


def _place(queue: str, position: int, count: int) -> Fields:
    return (("Queue", queue), ("Position", str(position)), ("Count", str(count)))


def _gives_up(floor: Floor, contact: Contact) -> None:
    leave(floor, contact, how=Leaving.HANGUP)


def take_out(floor: Floor, contact: Contact) -> tuple[int, int]:
    """Off the waiting list: its position and how many remain."""
    waiting = floor.queues[contact.queue.name].waiting
    position = waiting.index(contact) + 1
    waiting.remove(contact)
    return position, len(waiting)


def leave(floor: Floor, contact: Contact, *, how: Leaving) -> None:
    """Out of the queue without an agent; an offer that rings is withdrawn first."""
    tell, channel, spec = floor.tell, contact.channel, contact.queue
    contact.stage += 1
    wait_s = floor.now_s - seconds(contact.joined)
    offer = contact.offer
    if how is Leaving.HANGUP:
        tell.channel("HangupRequest", channel)
        tell.channel("MusicOnHoldStop", channel)
    if offer is not None:
        _withdraw(floor, contact, offer, how)
    position, count = take_out(floor, contact)
    _log(floor, contact, how, position, wait_s)
    if how is Leaving.KEY:
        channel.now(context="queue-exit", exten="1", priority=1)
        tell.channel("MusicOnHoldStop", channel)
    else:
        tell.variable(channel, "ABANDONED", "TRUE")
        body = (
            ("Queue", spec.name),
            ("Position", str(position)),
            ("OriginalPosition", str(contact.original_position)),
            ("HoldTime", str(wait_s)),
        )
        tell.agent("QueueCallerAbandon", channel.head(), body)
        tell.noise_variables(channel, QUEUEWAIT=wait_s, QUEUEWAIT_MS=wait_s * 1000)
        if how is not Leaving.HANGUP:
            tell.channel("MusicOnHoldStop", channel)
    tell.agent("QueueCallerLeave", channel.head(), _place(spec.name, position, count))
    tell.noise_variables(channel, QUEUEPOSITION=position)
    if how in _STATUS:
        tell.variable(channel, "QUEUESTATUS", _STATUS[how])
    elif how is Leaving.HANGUP and contact.accepted:
        tell.variable(channel, "QUEUESTATUS", "CONTINUE")
    if offer is not None:
        _put_down(floor, offer, contact)
    contact.offer = None
    _after(floor, contact, how)


def _log(floor: Floor, contact: Contact, how: Leaving, position: int, wait_s: int) -> None:
    spec, call = contact.queue, contact.channel.uniqueid
    agent = contact.offer.agent.card.name if contact.offer is not None and contact.accepted else "NONE"
    data = (position, contact.original_position, wait_s)
    floor.ledger.log(floor.now, call, spec.name, agent, _LOG[how], *((1, *data) if how is Leaving.KEY else data))
    if how is Leaving.HANGUP:
        floor.ledger.abandoned(spec.name, wait_s, target_s=spec.target_s)
    else:
        floor.ledger.overflowed(spec.name, how.value, wait_s, target_s=spec.target_s)


def offer_fields(contact: Contact, offer: Offer) -> tuple[Fields, Fields]:
    """The caller's header and the agent leg's."""
    return contact.channel.head(), offer.channel.head("Dest")


def offered_to(contact: Contact, offer: Offer) -> Fields:
    return (
        ("Queue", contact.queue.name),
        ("Interface", offer.agent.interface),
        ("MemberName", offer.agent.card.name),
    )


def _withdraw(floor: Floor, contact: Contact, offer: Offer, how: Leaving) -> None:
    if contact.accepted:
        return
    tell = floor.tell
    ring_ms = floor.now - offer.at
    told = offer_fields(contact, offer)
    call, agent = contact.channel.uniqueid, offer.agent.card.name
    if how is Leaving.TIMEOUT:
        whole_ms = (floor.now_s - seconds(offer.at)) * 1000
        floor.ledger.log(floor.now, call, contact.queue.name, agent, "RINGNOANSWER", whole_ms)
        floor.ledger.truth[contact.queue.name].declined += 1
        tell.agent("AgentRingNoAnswer", *told, offered_to(contact, offer), (("RingTime", str(whole_ms)),))
        tell.event("DialEnd", "call", *told, (("DialStatus", "NOANSWER"),))
    else:
        floor.ledger.log(floor.now, call, contact.queue.name, agent, "RINGCANCELED", ring_ms)
        tell.event("DialEnd", "call", *told, (("DialStatus", "CANCEL"),))
    tell.event("DialEnd", "call", *told, (("DialStatus", "CANCEL"),))


def _put_down(floor: Floor, offer: Offer, contact: Contact) -> None:
    if contact.accepted:
        floor.tell.event("DialEnd", "call", *offer_fields(contact, offer), (("DialStatus", "CANCEL"),))
    floor.hangup(offer.channel, 0)
    floor.occupy(offer.agent, Doing.FREE)
    if offer.agent.device != NOT_INUSE:
        floor.device(offer.agent, NOT_INUSE)


def _after(floor: Floor, contact: Contact, how: Leaving) -> None:
    match how:
        case Leaving.HANGUP:
            floor.tell.noise("SoftHangupRequest", "call", contact.channel.head(), (("Cause", "16"),))
            floor.hangup(contact.channel, 16 if contact.accepted else 0)
            floor.cdr(contact, answered=True)
        case Leaving.TIMEOUT if contact.overflow_to:
            second, contact.overflow_to = contact.overflow_to, ""
            floor.later_for(contact, 2, partial(enter, queue=second))
        case Leaving.TIMEOUT | Leaving.KEY | Leaving.EMPTY:
            _sorry(floor, contact)


def _sorry(floor: Floor, contact: Contact) -> None:
    """A last announcement, then the switch hangs up."""
    if contact.channel.state == UP:
        floor.tell.noise_step(contact.channel, "Playback", "sorry")
    floor.later_for(contact, floor.laws.between(1.3, 1.8), good_bye)


def good_bye(floor: Floor, contact: Contact) -> None:
    contact.stage += 1
    floor.tell.noise_step(contact.channel, "Hangup", "16")
    floor.tell.noise("SoftHangupRequest", "call", contact.channel.head(), (("Cause", "16"),))
    floor.hangup(contact.channel)
    floor.cdr(contact, answered=True)
