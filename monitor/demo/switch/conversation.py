"""What happens in a talk: held, transferred, ended by whom. In: a contact about to connect. Out: its planned steps.

Pure. A recorded contact is never transferred, so that its recording and its talk tell the same story.
"""

from functools import partial

from monitor.demo.switch.floor import Contact, Floor, Talk
from monitor.demo.switch.talking import connect, end, hold, unhold
from monitor.demo.switch.transfers import blind, consult

_BLIND, _CONSULTED, _HELD = 0.03, 0.035, 0.185
_ENDED_BY_CALLER = 0.62
_RESUMED = 0.9
"""The other tenth hangs up while holding: Hold without Unhold."""


def converse(floor: Floor, contact: Contact, *, in_target: bool) -> None:
    talk_ms = connect(floor, contact, in_target=in_target)
    talk = contact.talk
    assert talk is not None, "connect has just set it"
    _plan(floor, contact, talk, talk_ms)


def _plan(floor: Floor, contact: Contact, talk: Talk, talk_ms: int) -> None:
    draw = floor.random.random()
    plain = talk.recording is not None or contact.opening
    if draw < _BLIND and not plain:
        floor.later_for(contact, round(talk_ms * 0.7), blind)
        return
    if draw < _BLIND + _CONSULTED and not plain:
        floor.later_for(contact, round(talk_ms * 0.6), consult)
        return
    by_caller = floor.random.random() < _ENDED_BY_CALLER
    if draw < _BLIND + _CONSULTED + _HELD and talk_ms > floor.laws.scaled(30):
        floor.later_for(contact, round(talk_ms * floor.random.uniform(0.25, 0.5)), hold)
        if floor.random.random() < _RESUMED or by_caller:
            floor.later_for(contact, round(talk_ms * floor.random.uniform(0.55, 0.8)), unhold)
    floor.later_for(contact, talk_ms, partial(end, by_caller=by_caller))
