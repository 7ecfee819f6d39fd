"""One contact's way over the floor: what is counted when, and what the leg remembers."""

import pytest

from streams.floor.outputs import AnomalyKind, RecordingFound
from streams.floor.resync import UNSEEN_LEGS
from streams.vocabulary import events as ev
from streams.vocabulary.states import EndedBy, Outcome
from tests.floor_story import T0, Story


def test_a_whole_contact_leaves_one_leg_with_all_its_durations() -> None:
    """Queued 0, offered 2, picked up 5, connected 6, held 10 to 13, ended 20, wrap-up to 28 s."""
    story = Story()
    story.sign_in(0)
    story.queue_up(0)
    story.offer(2000)
    story.contact(5000, ev.ContactAccepted, agent="1001")
    story.answer(6000, wait_ms=6000, ring_ms=3000)
    story.contact(10_000, ev.ContactHeld, agent="1001")
    story.contact(13_000, ev.ContactResumed, agent="1001")
    story.end(20_000, ended_by=EndedBy.CUSTOMER)
    story.wrap_up(20_000, 28_000)
    story.passes(30_000)
    (leg,) = story.legs()
    assert (leg.wait_ms, leg.accept_wait_ms, leg.ring_ms) == (6000, 5000, 3000)
    assert (leg.talk_ms, leg.hold_ms, leg.wrap_up_ms) == (11_000, 3000, 8000)
    assert (leg.outcome, leg.ended_by, leg.agent) == (Outcome.ANSWERED, EndedBy.CUSTOMER, "1001")


@pytest.mark.parametrize(("answered_at", "in_target"), [(20_000, 1), (20_001, 0)])
def test_the_target_itself_is_still_in_target(answered_at: int, in_target: int) -> None:
    story = Story()
    story.queue_up(0)
    story.answer(answered_at)
    assert story.numbers(30_000).today.answered_in_target == in_target


@pytest.mark.parametrize(("gone_at", "short"), [(4999, 1), (5000, 0)])
def test_an_abandon_is_short_below_the_limit(gone_at: int, short: int) -> None:
    story = Story()
    story.queue_up(0)
    story.contact(gone_at, ev.ContactAbandoned)
    today = story.numbers(9000).today
    assert (today.abandoned, today.short_abandoned, today.abandoned_in_target) == (1, short, 1)


@pytest.mark.parametrize("reason", ["timeout", "key", "empty", "withdrawn"])
def test_an_overflow_counts_under_its_reason_and_as_no_abandon(reason: str) -> None:
    story = Story()
    story.queue_up(0)
    story.contact(9000, ev.ContactOverflowed, reason=reason)
    today = story.numbers(9000).today
    assert (today.overflowed, today.abandoned, story.legs()[0].reason) == ({reason: 1}, 0, reason)


@pytest.mark.parametrize("reason", ["full", "join_empty"])
def test_who_was_turned_away_was_never_offered_but_is_a_contact(reason: str) -> None:
    story = Story()
    story.tell(0, ev.ContactTurnedAway, contact="c1", queue="sales", reason=reason)
    today = story.numbers(0).today
    assert (today.offered, today.turned_away, story.floor.state.contacts) == (0, {reason: 1}, 1)


def test_a_contact_turned_away_and_then_queued_elsewhere_is_one_contact() -> None:
    story = Story()
    story.tell(0, ev.ContactTurnedAway, contact="c1", queue="vip", reason="full")
    story.queue_up(10)
    assert story.floor.state.contacts == 1


def test_a_contact_transferred_to_a_full_queue_while_its_talk_stands_is_one_contact() -> None:
    """Asterisk says FULL before it says that the old talk is complete."""
    story = Story()
    story.queue_up(0)
    story.answer(1000)
    story.tell(9000, ev.ContactTurnedAway, contact="c1", queue="vip", reason="full")
    assert story.floor.state.contacts == 1


def test_the_second_end_of_a_contact_only_names_who_ended_it() -> None:
    story = Story()
    story.queue_up(0)
    story.answer(1000)
    story.end(9000)
    (amended,) = story.end(9500, ended_by=EndedBy.AGENT)
    assert story.numbers(9500).today.ended == 1
    assert story.legs()[-1].ended_by is EndedBy.AGENT
    assert story.legs()[-1].ver == ((T0 + 9000) << 8) + 1
    assert amended == story.legs()[-1]


def test_a_transfer_known_only_by_the_second_end_is_counted_once() -> None:
    story = Story()
    story.queue_up(0)
    story.answer(1000)
    story.end(9000)
    story.end(9500, ended_by=EndedBy.TRANSFER)
    story.end(9600, ended_by=EndedBy.TRANSFER)
    assert story.numbers(9600).today.transferred_out == 1


