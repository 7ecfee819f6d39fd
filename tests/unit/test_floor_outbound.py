"""Outbound contacts, chats, conferences and customer tiers: own numbers, never in the service level of who waits."""

from streams.floor.messages import utterance
from streams.floor.numbers import FORMULAS, Ratio
from streams.floor.outputs import MessageSaid
from streams.vocabulary import events as ev
from streams.vocabulary.states import AgentState, Direction, Outcome, Role
from tests.floor_story import SITE, T0, Story


def dialled(story: Story, at: int, contact: str = "o1", queue: str = "sales") -> None:
    story.contact(at, ev.ContactDialled, contact, queue=queue, agent="1001", customer="1380000")


def outbound_day() -> Story:
    """o1: dialled 10 s, talked 60 s. o2: dialled 25 s in vain. As in docs/metrics.md."""
    story = Story()
    story.sign_in(0)
    dialled(story, 0)
    story.answer(10_000, "o1")
    story.end(70_000, "o1")
    story.wrap_up(70_000, 75_000, "o1")
    dialled(story, 100_000, "o2")
    story.contact(125_000, ev.ContactAbandoned, "o2")
    return story


def test_an_agent_who_dials_is_on_contact_from_the_first_digit() -> None:
    story = Story()
    story.sign_in(0)
    dialled(story, 1000)
    assert (story.label()[0], story.agent().contact, story.numbers(1000).outbound) == (AgentState.ON_CONTACT, "o1", 1)


def test_outbound_has_counters_of_its_own() -> None:
    today = outbound_day().numbers(130_000).today
    assert (today.outbound_dialled, today.outbound_reached, today.outbound_unreached) == (2, 1, 1)
    assert (today.outbound_dial_ms, today.outbound_talk_ms, today.outbound_unreached_ms) == (10_000, 60_000, 25_000)
    assert (today.outbound_wrap_up_ms, today.wrap_up_ms, today.reach_rate) == (5_000, 0, Ratio(1, 2))


def test_outbound_is_in_no_service_level() -> None:
    today = outbound_day().numbers(130_000).today
    assert (today.offered, today.answered, today.abandoned, today.ended) == (0, 0, 0, 0)
    assert {formula.of(today).whole for formula in FORMULAS.values()} == {0}


def test_outbound_handling_is_in_the_mean_handle_time_with_its_dialling() -> None:
    """As Genesys: talk, hold, wrap-up and dialling of handled contacts; an attempt in vain is none. 10 + 60 + 5."""
    assert outbound_day().numbers(130_000).today.aht == 75_000


def test_the_legs_of_outbound_contacts_say_so_and_waited_in_no_queue() -> None:
    reached, unreached = outbound_day().legs()
    assert (reached.direction, reached.outcome, reached.ring_ms) == (Direction.OUTBOUND, Outcome.ANSWERED, 10_000)
    assert (unreached.outcome, unreached.wait_ms, unreached.ring_ms) == (Outcome.ABANDONED, 0, 25_000)


def test_an_attempt_that_just_ends_was_not_reached() -> None:
    story = Story()
    story.sign_in(0)
    dialled(story, 0)
    story.end(9000, "o1")
    today = story.numbers(9000).today
    assert (today.outbound_unreached, today.ended, story.label()[0]) == (1, 0, AgentState.READY)


def test_a_call_of_ones_own_counts_for_no_queue() -> None:
    story = Story()
    story.sign_in(0)
    dialled(story, 0, queue="")
    story.answer(5000, "o1", queue="")
    story.end(9000, "o1", queue="")
    assert (sorted(story.floor.queues), story.agent().today.reached, story.agent().today.talk_ms) == (
        ["sales"],
        1,
        4000,
    )


def test_tiers_have_their_part_of_the_day() -> None:
    story = Story()
    story.sign_in(0)
    for contact, tier in (("c1", "vip"), ("c2", ""), ("c3", "vip")):
        story.contact(0, ev.ContactQueued, contact, tier=tier)
    story.answer(5000, "c1")
    story.contact(9000, ev.ContactAbandoned, "c3")
    numbers = story.numbers(9000)
    vip = numbers.tiers["vip"]
    assert (numbers.today.offered, vip.offered, vip.answered, vip.abandoned) == (3, 2, 1, 1)
    assert FORMULAS["answered_abandoned"].of(vip) == Ratio(1, 2)


def test_more_tiers_than_anybody_has_are_counted_together() -> None:
    story = Story()
    for number in range(200):
        story.contact(0, ev.ContactQueued, f"c{number}", tier=f"t{number}")
    tiers = story.numbers(0).tiers
    assert (len(tiers), sum(one.offered for one in tiers.values())) == (51, 200)


def test_messages_of_a_chat_are_told_counted_and_become_utterances() -> None:
    story = Story()
    story.contact(0, ev.ContactQueued, channel="chat")
    story.answer(1000)
    story.contact(2000, ev.ContactMessage, number=1, role=Role.CUSTOMER, text="你好")
    story.contact(3000, ev.ContactMessage, number=2, role=Role.AGENT, text="您好")
    first, second = (utterance(one, SITE) for one in story.of(MessageSaid))
    assert (first.text, first.role, first.channel, first.start_ms, first.said_at) == (
        "你好",
        "customer",
        0,
        2000,
        T0 + 2000,
    )
    assert (second.role, second.channel, second.agent) == ("agent", 1, "1001")
    assert story.numbers(3000).today.messages == 2


def test_a_message_of_a_contact_nobody_knows_is_kept() -> None:
    story = Story()
    story.contact(2000, ev.ContactMessage, number=1, role=Role.CUSTOMER, text="你好")
    assert len(story.of(MessageSaid)) == 1
    assert story.floor.state.anomalies == {"unknown_contact": 1}


def test_consultation_and_conference_stand_on_the_leg() -> None:
    story = Story()
    story.sign_in(0)
    story.queue_up(0)
    story.answer(1000)
    story.contact(2000, ev.ConsultationStarted, agent="1001", target="2002")
    assert story.floor.state.visits["c1", 1].consulting == "2002"  # type: ignore[index]
    story.contact(3000, ev.ConsultationEnded, agent="1001")
    story.contact(3000, ev.ConferenceJoined, agent="1001", party="2002")
    story.contact(4000, ev.ConferenceJoined, agent="1001", party="2002")
    assert story.floor.state.visits["c1", 1].parties == ["2002"]  # type: ignore[index]
    story.contact(5000, ev.ConferenceLeft, agent="1001", party="2002")
    story.end(6000)
    assert story.legs()[0].tags == "consulted conference"
