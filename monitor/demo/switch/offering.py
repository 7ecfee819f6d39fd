"""Waiting contacts to free agents: choose, ring, declined or answered. In: the floor. Out: told events.

Pure. An offer is told as Newchannel < AgentCalled < DialBegin < QueueMemberStatus 6; an answer as DialEnd ANSWER <
MusicOnHoldStop < QueueCallerLeave < AgentConnect < BridgeEnter (agent) < BridgeEnter (caller).
"""

from collections.abc import Callable
from functools import partial

from monitor.demo.switch.channels import RINGING as RINGING_CHANNEL
from monitor.demo.switch.channels import UP
from monitor.demo.switch.conversation import converse
from monitor.demo.switch.floor import Contact, Floor, Offer, QueueState
from monitor.demo.switch.ledger import seconds
from monitor.demo.switch.members import INUSE, NOT_INUSE, RINGING, Agent, Doing
from monitor.demo.switch.queueing import Leaving, leave, offer_fields, offered_to
from streams.vocabulary.ids import Millis

_NO_ANSWER, _BUSY, _REJECTED = 0.035, 0.025, 0.02
_GONE_IN_ANNOUNCEMENT = 0.04


def dispatch(floor: Floor) -> None:
    """Serve every queue something changed for: heavier queues first, then whose head waits longest."""
    while floor.pending:
        names = sorted(floor.pending, key=lambda name: _urgency(floor.queues[name]))
        floor.pending.clear()
        for name in names:
            _serve(floor, floor.queues[name])


def _urgency(state: QueueState) -> tuple[int, int, str]:
    head = state.waiting[0].joined if state.waiting else 1 << 62
    return (-state.spec.weight, head, state.spec.name)


def _serve(floor: Floor, state: QueueState) -> None:
    """Lowest penalty first, then who is idle longest (leastrecent; rrmemory comes to much the same)."""
    if not state.waiting or state.next_agent() is None:
        return
    for contact in state.waiting:
        if contact.offer is None and contact.retry_at <= floor.now:
            agent = state.next_agent()
            if agent is None:
                return
            ring(floor, contact, agent)


def ring(floor: Floor, contact: Contact, agent: Agent) -> None:
    tell, caller = floor.tell, contact.channel
    channel = floor.agent_channel(agent, linkedid=caller.uniqueid)
    offer = Offer(agent=agent, channel=channel, at=floor.now)
    contact.offer = offer
    channel.application, channel.data = "AppQueue", "(Outgoing Line)"
    floor.occupy(agent, Doing.OFFERED)
    tell.channel("Newchannel", channel)
    tell.noise_variables(channel, DIALEDPEERNUMBER=agent.card.number)
    tell.agent("AgentCalled", *offer_fields(contact, offer), offered_to(contact, offer))
    tell.event("DialBegin", "call", *offer_fields(contact, offer), (("DialString", agent.interface),))
    caller.now(connected_num=agent.card.number, connected_name=f"Agent {agent.card.number}")
    tell.noise("NewConnectedLine", "call", caller.head())
    draw = floor.random.random()
    if draw < _BUSY:
        _when_ringing(floor, contact, offer, floor.random.randrange(120, 320), partial(_refused, cause=17, sip="486"))
    elif draw < _BUSY + _REJECTED:
        _when_ringing(floor, contact, offer, floor.random.randrange(120, 320), partial(_refused, cause=21, sip="603"))
    else:
        _when_ringing(floor, contact, offer, 54, _rings)
        if draw < _BUSY + _REJECTED + _NO_ANSWER:
            _when_ringing(floor, contact, offer, contact.queue.ring_s * 1000, _rings_out)
        else:
            _when_ringing(floor, contact, offer, 80 + floor.laws.between(1, 6), _accepts)


def _when_ringing(
    floor: Floor, contact: Contact, offer: Offer, delay_ms: int, step: Callable[[Floor, Contact, Offer], None]
) -> None:
    def run(at: Floor, still: Contact) -> None:
        if still.offer is offer:
            step(at, still, offer)

    floor.later_for(contact, delay_ms, run)


