"""Asterisk's own counters (traces README, "Counters"): when Completed goes up, and when it never does."""

from streams.translate.asterisk_tally import AsteriskTally, SwitchTally
from streams.vocabulary.events import Event, SwitchTallied
from streams.vocabulary.ids import QueueName
from tests.ami_story import Switch

SALES, VIP = QueueName("sales"), QueueName("vip")
ANNA = "PJSIP/1001"
FIRST, SECOND = ("1.1", 1), ("2.2", 1)


def tally(*queues: QueueName, shared: bool = True) -> AsteriskTally:
    one = AsteriskTally(shared)
    for queue in queues:
        one.member_added(queue, ANNA)
    return one


def test_a_telephone_that_falls_idle_completes_the_running_call() -> None:
    one = tally(SALES)
    one.connected(SALES, ANNA, FIRST, in_target=True)
    assert one.device_idle(SALES, ANNA) == SwitchTally(queue=SALES, completed=1, completed_in_target=1)


def test_agent_complete_after_that_does_not_count_again() -> None:
    one = tally(SALES)
    one.connected(SALES, ANNA, FIRST, in_target=True)
    one.device_idle(SALES, ANNA)
    assert one.completed(SALES, ANNA, FIRST) is None


def test_agent_complete_first_counts_once_too() -> None:
    one = tally(SALES)
    one.connected(SALES, ANNA, FIRST, in_target=False)
    assert one.completed(SALES, ANNA, FIRST) == SwitchTally(queue=SALES, completed=1)
    assert one.device_idle(SALES, ANNA) is None


def test_a_newer_call_of_the_member_hides_the_older_one() -> None:
    """ringinuse=yes: two calls at a time, one start time per membership: the first is never counted."""
    one = tally(SALES)
    one.connected(SALES, ANNA, FIRST, in_target=True)
    one.connected(SALES, ANNA, SECOND, in_target=False)
    assert one.completed(SALES, ANNA, FIRST) is None
    assert one.completed(SALES, ANNA, SECOND) == SwitchTally(queue=SALES, completed=1)


def test_with_shared_lastcall_one_completion_ends_the_call_in_every_queue_of_the_member() -> None:
    one = tally(SALES, VIP)
    one.connected(SALES, ANNA, FIRST, in_target=True)
    one.connected(VIP, ANNA, SECOND, in_target=True)
    assert one.device_idle(SALES, ANNA) is not None
    assert one.device_idle(VIP, ANNA) is None


def test_without_shared_lastcall_each_queue_counts_its_own() -> None:
    one = tally(SALES, VIP, shared=False)
    one.connected(SALES, ANNA, FIRST, in_target=True)
    one.connected(VIP, ANNA, SECOND, in_target=True)
    assert (one.device_idle(SALES, ANNA) is None, one.device_idle(VIP, ANNA) is None) == (False, False)


def test_a_member_who_left_every_queue_is_not_counted() -> None:
    one = tally(SALES)
    one.connected(SALES, ANNA, FIRST, in_target=True)
    one.member_removed(SALES, ANNA)
    assert one.completed(SALES, ANNA, FIRST) is None


def test_every_way_of_waiting_in_vain_is_an_abandon_for_asterisk() -> None:
    assert tally().abandoned(SALES, in_target=True) == SwitchTally(queue=SALES, abandoned=1, abandoned_in_target=1)


def _in_target(connected_at: int, accepted_at: int) -> tuple[int, int]:
    switch = Switch()
    switch.member(0)
    switch.join(900)
    switch.call(1000)
    switch.dial_end(accepted_at, "ANSWER")
    switch.connect(connected_at)
    told: list[Event] = switch.complete(connected_at + 5000)
    (moved,) = [one for one in told if isinstance(one, SwitchTallied)]
    return moved.completed, moved.completed_in_target


def test_the_target_is_judged_when_the_agent_picks_up_not_after_the_announcement() -> None:
    """Joined in second 0, picked up in second 20: 20 <= 20, though customer and agent met in second 25."""
    assert _in_target(25_000, 20_999) == (1, 1)


def test_the_target_is_judged_in_whole_seconds() -> None:
    """Second 21 minus second 0 is 21, though only 20.1 s have passed."""
    assert _in_target(21_000, 21_000) == (1, 0)