def test_an_answer_told_twice_counts_once() -> None:
    """Asterisk may repeat AgentConnect after an attended transfer; the first one wins."""
    story = Story()
    story.sign_in(0)
    story.queue_up(0)
    story.answer(1000)
    story.answer(5000, agent="1002")
    assert (story.numbers(5000).today.answered, story.numbers(5000).talking) == (1, 1)
    story.end(9000)
    assert (story.numbers(9000).talking, story.agent().talks) == (0, [])


def test_an_offer_picked_up_but_never_connected_is_not_accepted_in_target() -> None:
    """The first agent hung up in the announcement at 4 s, the second picked up at 30 s: not within 20 s."""
    story = Story()
    story.queue_up(0)
    story.offer(1000)
    story.contact(3000, ev.ContactAccepted, agent="1001")
    story.contact(4000, ev.ContactDeclined, agent="1001", reason="rejected")
    story.offer(25_000, agent="1002")
    story.contact(30_000, ev.ContactAccepted, agent="1002")
    story.answer(31_000, agent="1002")
    today = story.numbers(31_000).today
    assert (today.answered, today.accepted_in_target) == (1, 0)


def test_accepted_in_target_is_judged_at_the_pick_up() -> None:
    """Picked up at 19 s, connected after the announcement at 24 s."""
    story = Story()
    story.queue_up(0)
    story.contact(19_000, ev.ContactAccepted, agent="1001")
    story.answer(24_000)
    today = story.numbers(24_000).today
    assert (today.accepted_in_target, today.answered_in_target) == (1, 0)


def test_hold_that_nobody_ended_ends_with_the_talk() -> None:
    story = Story()
    story.queue_up(0)
    story.answer(1000)
    story.contact(5000, ev.ContactHeld, agent="1001")
    story.end(9000)
    assert (story.legs()[0].talk_ms, story.legs()[0].hold_ms) == (4000, 4000)


def test_hold_of_a_contact_nobody_answered_is_an_anomaly() -> None:
    story = Story()
    story.queue_up(0)
    story.contact(1000, ev.ContactHeld, agent="1001")
    assert story.floor.state.anomalies == {AnomalyKind.UNKNOWN_CONTACT_HELD: 1}


def test_an_end_of_a_waiting_contact_means_it_was_answered_unseen() -> None:
    """Its answer was lost in a gap: 9 s of talk before the end at 30 s."""
    story = Story()
    story.queue_up(0)
    story.end(30_000, talk_ms=9000)
    numbers = story.numbers(30_000)
    assert (numbers.waiting, numbers.today.answered, numbers.today.ended, numbers.talking) == (0, 1, 1, 0)
    assert (story.legs()[0].wait_ms, story.legs()[0].talk_ms) == (21_000, 9000)


def test_an_end_of_a_contact_never_heard_of_is_counted_in_and_named() -> None:
    story = Story()
    story.end(30_000, talk_ms=9000)
    today = story.numbers(30_000).today
    assert (today.offered, today.answered, today.ended, story.agent().today.answered) == (1, 1, 1, 1)
    assert story.floor.state.anomalies == {AnomalyKind.UNKNOWN_CONTACT_ENDED: 1}


def test_a_wait_nobody_saw_is_not_taken_for_none() -> None:
    """One contact waited 8 s, one was found talking: the mean wait is 8 s, not 4."""
    story = Story()
    story.queue_up(0)
    story.answer(8000)
    story.end(30_000, contact="c2", talk_ms=9000)
    assert story.numbers(30_000).today.asa == 8000


def test_a_talk_said_to_be_lost_ends_and_frees_its_agent() -> None:
    story = Story()
    story.sign_in(0)
    story.queue_up(0)
    story.answer(1000)
    story.contact(9000, ev.ContactLost)
    numbers = story.numbers(9000)
    assert (numbers.talking, numbers.today.lost, numbers.today.ended, story.agent().talks) == (0, 0, 1, [])


def test_a_waiting_contact_said_to_be_lost_is_neither_answered_nor_abandoned() -> None:
    story = Story()
    story.queue_up(0)
    story.contact(9000, ev.ContactLost)
    today = story.numbers(9000).today
    assert (today.lost, today.answered, today.abandoned, story.legs()[0].outcome) == (1, 0, 0, Outcome.LOST)


def test_two_waiting_contacts_show_the_longer_wait() -> None:
    story = Story()
    story.queue_up(0, "c1")
    story.queue_up(3000, "c2")
    assert (story.numbers(10_000).waiting, story.numbers(10_000).longest_wait_ms) == (2, 10_000)


def test_a_recording_goes_with_the_last_answered_leg() -> None:
    story = Story()
    story.queue_up(0)
    story.answer(1000)
    story.tell(1000, ev.RecordingStarted, contact="c1", path="/r/a.wav")
    story.end(9000)
    story.queue_up(9100, leg=2, queue="vip")
    story.contact(9900, ev.ContactAbandoned, leg=2, queue="vip")
    story.tell(9950, ev.RecordingReady, contact="c1", path="/r/a.wav")
    (found,) = story.of(RecordingFound)
    assert (found.queue, found.agent, found.contact_at - T0) == ("sales", "1001", 0)
    assert ([at - T0 for at in found.moments], found.over_at - T0) == ([0, 1000, 9100], 9950)