def _rings(floor: Floor, contact: Contact, offer: Offer) -> None:
    channel, caller = offer.channel, contact.channel
    channel.now(state=RINGING_CHANNEL)
    floor.tell.noise("Newstate", "call", channel.head())
    channel.now(connected_num=caller.caller_num, connected_name=caller.caller_name)
    floor.tell.noise_step(channel, "AppQueue", "(Outgoing Line)")
    floor.tell.noise("NewConnectedLine", "call", channel.head())
    floor.device(offer.agent, RINGING)
    floor.tell.noise("DialState", "call", *offer_fields(contact, offer), (("DialStatus", "RINGING"),))


def _refused(floor: Floor, contact: Contact, offer: Offer, *, cause: int, sip: str) -> None:
    """486 and 603 look alike but for the Cause: DialEnd NOANSWER < AgentRingNoAnswer < Hangup."""
    whole_ms = (floor.now_s - seconds(offer.at)) * 1000
    told = offer_fields(contact, offer)
    floor.tell.noise("HangupRequest", "call", offer.channel.head(), (("Cause", str(cause)), ("TechCause", sip)))
    floor.tell.event("DialEnd", "call", *told, (("DialStatus", "NOANSWER"),))
    floor.tell.agent("AgentRingNoAnswer", *told, offered_to(contact, offer), (("RingTime", str(whole_ms)),))
    _declined(floor, contact, offer, whole_ms)
    floor.hangup(offer.channel, cause, sip=sip)
    floor.occupy(offer.agent, Doing.FREE)


def _rings_out(floor: Floor, contact: Contact, offer: Offer) -> None:
    whole_ms = (floor.now_s - seconds(offer.at)) * 1000
    told = offer_fields(contact, offer)
    floor.tell.agent("AgentRingNoAnswer", *told, offered_to(contact, offer), (("RingTime", str(whole_ms)),))
    _declined(floor, contact, offer, whole_ms)
    floor.tell.event("DialEnd", "call", *told, (("DialStatus", "NOANSWER"),))
    floor.tell.event("DialEnd", "call", *told, (("DialStatus", "CANCEL"),))
    floor.hangup(offer.channel, 0)
    floor.occupy(offer.agent, Doing.FREE)
    floor.device(offer.agent, NOT_INUSE)


def _declined(floor: Floor, contact: Contact, offer: Offer, ring_ms: int) -> None:
    spec, agent = contact.queue, offer.agent
    contact.offer = None
    contact.retry_at = Millis(floor.now + spec.retry_s * 1000)
    floor.later(spec.retry_s * 1000, partial(floor.pending.add, spec.name))
    floor.ledger.truth[spec.name].declined += 1
    floor.ledger.log(floor.now, contact.channel.uniqueid, spec.name, agent.card.name, "RINGNOANSWER", ring_ms)
    member = agent.members.get(spec.name)
    if spec.autopause and member is not None and not member.paused:
        floor.pause(agent, [member], reason="Auto-Pause", paused=True, by_all=False)
        floor.later(floor.laws.between(10, 60), partial(_comes_back, floor, agent, spec.name))


def _comes_back(floor: Floor, agent: Agent, queue: str) -> None:
    member = agent.members.get(queue)
    if member is not None and member.paused and member.reason == "Auto-Pause":
        floor.pause(agent, [member], reason="", paused=False, by_all=False)


def _accepts(floor: Floor, contact: Contact, offer: Offer) -> None:
    tell, spec = floor.tell, contact.queue
    contact.accepted = True
    contact.stage += 1
    offer.channel.now(state=UP)
    tell.noise("Newstate", "call", offer.channel.head())
    tell.event("DialEnd", "call", *offer_fields(contact, offer), (("DialStatus", "ANSWER"),))
    in_target = floor.now_s - seconds(contact.joined) <= spec.target_s
    floor.occupy(offer.agent, Doing.TALKING)
    if not spec.announce_ms:
        converse(floor, contact, in_target=in_target)
        return
    floor.device(offer.agent, INUSE)
    if floor.random.random() < _GONE_IN_ANNOUNCEMENT:
        floor.later_for(contact, spec.announce_ms // 2, partial(leave, how=Leaving.HANGUP))
    else:
        floor.later_for(contact, spec.announce_ms, partial(converse, in_target=in_target))
