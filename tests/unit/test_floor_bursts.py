"""Bursts in the worst order cost no more than their size: one pusher must not hold up the floor of a site."""

import pytest

from streams.floor.fold import Floor
from streams.vocabulary import events as ev
from streams.vocabulary.ids import ContactId, Millis, QueueName, SiteId, SourceId
from streams.vocabulary.states import Order

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
