"""Members of queues: signing in and out, pauses per queue, telephones."""

import pytest

from streams.translate.asterisk_words import DEVICES
from streams.vocabulary.events import AgentDevice, AgentJoinedQueue, AgentLeftQueue, AgentNotReady, AgentReady, Event
from streams.vocabulary.states import Device
from tests.ami_story import Switch


def pause(switch: Switch, queue: str, paused: int, reason: str = "") -> list[Event]:
    return switch.hear(
        0, "QueueMemberPause", Queue=queue, Interface="Local/1001@agents/n", Paused=paused, PausedReason=reason
    )


def test_a_member_added_signs_the_agent_in_under_the_staff_number() -> None:
    (joined,) = Switch().member(0, agent="1001")
    assert isinstance(joined, AgentJoinedQueue)
    assert (joined.agent, joined.extension, joined.name, joined.device) == ("1001", "1001", "Anna", Device.IDLE)


def test_a_member_removed_leaves_that_queue() -> None:
    (left,) = Switch().hear(0, "QueueMemberRemoved", Queue="sales", Interface="PJSIP/1001")
    assert isinstance(left, AgentLeftQueue)


def test_a_pause_is_of_one_queue_and_has_its_reason() -> None:
    (event,) = pause(Switch(), "vip", 1, "小休")
    assert isinstance(event, AgentNotReady)
    assert (event.agent, event.queue, event.reason) == ("1001", "vip", "小休")


def test_an_unpause_may_have_a_reason_of_its_own() -> None:
    (event,) = pause(Switch(), "vip", 0, "back")
    assert isinstance(event, AgentReady)
    assert event.reason == "back"


@pytest.mark.parametrize(("code", "device"), sorted(DEVICES.items()))
def test_every_device_code_has_its_word(code: str, device: Device) -> None:
    (event,) = Switch().device(0, int(code))
    assert isinstance(event, AgentDevice)
    assert event.device is device


def test_a_device_code_nobody_knows_is_unknown() -> None:
    (event,) = Switch().device(0, 99)
    assert isinstance(event, AgentDevice)
    assert event.device is Device.UNKNOWN


def test_the_same_status_again_is_no_event() -> None:
    """QueueMemberStatus comes with every change of any field of the member."""
    switch = Switch()
    switch.device(0, 2)
    assert switch.device(1, 2) == []


def test_the_same_status_in_another_queue_is_one() -> None:
    switch = Switch()
    switch.device(0, 2)
    assert len(switch.device(1, 2, queue="vip")) == 1
