"""One agent's label through the day: what outranks what, since when, and which stretches are remembered."""

import pytest

from streams.floor.label import derive
from streams.floor.outputs import AgentChange, AnomalyKind
from streams.floor.records import AgentRecord, Membership, Visit, WrapUp
from streams.vocabulary import events as ev
from streams.vocabulary.ids import AgentId, ContactId, Millis, QueueName, SourceId
from streams.vocabulary.states import AgentState, Device, GapReason
from tests.floor_story import SALES, SOURCE, T0, Story

VIP = QueueName("vip")
KEY = (ContactId("c1"), 1)


def membership(queue: QueueName, device: Device = Device.IDLE, reason: str | None = None, since: int = 0) -> Membership:
    return Membership(
        queue=queue,
        joined_at=Millis(0),
        device=device,
        not_ready=reason is not None,
        reason=reason or "",
        not_ready_since=Millis(since),
    )


def label(*memberships: Membership, visit: Visit | None = None, **fields: object) -> tuple[AgentState, str]:
    agent = AgentRecord(
        id=AgentId("1"),
        source=SourceId("s"),
        memberships={one.queue: one for one in memberships},
        **fields,  # type: ignore[arg-type]
    )
    found = derive(agent, {KEY: visit} if visit else {})
    return found.state, found.reason


def talk(held: bool = False) -> Visit:
    return Visit(
        contact=KEY[0],
        leg=1,
        queue=SALES,
        source=SourceId("s"),
        queued_at=Millis(0),
        answered_at=Millis(1),
        held_since=Millis(2) if held else None,
    )


EVERYTHING = {"talks": [KEY], "offers": [KEY], "wrap_up": WrapUp(began=Millis(0), until=None, queue=SALES, visit=KEY)}


@pytest.mark.parametrize(
    ("without", "state"),
    [
        ((), AgentState.UNKNOWN),
        (("lost",), AgentState.ON_CONTACT),
        (("lost", "talks"), AgentState.OFFERED),
        (("lost", "talks", "offers"), AgentState.WRAP_UP),
        (("lost", "talks", "offers", "wrap_up"), AgentState.NOT_READY),
    ],
)
def test_each_state_outranks_the_next(without: tuple[str, ...], state: AgentState) -> None:
    """An agent of whom everything holds at once; the uppermost is taken away step by step."""
    fields: dict[str, object] = {name: value for name, value in EVERYTHING.items() if name not in without}
    if "lost" not in without:
        fields["lost_since"] = Millis(5)
    found = label(membership(SALES, Device.UNREACHABLE, "lunch"), visit=talk(), **fields)
    assert found == (state, "lunch" if state is AgentState.NOT_READY else "")


def test_a_talk_on_hold_is_on_hold() -> None:
    assert label(membership(SALES), visit=talk(held=True), talks=[KEY])[0] is AgentState.ON_HOLD


def test_who_talks_is_not_signed_out_and_who_is_offered_a_contact_is() -> None:
    """Decision 1; an offer to somebody who serves no queue any more is a telephone that still rings."""
    assert (label(visit=talk(), talks=[KEY])[0], label(visit=talk(), offers=[KEY])[0]) == (
        AgentState.ON_CONTACT,
        AgentState.SIGNED_OUT,
    )


@pytest.mark.parametrize(
    ("memberships", "expected"),
    [
        ((), (AgentState.SIGNED_OUT, "")),
        ((membership(SALES),), (AgentState.READY, "")),
        ((membership(SALES, reason="lunch"),), (AgentState.NOT_READY, "lunch")),
        ((membership(SALES, reason=""),), (AgentState.NOT_READY, "")),
        ((membership(SALES, reason="lunch"), membership(VIP)), (AgentState.READY, "")),
        (
            (membership(SALES, reason="lunch", since=5), membership(VIP, reason="training", since=9)),
            (AgentState.NOT_READY, "training"),
        ),
        ((membership(SALES, Device.UNREACHABLE),), (AgentState.NOT_READY, "unreachable")),
        ((membership(SALES, Device.INVALID),), (AgentState.NOT_READY, "unreachable")),
        ((membership(SALES, Device.IN_USE),), (AgentState.NOT_READY, "other_contact")),
        ((membership(SALES, Device.BUSY),), (AgentState.NOT_READY, "other_contact")),
        ((membership(SALES, Device.UNKNOWN),), (AgentState.READY, "")),
        ((membership(SALES, Device.UNREACHABLE), membership(VIP)), (AgentState.READY, "")),
        (
            (membership(SALES, Device.UNREACHABLE), membership(VIP, Device.IN_USE)),
            (AgentState.NOT_READY, "other_contact"),
        ),
        (
            (membership(SALES, Device.IDLE, "lunch"), membership(VIP, Device.UNREACHABLE)),
            (AgentState.NOT_READY, "unreachable"),
        ),
        ((membership(SALES, Device.UNREACHABLE, "lunch"),), (AgentState.NOT_READY, "lunch")),
    ],
)
def test_an_agent_without_a_contact(memberships: tuple[Membership, ...], expected: tuple[AgentState, str]) -> None:
    """Ready means: at least one queue could ring this agent now."""
    assert label(*memberships) == expected