def test_the_same_event_twice_changes_nothing_and_is_counted() -> None:
    story = Story()
    event = ev.ContactQueued(at=T0, site="gz", source="ast", seq=1, contact="c1", leg=1, queue="sales")  # type: ignore[arg-type]
    story.repeat(event)
    story.repeat(event)
    assert (story.numbers(0).today.offered, story.floor.state.anomalies) == (1, {AnomalyKind.DUPLICATE: 1})


def test_an_event_of_the_past_is_applied_and_counted() -> None:
    story = Story()
    story.queue_up(9000, "c1")
    story.queue_up(5000, "c2")
    assert (story.numbers(9000).waiting, story.floor.state.anomalies) == (2, {AnomalyKind.OUT_OF_ORDER: 1})


# --- pictures


def picture(story: Story, at: int, *kinds: tuple[object, ...]) -> None:
    story.tell(at, ev.ResyncBegan)
    for kind, contact, *more in kinds:
        extra = {"wait_ms": more[0]} if kind is ev.ContactSeen else {"agent": more[0]}
        story.contact(at, kind, contact, **extra)  # type: ignore[arg-type]
    story.tell(at, ev.ResyncEnded)


def test_a_visit_that_vanished_in_a_gap_is_lost_at_once() -> None:
    story = Story()
    story.queue_up(0)
    story.lose(5000)
    picture(story, 60_000)
    today = story.numbers(60_000).today
    assert (today.lost, story.floor.state.anomalies) == (1, {AnomalyKind.CONTACT_VANISHED: 1})


def test_a_caller_seen_in_another_queue_under_a_known_number_waits_there_only() -> None:
    """A collector killed with its disk numbers from one again: the stay it never knew of is lost, not moved."""
    story = Story()
    story.queue_up(0)
    story.lose(5_000)
    story.tell(60_000, ev.ResyncBegan)
    story.tell(60_000, ev.ContactSeen, contact="c1", leg=1, queue="support", wait_ms=10_000)
    story.tell(60_000, ev.ResyncEnded)
    sales, support = story.numbers(60_000), story.numbers(60_000, "support")
    assert (sales.waiting, sales.today.lost, support.waiting, support.today.offered) == (0, 1, 1, 1)
    story.contact(70_000, ev.ContactAbandoned, queue="support")
    legs = [(leg.queue, leg.outcome, leg.leg) for leg in story.legs()]
    assert legs == [("sales", "lost", 1 + UNSEEN_LEGS), ("support", "abandoned", 1)]


def test_without_a_gap_a_second_picture_must_miss_it_too() -> None:
    """A picture may be a little older than the events around it."""
    story = Story()
    story.queue_up(0)
    picture(story, 60_000)
    assert story.numbers(60_000).waiting == 1
    picture(story, 120_000)
    assert (story.numbers(120_000).waiting, story.numbers(120_000).today.lost) == (0, 1)


def test_a_contact_seen_again_in_between_starts_over() -> None:
    story = Story()
    story.queue_up(0)
    picture(story, 60_000)
    picture(story, 120_000, (ev.ContactSeen, "c1", 120_000))
    picture(story, 180_000)
    assert story.numbers(180_000).waiting == 1


def test_a_talk_that_vanished_in_a_gap_ended_no_later_than_the_gap_began() -> None:
    story = Story()
    story.sign_in(0)
    story.queue_up(0)
    story.answer(1000)
    story.lose(5000)
    picture(story, 60_000)
    assert (story.legs()[0].talk_ms, story.floor.state.anomalies[AnomalyKind.TALK_VANISHED]) == (4000, 1)


def test_a_talk_found_was_answered_but_never_within_target() -> None:
    story = Story()
    story.queue_up(0)
    story.lose(1000)
    picture(story, 60_000, (ev.TalkSeen, "c1", "1001"))
    today = story.numbers(60_000).today
    assert (today.answered, today.answered_in_target, story.numbers(60_000).talking) == (1, 0, 1)


def test_a_contact_found_waiting_is_offered_since_it_joined() -> None:
    story = Story()
    picture(story, 60_000, (ev.ContactSeen, "c1", 45_000))
    assert (story.numbers(60_000).today.offered, story.numbers(60_000).longest_wait_ms) == (1, 45_000)


def test_a_picture_of_one_switch_says_nothing_of_another() -> None:
    story = Story()
    story.tell(0, ev.ContactQueued, contact="c9", leg=1, queue="sales", source="other")
    story.lose(1000)
    picture(story, 60_000)
    assert story.numbers(60_000).waiting == 1
