"""Customers call. In: the floor's laws. Out: a channel, a greeting, then the queue.

Pure. One Poisson stream per queue; each arrival plans the next.
"""

from functools import partial

from monitor.demo.switch.channels import UP
from monitor.demo.switch.floor import Contact, Floor
from monitor.demo.switch.names import caller_name, caller_number
from monitor.demo.switch.queueing import enter

_OVERFLOWS = 0.4
"""Share of the contacts that try billing when their own queue times out."""


def begin(floor: Floor) -> None:
    for name in floor.queues:
        _plan_next(floor, name)


def opening(floor: Floor, over_s: float) -> None:
    """The doors open on a queue outside: enough contacts at once to make the floor busy, already part of the way."""
    ready = sum(agent.signed_in and not agent.on_break for agent in floor.agents.values())
    first_skills = [
        agent.card.skills[0].queue for agent in floor.agents.values() if agent.signed_in and not agent.on_break
    ]
    for _ in range(round(ready * 0.72)):
        queue = floor.random.choice(first_skills)
        floor.later(floor.laws.between(0, over_s), partial(_arrive, floor, queue, opening=True))


def _plan_next(floor: Floor, queue: str) -> None:
    gap = floor.laws.gap_ms(queue, floor.now - floor.start, factor=floor.queues[queue].burst)
    floor.later(gap, partial(_next, floor, queue))


def _next(floor: Floor, queue: str) -> None:
    _arrive(floor, queue, opening=False)
    _plan_next(floor, queue)


def _arrive(floor: Floor, queue: str, *, opening: bool) -> None:
    channel = floor.new_channel("trunk", context="from-trunk", exten=queue, ring=True)
    number = caller_number(floor.random)
    channel.now(caller_num=number, caller_name=caller_name(floor.random) or number)
    contact = Contact(channel=channel, queue=floor.queues[queue].spec, opening=opening)
    if queue != "billing" and floor.random.random() < _OVERFLOWS:
        contact.overflow_to = "billing"
    tell = floor.tell
    tell.channel("Newchannel", channel)
    tell.noise_variables(channel, SIPDOMAIN="127.0.0.1")
    tell.noise_step(channel, "Set", f"QNAME={queue}")
    tell.noise_variables(channel, QNAME=queue)
    tell.noise_step(channel, "Goto", "inbound,s,1")
    channel.now(context="inbound", exten="s", account=f"acc-{queue}")
    tell.noise_step(channel, "Set", f"CHANNEL(accountcode)=acc-{queue}")
    tell.noise("NewAccountCode", "call", channel.head(), (("OldAccountCode", ""),))
    channel.now(state=UP)
    tell.noise("Newstate", "call", channel.head())
    tell.noise_step(channel, "Playback", "welcome")
    floor.later_for(contact, floor.laws.between(1, 2), partial(_greeted, queue=queue))


def _greeted(floor: Floor, contact: Contact, *, queue: str) -> None:
    floor.tell.noise_variables(contact.channel, PLAYBACKSTATUS="SUCCESS")
    enter(floor, contact, queue)
