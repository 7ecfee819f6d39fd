"""Customer and agent together: connected, held, transferred, ended. In: an accepted offer. Out: told events.

Pure. AgentComplete comes from another thread of a real switch, so here its place among BridgeLeave and Hangup is left
to chance; told late it lacks the channels that are already gone (trace README, Not certain 1).
"""

from enum import IntEnum
from functools import partial

from monitor.demo.switch.ami_bytes import Fields
from monitor.demo.switch.channels import bridge_head
from monitor.demo.switch.floor import Contact, Floor, RecordingDue, Talk
from monitor.demo.switch.ledger import seconds
from monitor.demo.switch.members import INUSE, NOT_INUSE, Doing
from monitor.demo.switch.queueing import good_bye, take_out
from streams.vocabulary.ids import Millis


class Place(IntEnum):
    """Where AgentComplete falls among the events of an end."""

    FIRST = 0
    AFTER_BRIDGE = 1
    AFTER_AGENT_HANGUP = 2
    LATE = 3


def connect(floor: Floor, contact: Contact, *, in_target: bool) -> int:
    """Told and booked; how long they will talk in ms (`conversation` plans what happens in it)."""
    offer, spec, caller = contact.offer, contact.queue, contact.channel
    assert offer is not None, "only an accepted offer connects"
    tell, agent = floor.tell, offer.agent
    contact.stage += 1
    contact.offer = None
    wait_s = floor.now_s - seconds(contact.joined)
    ring_s = floor.now_s - seconds(offer.at)
    talk = Talk(
        agent=agent,
        channel=offer.channel,
        queue=spec,
        bridge=tell.bridge_id(),
        since=floor.now,
        wait_s=wait_s,
        original_position=contact.original_position,
        in_target=in_target,
    )
    contact.talk = talk
    floor.talks[agent.interface] = contact
    talk_ms = _plan_length(floor, contact, talk)
    tell.channel("MusicOnHoldStop", caller)
    _member_variables(floor, contact, talk)
    if talk.recording is not None:
        tell.variable(caller, "MIXMONITOR_FILENAME", talk.recording.path)
        tell.channel("MixMonitorStart", caller)
    position, count = take_out(floor, contact)
    place = (("Queue", spec.name), ("Position", str(position)), ("Count", str(count)))
    tell.agent("QueueCallerLeave", caller.head(), place)
    tell.noise_variables(caller, QUEUEPOSITION=position, QUEUEWAIT=wait_s, QUEUEWAIT_MS=wait_s * 1000)
    floor.ledger.connected(spec.name, wait_s, in_target=in_target)
    log = (wait_s, offer.channel.uniqueid, ring_s)
    floor.ledger.log(floor.now, caller.uniqueid, spec.name, agent.card.name, "CONNECT", *log)
    times = (("HoldTime", str(wait_s)), ("RingTime", str(ring_s)))
    tell.agent("AgentConnect", caller.head(), offer.channel.head("Dest"), _who(talk), times)
    tell.noise("BridgeCreate", "call", bridge_head(talk.bridge, 0))
    tell.event("BridgeEnter", "call", bridge_head(talk.bridge, 1), offer.channel.head())
    tell.event("BridgeEnter", "call", bridge_head(talk.bridge, 2), caller.head())
    offer.channel.bridge = caller.bridge = talk.bridge
    tell.noise_variables(offer.channel, BRIDGEPEER=caller.name)
    tell.noise_variables(caller, BRIDGEPEER=offer.channel.name)
    for member in agent.members.values():
        member.in_call = int(member.queue == spec.name)
    if agent.device != INUSE:
        floor.device(agent, INUSE)
    return talk_ms


def _who(talk: Talk) -> Fields:
    return (
        ("Queue", talk.queue.name),
        ("Interface", talk.agent.interface),
        ("MemberName", talk.agent.card.name),
    )


def _member_variables(floor: Floor, contact: Contact, talk: Talk) -> None:
    member = talk.agent.members.get(talk.queue.name)
    for channel in (contact.channel, talk.channel):
        floor.tell.noise_variables(
            channel,
            MEMBERINTERFACE=talk.agent.interface,
            MEMBERNAME=talk.agent.card.name,
            MEMBERCALLS=member.calls_taken if member else 0,
            MEMBERLASTCALL=talk.agent.last_call_s,
            QEHOLDTIME=talk.wait_s,
            QEORIGINALPOS=talk.original_position,
        )


def _plan_length(floor: Floor, contact: Contact, talk: Talk) -> int:
    """A recorded contact talks as long as its recording; the next one ends at least a pace later."""
    talk_ms = max(floor.laws.scaled(4), floor.laws.talk_ms(talk.queue))
    if contact.opening:
        talk_ms = max(floor.laws.scaled(8), round(talk_ms * floor.random.random()))
    if not floor.recording_every_ms or not floor.demo_calls or not floor.recordings_folder:
        return talk_ms
    call = floor.demo_calls[floor.next_demo_call % len(floor.demo_calls)]
    recorded_ms = round(call.duration_ms / floor.centre.speed) + floor.laws.between(0.5, 3)
    if floor.now + recorded_ms < floor.next_recording_end:
        return talk_ms
    floor.next_demo_call += 1
    floor.next_recording_end = Millis(floor.now + recorded_ms + floor.recording_every_ms)
    name = f"{talk.queue.name}-{contact.channel.uniqueid}.{call.file.rpartition('.')[2]}"
    talk.recording = RecordingDue(path=f"{floor.recordings_folder}/{name}", file=call.file)
    return recorded_ms


