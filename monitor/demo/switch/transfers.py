"""Blind and attended transfers, and consultations that come back. In: a contact in talk. Out: told events.

Pure. After a blind transfer into a queue the new QueueCallerJoin mostly precedes the old AgentComplete, with the same
Uniqueid (trace README, Not certain 3).
"""

from dataclasses import dataclass
from functools import partial

from monitor.demo.switch.channels import UP, Channel, bridge_head
from monitor.demo.switch.floor import Contact, Floor, Talk
from monitor.demo.switch.ledger import seconds
from monitor.demo.switch.members import BUSY, INUSE, NOT_INUSE, Doing
from monitor.demo.switch.queueing import good_bye, join
from monitor.demo.switch.talking import complete, end, hold, tally, unhold

_RETURNS = 0.3


@dataclass(frozen=True, slots=True)
class Consultation:
    """The agent's second call, on a bridge of its own."""

    own: Channel
    target: Channel
    bridge: str


def blind(floor: Floor, contact: Contact) -> None:
    """To another queue that takes everybody."""
    talk, tell, caller = contact.talk, floor.tell, contact.channel
    assert talk is not None
    open_queues = [
        queue
        for queue in floor.centre.queues
        if queue.name != talk.queue.name and not queue.maxlen and not queue.empty_rule
    ]
    target = floor.random.choice(open_queues)
    contact.stage += 1
    contact.talk = None
    tell.channel("Unhold", talk.channel)
    tell.noise_variables(talk.channel, BLINDTRANSFER=caller.name)
    tell.noise_variables(caller, BLINDTRANSFER=talk.channel.name, SIPTRANSFER="yes", SIPREFERRINGCONTEXT="internal")
    tell.event(
        "BlindTransfer",
        "call",
        (("Result", "Success"),),
        talk.channel.head("Transferer"),
        caller.head("Transferee"),
        bridge_head(talk.bridge, 2),
        (("IsExternal", "Yes"), ("Context", "internal"), ("Extension", target.extension)),
    )
    caller.now(context="internal", exten=target.extension, priority=1)
    tell.noise_step(caller, "Queue", f"{talk.queue.name},tTc,,,{talk.queue.timeout_s}")
    tell.event("BridgeLeave", "call", bridge_head(talk.bridge, 1), caller.head())
    joins_first = floor.random.random() < 0.8
    if not joins_first:
        _blind_complete(floor, contact, talk, target.extension)
    tell.event("BridgeLeave", "call", bridge_head(talk.bridge, 0), talk.channel.head())
    caller.bridge = talk.channel.bridge = ""
    caller.application, caller.data = "Queue", f"{target.name},t,,,{target.timeout_s}"
    join(floor, contact, target.name)
    if joins_first:
        _blind_complete(floor, contact, talk, target.extension)
    floor.hangup(talk.channel)
    floor.talks.pop(talk.agent.interface, None)
    floor.occupy(talk.agent, Doing.FREE)
    floor.device(talk.agent, NOT_INUSE)


def _blind_complete(floor: Floor, contact: Contact, talk: Talk, extension: str) -> None:
    talk_s = floor.now_s - seconds(talk.since)
    log = (extension, "internal", talk.wait_s, talk_s, talk.original_position)
    name = talk.agent.card.name
    floor.ledger.log(floor.now, contact.channel.uniqueid, talk.queue.name, name, "BLINDTRANSFER", *log)
    floor.ledger.ended(talk.queue.name, "blind", talk_s)
    complete(floor, contact, talk, reason="transfer", dest=True)


def consult(floor: Floor, contact: Contact) -> None:
    """Hold the caller and ring a colleague outside the queues."""
    talk, tell = contact.talk, floor.tell
    assert talk is not None
    hold(floor, contact)
    number = f"9010000{floor.random.randrange(10_000):04d}"
    own = floor.new_channel(talk.agent.card.number, context="internal", exten=number, ring=True)
    own.now(caller_num=talk.agent.card.number, caller_name=f"Agent {talk.agent.card.number}")
    tell.channel("Newchannel", own)
    tell.noise_step(own, "Dial", f"PJSIP/{number[1:]}@trunk,20")
    target = floor.new_channel("trunk", linkedid=own.uniqueid, context="from-trunk", exten="s", ring=False)
    target.now(caller_num=number, connected_num=talk.agent.card.number)
    tell.channel("Newchannel", target)
    told = (own.head(), target.head("Dest"))
    tell.event("DialBegin", "call", *told, (("DialString", f"{number[1:]}@trunk"),))
    tell.noise("DialState", "call", *told, (("DialStatus", "RINGING"),))
    floor.device(talk.agent, BUSY)
    consultation = Consultation(own, target, tell.bridge_id())
    floor.later_for(contact, floor.laws.between(2, 4), partial(_colleague_answers, consultation=consultation))