def test_a_pause_in_one_of_two_queues_leaves_the_agent_ready() -> None:
    story = Story()
    story.sign_in(0)
    story.sign_in(0, queue="vip")
    story.tell(1000, ev.AgentNotReady, agent="1001", queue="sales", reason="lunch")
    assert story.label() == (AgentState.READY, "")


def test_a_pause_while_talking_is_reserved_for_afterwards() -> None:
    story = Story()
    story.sign_in(0)
    story.queue_up(0)
    story.answer(5000)
    story.tell(6000, ev.AgentNotReady, agent="1001", queue="sales", reason="lunch")
    assert (story.label(), story.agent().next_reason) == ((AgentState.ON_CONTACT, ""), "lunch")
    story.end(9000)
    assert (story.label(), story.agent().next_reason) == ((AgentState.NOT_READY, "lunch"), None)


def test_an_agent_signed_out_while_talking_is_shown_talking_and_then_gone() -> None:
    story = Story()
    story.sign_in(0)
    story.queue_up(0)
    story.answer(5000)
    story.tell(6000, ev.AgentLeftQueue, agent="1001", queue="sales")
    assert story.label()[0] is AgentState.ON_CONTACT
    story.end(9000)
    story.wrap_up(9000, 17_000)
    assert (story.label()[0], story.agent().wrap_up) == (AgentState.SIGNED_OUT, None)


def test_signing_out_ends_the_wrap_up() -> None:
    """Nobody works on a contact after going home."""
    story = Story()
    story.sign_in(0)
    story.queue_up(0)
    story.answer(5000)
    story.end(9000)
    story.wrap_up(9000, 17_000)
    story.tell(10_000, ev.AgentLeftQueue, agent="1001", queue="sales")
    story.passes(20_000)
    assert (story.label()[0], story.agent().today.wrap_up_ms) == (AgentState.SIGNED_OUT, 1000)


def test_a_wrap_up_ends_at_its_own_moment_however_late_time_passes() -> None:
    story = Story()
    story.sign_in(0)
    story.queue_up(0)
    story.answer(5000)
    story.end(9000)
    story.wrap_up(9000, 17_000)
    story.passes(60_000)
    assert story.intervals()[-1] == ("wrap_up", 9000, 8000)
    assert (story.agent().since - T0, story.legs()[0].wrap_up_ms) == (17_000, 8000)


def test_a_new_contact_cuts_the_wrap_up_short() -> None:
    story = Story()
    story.sign_in(0)
    for contact, at in (("c1", 0), ("c2", 10_000)):
        story.queue_up(at, contact)
        story.answer(at + 1000, contact)
        story.end(at + 2000, contact)
        story.wrap_up(at + 2000, at + 10_000, contact)
    assert story.legs()[0].wrap_up_ms == 8000
    story.queue_up(13_000, "c3")
    story.answer(14_000, "c3")
    assert [one.wrap_up_ms for one in story.legs()] == [8000, 2000]


def test_a_wrap_up_that_is_over_before_it_begins_leaves_the_agent_ready() -> None:
    """A late event after a short wrap-up; the one before it ends all the same."""
    story = Story()
    story.sign_in(0)
    story.queue_up(0)
    story.answer(1000)
    story.end(2000)
    story.wrap_up(2000, None)
    story.wrap_up(3000, 3000)
    assert story.label()[0] is AgentState.READY


