"""Wrap-ups that a picture after a gap shows. In: each member's LastCall. Out: WrapUpStarted where one surely runs on.

A list says when the last call ended, not of which queue it was: the shortest wrap-up it can be is told, never a guess.
May not know: the picture's other items.
"""

from collections.abc import Mapping

from streams.translate.asterisk_teller import Teller
from streams.vocabulary.events import WrapUpStarted
from streams.vocabulary.ids import AgentId, ContactId, Millis, QueueName
from streams.vocabulary.states import Witness


def tell_wrap_ups(here: Teller, last_calls: Mapping[tuple[QueueName, str], int], *, since: Millis) -> None:
    """`since`: what ended before it was heard when it happened. Wrap-ups of whoever talks again are over."""
    talking = {talk.agent for talk in here.calls.talks.values() if not talk.ended}
    running: dict[AgentId, tuple[Millis, QueueName]] = {}
    latest: dict[AgentId, int] = {}
    for (_, interface), last_s in last_calls.items():
        agent = here.agent(interface)
        latest[agent] = max(latest.get(agent, 0), last_s)
    for (queue, interface), last_s in last_calls.items():
        agent = here.agent(interface)
        if agent in talking or last_s * 1000 < since - 1000 or last_s != latest[agent] or not last_s:
            continue
        until = Millis((last_s + here.settings.wrap_up_s(queue)) * 1000)
        if agent not in running or until < running[agent][0]:
            running[agent] = (until, queue)
    for agent, (until, queue) in sorted(running.items()):
        if until > here.at:
            here.tell(
                WrapUpStarted,
                witness=Witness.PICTURE,
                agent=agent,
                queue=queue,
                contact=ContactId(""),
                leg=0,
                until=until,
            )