def _colleague_answers(floor: Floor, contact: Contact, *, consultation: Consultation) -> None:
    tell, own, target = floor.tell, consultation.own, consultation.target
    target.now(state=UP)
    own.now(state=UP)
    tell.event("DialEnd", "call", own.head(), target.head("Dest"), (("DialStatus", "ANSWER"),))
    tell.noise("Newstate", "call", own.head())
    tell.event("BridgeEnter", "call", bridge_head(consultation.bridge, 1), target.head())
    tell.event("BridgeEnter", "call", bridge_head(consultation.bridge, 2), own.head())
    own.bridge = target.bridge = consultation.bridge
    step = _comes_back if floor.random.random() < _RETURNS else _attended
    floor.later_for(contact, floor.laws.between(4, 15), partial(step, consultation=consultation))


def _comes_back(floor: Floor, contact: Contact, *, consultation: Consultation) -> None:
    talk, tell, own, target = contact.talk, floor.tell, consultation.own, consultation.target
    assert talk is not None
    tell.event("BridgeLeave", "call", bridge_head(consultation.bridge, 1), own.head())
    tell.event("BridgeLeave", "call", bridge_head(consultation.bridge, 0), target.head())
    floor.hangup(target)
    floor.hangup(own)
    floor.device(talk.agent, INUSE)
    unhold(floor, contact)
    floor.later_for(contact, floor.laws.between(8, 30), partial(end, by_caller=True))


def _attended(floor: Floor, contact: Contact, *, consultation: Consultation) -> None:
    talk, tell, caller = contact.talk, floor.tell, contact.channel
    own, target = consultation.own, consultation.target
    assert talk is not None
    contact.stage += 1
    contact.talk = None
    tell.channel("Unhold", talk.channel)
    tell.channel("Unhold", own)
    tell.noise_variables(caller, ATTENDEDTRANSFER=talk.channel.name)
    tell.noise("MusicOnHoldStop", "call", caller.head())
    tell.event("BridgeLeave", "call", bridge_head(consultation.bridge, 1), target.head())
    tell.event("BridgeLeave", "call", bridge_head(talk.bridge, 1), talk.channel.head())
    target.now(linkedid=caller.linkedid)
    tell.event("BridgeEnter", "call", bridge_head(talk.bridge, 2), target.head())
    _tell_attended(floor, contact, talk, consultation)
    talk_s = floor.now_s - seconds(talk.since)
    log = ("BRIDGE", talk.bridge, talk.wait_s, talk_s, talk.original_position)
    name = talk.agent.card.name
    floor.ledger.log(floor.now, caller.uniqueid, talk.queue.name, name, "ATTENDEDTRANSFER", *log)
    floor.ledger.ended(talk.queue.name, "attended", talk_s)
    complete(floor, contact, talk, reason="transfer", dest=True)
    floor.hangup(talk.channel)
    tell.event("BridgeLeave", "call", bridge_head(consultation.bridge, 0), own.head())
    floor.device(talk.agent, INUSE)
    floor.hangup(own)
    target.bridge = talk.bridge
    tally(floor, talk)
    floor.talks.pop(talk.agent.interface, None)
    floor.occupy(talk.agent, Doing.FREE)
    floor.device(talk.agent, NOT_INUSE)
    floor.later_for(contact, floor.laws.between(10, 60), partial(_both_leave, target=target, bridge=talk.bridge))


def _tell_attended(floor: Floor, contact: Contact, talk: Talk, consultation: Consultation) -> None:
    floor.tell.event(
        "AttendedTransfer",
        "call",
        (("Result", "Success"),),
        talk.channel.head("OrigTransferer"),
        bridge_head(talk.bridge, 2, "Orig"),
        consultation.own.head("SecondTransferer"),
        bridge_head(consultation.bridge, 1, "Second"),
        contact.channel.head("Transferee"),
        consultation.target.head("TransferTarget"),
        (("IsExternal", "No"), ("DestType", "Bridge"), ("DestBridgeUniqueid", talk.bridge)),
    )


def _both_leave(floor: Floor, contact: Contact, *, target: Channel, bridge: str) -> None:
    tell, caller = floor.tell, contact.channel
    tell.event("BridgeLeave", "call", bridge_head(bridge, 1), target.head())
    tell.event("BridgeLeave", "call", bridge_head(bridge, 0), caller.head())
    caller.bridge = ""
    tell.variable(caller, "QUEUESTATUS", "CONTINUE")
    floor.hangup(target)
    good_bye(floor, contact)