def test_a_wrap_up_without_a_stated_end_lasts_until_the_switch_says_so() -> None:
    story = Story()
    story.sign_in(0)
    story.queue_up(0)
    story.answer(1000)
    story.end(2000)
    story.wrap_up(2000, None)
    story.passes(1_300_000)
    assert story.label()[0] is AgentState.WRAP_UP
    story.tell(1_400_000, ev.WrapUpEnded, agent="1001")
    assert (story.label()[0], story.legs()[0].wrap_up_ms) == (AgentState.READY, 1_398_000)


def test_answering_shows_no_moment_of_readiness_in_between() -> None:
    story = Story()
    story.sign_in(0)
    story.queue_up(0)
    story.offer(1000)
    story.answer(3000)
    assert story.changes() == ["ready", "offered", "on_contact"]


def test_the_stretches_of_a_day_follow_each_other_without_gap_or_overlap() -> None:
    story = Story()
    story.sign_in(0)
    story.queue_up(5000)
    story.offer(6000)
    story.answer(9000)
    story.contact(20_000, ev.ContactHeld, agent="1001")
    story.contact(26_000, ev.ContactResumed, agent="1001")
    story.end(30_000)
    story.tell(40_000, ev.AgentNotReady, agent="1001", queue="sales", reason="lunch")
    assert story.intervals() == [
        ("ready", 0, 6000),
        ("offered", 6000, 3000),
        ("on_contact", 9000, 11_000),
        ("on_hold", 20_000, 6000),
        ("on_contact", 26_000, 4000),
        ("ready", 30_000, 10_000),
    ]


def test_an_event_out_of_order_never_makes_stretches_overlap() -> None:
    story = Story()
    story.sign_in(0)
    story.tell(10_000, ev.AgentNotReady, agent="1001", queue="sales", reason="lunch")
    story.tell(8000, ev.AgentReady, agent="1001", queue="sales")
    story.tell(12_000, ev.AgentNotReady, agent="1001", queue="sales", reason="tea")
    assert story.intervals() == [("ready", 0, 10_000), ("ready", 10_000, 2000)]


@pytest.mark.parametrize("kind", [ev.AgentNotReady, ev.AgentReady, ev.AgentLeftQueue])
def test_what_is_said_of_an_agent_nobody_knows_is_an_anomaly(kind: type[ev.AgentReady]) -> None:
    story = Story()
    story.tell(0, kind, agent="9", queue="sales")
    assert story.floor.state.anomalies == {AnomalyKind.UNKNOWN_AGENT: 1}


def test_an_offer_withdrawn_is_not_counted_against_the_agent() -> None:
    story = Story()
    story.sign_in(0)
    story.queue_up(0)
    for at, reason in ((1000, "withdrawn"), (2000, "customer_gone"), (3000, "no_answer"), (4000, "busy")):
        story.offer(at)
        story.contact(at + 500, ev.ContactDeclined, agent="1001", reason=reason)
    assert (story.agent().today.offered, story.agent().today.declined) == (4, 2)


# --- a source that is lost


def test_a_lost_source_makes_its_agents_unknown_never_ready() -> None:
    story = Story()
    story.sign_in(0)
    story.tell(0, ev.AgentJoinedQueue, agent="2001", queue="sales", device="idle", source="other")
    story.lose(5000)
    assert (story.label()[0], story.label("2001")[0]) == (AgentState.UNKNOWN, AgentState.READY)


def test_a_connection_alone_tells_nothing() -> None:
    story = Story()
    story.sign_in(0)
    story.lose(5000)
    story.tell(6000, ev.SourceConnected)
    assert story.label()[0] is AgentState.UNKNOWN


def test_a_picture_ends_the_unknown() -> None:
    story = Story()
    story.sign_in(0)
    story.lose(5000)
    story.tell(9000, ev.ResyncBegan)
    story.seen(9000)
    story.tell(9000, ev.ResyncEnded)
    assert (story.label()[0], story.intervals()[-1]) == (AgentState.READY, ("unknown", 5000, 4000))


