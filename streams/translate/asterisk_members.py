"""Members of queues. In: QueueMemberStatus, Pause, Added, Removed. Out: events about agents and their telephones.

May not know: calls.
"""

from streams.translate.asterisk_teller import Teller
from streams.translate.asterisk_words import DEVICES
from streams.vocabulary.events import (
    AgentDevice,
    AgentJoinedQueue,
    AgentLeftQueue,
    AgentNotReady,
    AgentReady,
)
from streams.vocabulary.ids import QueueName
from streams.vocabulary.states import Device
from streams.wire.ami import Message


def member_status(here: Teller, message: Message) -> None:
    queue, interface = QueueName(message.text(b"Queue")), message.text(b"Interface")
    status = message.text(b"Status")
    if status == "1":
        here.tell_tally(here.tally.device_idle(queue, interface))
    if here.devices.get((queue, interface)) != status:
        here.devices[queue, interface] = status
        device = DEVICES.get(status, Device.UNKNOWN)
        here.out.append(
            AgentDevice(
                at=here.at,
                site=here.site,
                source=here.source,
                seq=here.number(),
                agent=here.agent(interface),
                queue=queue,
                device=device,
            )
        )


def member_paused(here: Teller, message: Message) -> None:
    queue, interface = QueueName(message.text(b"Queue")), message.text(b"Interface")
    paused = message.text(b"Paused") == "1"
    reason = message.find(b"PausedReason") or ""
    here.pauses[queue, interface] = reason if paused else None
    here.tell(AgentNotReady if paused else AgentReady, agent=here.agent(interface), queue=queue, reason=reason)


def member_added(here: Teller, message: Message) -> None:
    queue, interface = QueueName(message.text(b"Queue")), message.text(b"Interface")
    status = message.text(b"Status")
    here.devices[queue, interface] = status
    here.tally.member_added(queue, interface)
    name = message.find(b"MemberName") or ""
    agent = here.member(interface, name)
    paused, reason = message.find(b"Paused") == "1", message.find(b"PausedReason") or ""
    here.pauses[queue, interface] = reason if paused else None
    here.tell(
        AgentJoinedQueue,
        agent=agent,
        queue=queue,
        name=name,
        extension=agent,
        penalty=message.number_or(b"Penalty", 0),
        device=DEVICES.get(status, Device.UNKNOWN),
        not_ready=paused,
        reason=reason,
    )


def member_removed(here: Teller, message: Message) -> None:
    queue, interface = QueueName(message.text(b"Queue")), message.text(b"Interface")
    here.devices.pop((queue, interface), None)
    here.pauses.pop((queue, interface), None)
    here.tally.member_removed(queue, interface)
    here.tell(AgentLeftQueue, agent=here.agent(interface), queue=queue)
