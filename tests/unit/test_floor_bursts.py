"""Bursts in the worst order cost no more than their size: one pusher must not hold up the floor of a site."""

import pytest

from streams.floor import order, room
from streams.floor.fold import Floor
from streams.vocabulary import events as ev
from streams.vocabulary.facts import ContactLeg
from streams.vocabulary.ids import AgentId, ContactId, Millis, QueueName, SiteId, SourceId
from streams.vocabulary.states import GapReason, Order, Outcome

pytestmark = pytest.mark.timeout(20)
T0 = Millis(1_795_000_000_000)
SITE, SOURCE = SiteId("hz"), SourceId("crm-1")


def floor_of(order: Order) -> Floor:
    floor = Floor(SITE)
    floor.apply(ev.SourceConnected(at=T0, site=SITE, source=SOURCE, seq=0, order=order))
    return floor


def queued(seq: int, at: int, contact: int) -> ev.ContactQueued:
    return ev.ContactQueued(
        at=Millis(at),
        site=SITE,
        source=SOURCE,
        seq=seq,
        contact=ContactId(f"c{contact}"),
        leg=1,
        queue=QueueName("q"),
    )


def test_a_full_batch_that_comes_backwards_is_folded_in_seconds() -> None:
    """It took minutes when each event was held against all that it overtakes."""
    floor = floor_of(Order.TIMED)
    for number in range(10_000):
        floor.apply(queued(number + 1, T0 + 25_000 - number, number))
    floor.advance(Millis(T0 + 60_000))
    waiting = list(floor.queues[QueueName("q")].waiting.values())
    assert len(waiting) == 10_000
    assert floor.visits[ContactId("c9999"), 1].queued_at == T0 + 15_001


def test_numbers_of_which_every_second_is_missing_are_given_up_in_seconds() -> None:
    floor = floor_of(Order.NUMBERED)
    for number in range(30_000):
        floor.apply(queued(2 * number + 2, T0 + 1, number))
    floor.advance(Millis(T0 + 60_000))
    assert len(floor.visits) == 30_000
    assert floor.state.seqs[SOURCE] == 60_000
    assert not floor.state.intake.holes


def test_behind_a_hole_everything_waits_its_time_though_the_next_ones_come_sooner() -> None:
    floor = floor_of(Order.NUMBERED)
    floor.apply(queued(1, T0 + 1, 1))
    floor.apply(queued(3, T0 + 20_000, 3))
    floor.apply(queued(5, T0 + 40_000, 5))
    floor.advance(Millis(T0 + 49_999))
    assert len(floor.visits) == 1
    floor.advance(Millis(T0 + 50_000))
    assert len(floor.visits) == 2, "the hole before 3 is given up, the one before 5 not yet"
    floor.advance(Millis(T0 + 70_000))
    assert len(floor.visits) == 3


def named(seq: int, *, queue: str = "q", agent: str = "") -> ev.Event:
    if agent:
        return ev.AgentSignedIn(at=Millis(T0 + seq), site=SITE, source=SOURCE, seq=seq, agent=AgentId(agent))
    return ev.ContactQueued(
        at=Millis(T0 + seq),
        site=SITE,
        source=SOURCE,
        seq=seq,
        contact=ContactId(f"c{seq}"),
        leg=1,
        queue=QueueName(queue),
    )


def test_queues_that_somebody_invents_are_bounded_and_known_ones_go_on() -> None:
    """Five thousand of them held the process up for twelve seconds; each is counted every second."""
    floor = floor_of(Order.ARRIVAL)
    for seq in range(1, room.MOST_QUEUES + 501):
        floor.apply(named(seq, queue=f"q{seq}"))
    floor.apply(named(5_000, queue="q1"))
    assert len(floor.queues) == room.MOST_QUEUES
    assert len(floor.queues[QueueName("q1")].waiting) == 2
    assert floor.state.anomalies["too_many_queues"] == 500


def test_agents_that_somebody_invents_are_bounded() -> None:
    floor = floor_of(Order.ARRIVAL)
    for seq in range(1, room.MOST_AGENTS + 101):
        floor.apply(named(seq, agent=f"a{seq}"))
    assert len(floor.agents) == room.MOST_AGENTS
    assert floor.state.anomalies["too_many_agents"] == 100


def test_contacts_that_never_end_make_room_and_are_told_as_lost() -> None:
    floor = floor_of(Order.ARRIVAL)
    outputs: list[object] = []
    for seq in range(1, room.MOST_VISITS + 2):
        outputs += floor.apply(named(seq))
    lost = [one for one in outputs if isinstance(one, ContactLeg)]
    assert len(lost) == room.MOST_VISITS // 10
    assert {one.outcome for one in lost} == {Outcome.LOST}
    assert lost[0].contact == "c1"
    assert len(floor.visits) == len(floor.queues[QueueName("q")].waiting) == room.MOST_VISITS - len(lost) + 1


def test_numbers_of_a_timed_source_are_forgotten_in_parts() -> None:
    """One at a time, a full memory cost a quarter of a millisecond for each event."""
    floor = floor_of(Order.TIMED)
    for seq in range(1, order.MOST_SEEN + 50_001):
        order.admit(ev.SourceHeard(at=T0, site=SITE, source=SOURCE, seq=seq), floor._writing(T0, []))
    assert order.MOST_SEEN * 15 // 16 <= len(floor.state.intake.seen[SOURCE]) <= order.MOST_SEEN


def test_a_batch_sent_again_hours_later_is_not_counted_twice_because_another_source_is_lost() -> None:
    """A switch that was away all day made every old visit of the others look as if it had been missed."""
    floor = floor_of(Order.TIMED)
    switch = SourceId("pbx")
    floor.apply(ev.SourceConnected(at=T0, site=SITE, source=switch, seq=1))
    floor.apply(ev.SourceLost(at=T0, site=SITE, source=switch, seq=2, reason=GapReason.DISCONNECTED))
    visit: list[ev.Event] = [
        queued(1, T0 + 1_000, 1),
        ev.ContactAbandoned(
            at=Millis(T0 + 9_000),
            site=SITE,
            source=SOURCE,
            seq=2,
            contact=ContactId("c1"),
            leg=1,
            queue=QueueName("q"),
        ),
    ]
    for now in (T0 + 10_000, T0 + 3 * 3_600_000):
        floor.advance(Millis(now))
        for event in visit:
            floor.apply(event)
        floor.advance(Millis(now + 60_000))
    today = floor.queues[QueueName("q")].today
    assert (today.offered, today.abandoned) == (1, 1)


def test_a_correction_with_a_reason_nobody_knows_is_counted_all_the_same() -> None:
    """It was offered, and left in no way there is: offered = answered + abandoned + overflowed + … did not hold."""
    floor = floor_of(Order.ARRIVAL)
    floor.apply(
        ev.ContactCorrected(
            at=Millis(T0 + 10_000),
            site=SITE,
            source=SOURCE,
            seq=1,
            contact=ContactId("c1"),
            leg=1,
            queue=QueueName("q"),
            outcome=Outcome.OVERFLOWED,
            queued_at=Millis(T0 + 1),
            ended_at=Millis(T0 + 9_000),
            reason="because",
        )
    )
    today = floor.queues[QueueName("q")].today
    assert (today.offered, today.overflowed_withdrawn) == (1, 1)