def hold(floor: Floor, contact: Contact) -> None:
    talk = contact.talk
    assert talk is not None
    talk.holding = True
    floor.tell.channel("Hold", talk.channel, (("MusicClass", "default"),))
    floor.tell.noise("MusicOnHoldStart", "call", contact.channel.head(), (("Class", "default"),))


def unhold(floor: Floor, contact: Contact) -> None:
    talk = contact.talk
    assert talk is not None
    talk.holding = False
    floor.tell.channel("Unhold", talk.channel)
    floor.tell.noise("MusicOnHoldStop", "call", contact.channel.head())


def tally(floor: Floor, talk: Talk) -> None:
    """Asterisk's own count: once, at AgentComplete or a free telephone, and only for who is still signed in."""
    if talk.tallied:
        return
    talk.tallied = True
    agent = talk.agent
    floor.wrap_up(agent, talk.queue)
    for member in agent.members.values():
        member.calls_taken += 1
        member.in_call = 0
    if agent.signed_in:
        talk_s = floor.now_s - seconds(talk.since)
        floor.ledger.counters[talk.queue.name].complete(talk_s, in_target=talk.in_target)


def complete(floor: Floor, contact: Contact, talk: Talk, *, reason: str, dest: bool, caller: bool = True) -> None:
    """AgentComplete with what channels are left, and its queue_log line unless a transfer wrote its own."""
    tally(floor, talk)
    talk_s = floor.now_s - seconds(talk.since)
    floor.tell.agent(
        "AgentComplete",
        contact.channel.head() if caller else (),
        talk.channel.head("Dest") if dest else (),
        _who(talk),
        (("HoldTime", str(talk.wait_s)), ("TalkTime", str(talk_s)), ("Reason", reason)),
    )
    if reason != "transfer":
        event = "COMPLETECALLER" if reason == "caller" else "COMPLETEAGENT"
        floor.ledger.ended(talk.queue.name, reason, talk_s)
        log = (talk.wait_s, talk_s, talk.original_position)
        name = talk.agent.card.name
        floor.ledger.log(floor.now, contact.channel.uniqueid, talk.queue.name, name, event, *log)


def end(floor: Floor, contact: Contact, *, by_caller: bool) -> None:
    talk, tell, caller = contact.talk, floor.tell, contact.channel
    assert talk is not None
    contact.stage += 1
    contact.talk = None
    if talk.recording is not None:
        floor.due.append(talk.recording)
    reason = "caller" if by_caller else "agent"
    place = Place(floor.random.choices((0, 1, 2, 3), weights=(76, 14, 7, 3))[0])
    first, second = (caller, talk.channel) if by_caller else (talk.channel, caller)
    tell.channel("HangupRequest", first, (("Cause", "16"),))
    if place is Place.FIRST:
        complete(floor, contact, talk, reason=reason, dest=True)
    tell.noise_variables(first, BRIDGEPEER="")
    tell.event("BridgeLeave", "call", bridge_head(talk.bridge, 1), first.head())
    tell.event("BridgeLeave", "call", bridge_head(talk.bridge, 0), second.head())
    first.bridge = second.bridge = ""
    if place is Place.AFTER_BRIDGE:
        complete(floor, contact, talk, reason=reason, dest=True)
    tell.noise("BridgeDestroy", "call", bridge_head(talk.bridge, 0))
    tell.variable(caller, "QUEUESTATUS", "CONTINUE")
    _qos(floor, talk)
    floor.hangup(talk.channel)
    if place is Place.AFTER_AGENT_HANGUP:
        complete(floor, contact, talk, reason=reason, dest=False)
    if by_caller:
        tell.noise("SoftHangupRequest", "call", caller.head(), (("Cause", "16"),))
        floor.hangup(caller)
        floor.cdr(contact, answered=True, other=talk.channel.name)
    else:
        result = (("UserEvent", "QueueResult"), ("Queue", talk.queue.name), ("Status", "CONTINUE"))
        tell.noise("UserEvent", "user", caller.head(), result, (("CallId", ""), ("Linked", caller.linkedid)))
        floor.later_for(contact, floor.laws.between(1.1, 2), good_bye)
    if place is Place.LATE:
        late = partial(complete, floor, contact, talk, reason=reason, dest=False, caller=not by_caller)
        floor.later(floor.laws.between(0.01, 1), late)
    release(floor, talk)


def _qos(floor: Floor, talk: Talk) -> None:
    quality = "ssrc=1122912386;themssrc=2020887677;lp=0;rxjitter=0.000000;rlp=0;rtt=0.000000;rxmes=0.000000"
    floor.tell.noise_variables(
        talk.channel, RTPAUDIOQOS=quality, RTPAUDIOQOSJITTER="minrxjitter=000.001125;", RTPAUDIOQOSLOSS="  minrxlost=0;"
    )


def release(floor: Floor, talk: Talk) -> None:
    """The agent's telephone is free again; wrap-up begins without an event."""
    floor.talks.pop(talk.agent.interface, None)
    tally(floor, talk)
    floor.occupy(talk.agent, Doing.FREE)
    floor.device(talk.agent, NOT_INUSE)