def test_a_collector_that_starts_late_makes_unknown_the_whole_time_nobody_listened() -> None:
    """Last heard at 5 s, started again at 60 s: from 5 s on nothing was known, so nobody was `ready` then."""
    story = Story()
    story.sign_in(0)
    story.tell(5000, ev.QueueConfigured, queue="sales", target_ms=20_000)
    story.lose(60_000, GapReason.STARTED_LATE)
    assert (story.agent().since - T0, story.floor.gaps[0].began - T0) == (5000, 5000)
    assert story.intervals() == [("ready", 0, 5000)]


def test_a_pause_that_lasted_through_the_gap_is_as_old_as_the_switch_says() -> None:
    """Paused in the gap at 6 s (LastPause): unknown until then, not ready since then, not since the picture."""
    story = Story()
    story.sign_in(0)
    story.lose(5000)
    story.tell(9000, ev.ResyncBegan)
    story.seen(9000, not_ready=True, reason="lunch", not_ready_since=Millis(T0 + 6000))
    story.tell(9000, ev.ResyncEnded)
    assert (story.label(), story.agent().since - T0) == ((AgentState.NOT_READY, "lunch"), 6000)
    assert story.intervals()[-1] == ("unknown", 5000, 1000)


def test_a_floor_that_starts_shows_pauses_as_old_as_they_are() -> None:
    """An agent paused for half an hour must not look fresh because Floorwatch was started a second ago."""
    story = Story()
    story.tell(0, ev.ResyncBegan)
    story.seen(0, not_ready=True, reason="lunch", not_ready_since=Millis(T0 - 1_800_000))
    story.tell(0, ev.ResyncEnded)
    assert (story.label(), story.agent().since - T0) == ((AgentState.NOT_READY, "lunch"), -1_800_000)


def test_a_member_that_a_reload_dropped_is_signed_out_by_the_next_picture() -> None:
    story = Story()
    story.sign_in(0)
    story.tell(60_000, ev.ResyncBegan)
    story.tell(60_000, ev.ResyncEnded)
    assert story.label()[0] is AgentState.SIGNED_OUT
    assert story.floor.state.anomalies == {AnomalyKind.AGENT_VANISHED: 1}


def test_a_member_who_joined_while_the_picture_was_drawn_is_not_judged_by_it() -> None:
    story = Story()
    story.tell(60_000, ev.ResyncBegan)
    story.sign_in(60_001)
    story.tell(60_002, ev.ResyncEnded)
    assert story.label()[0] is AgentState.READY


@pytest.mark.parametrize(("device", "state"), [("ringing", AgentState.OFFERED), ("idle", AgentState.READY)])
def test_an_offer_survives_a_gap_only_if_the_telephone_still_rings(device: str, state: AgentState) -> None:
    """The contact waits on, but whether this agent is still being rung only the telephone can say."""
    story = Story()
    story.sign_in(0)
    story.queue_up(1000)
    story.offer(2000)
    story.lose(3000)
    story.tell(9000, ev.ResyncBegan)
    story.seen(9000, device=device)
    story.contact(9000, ev.ContactSeen, wait_ms=8000)
    story.tell(9000, ev.ResyncEnded)
    assert story.label()[0] is state


def test_a_source_lost_twice_is_one_gap() -> None:
    story = Story()
    story.lose(1000)
    story.lose(2000)
    assert [(gap.began - T0, gap.ended) for gap in story.floor.gaps] == [(1000, None)]


def test_numbers_of_a_queue_whose_source_is_lost_are_not_certain() -> None:
    story = Story()
    story.sign_in(0)
    assert story.numbers(1000).certain
    story.lose(2000)
    assert (story.numbers(3000).certain, story.numbers(3000).agents) == (False, {"unknown": 1})
    assert SOURCE in story.floor.state.blind


def test_a_reserved_pause_is_told_at_once() -> None:
    """Paused in mid-contact, the label stays; the mark for what comes next must not wait for the contact's end."""
    floor = Story()
    floor.sign_in(0)
    floor.queue_up(1_000)
    floor.answer(5_000)
    told = floor.tell(6_000, ev.AgentNotReady, agent="1001", queue="sales", reason="小休")
    assert [(one.agent, one.state) for one in told if isinstance(one, AgentChange)] == [("1001", "on_contact")]
    assert floor.agent().next_reason == "小休"
    back = floor.tell(7_000, ev.AgentReady, agent="1001", queue="sales")
    assert len([one for one in back if isinstance(one, AgentChange)]) == 1
