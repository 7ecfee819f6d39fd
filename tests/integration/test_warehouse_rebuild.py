"""Facts derived anew from the events: the same fold repairs, takes back, and the second time finds nothing to do."""

import random
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from streams.floor.fold import Floor
from streams.floor.numbers import Counters
from streams.vocabulary.events import Event, SourceConnected
from streams.vocabulary.facts import ContactLeg, StateInterval
from streams.vocabulary.ids import ContactId, Millis, QueueName, SiteId
from streams.vocabulary.states import AgentState, Order
from streams.warehouse import queries
from streams.warehouse.engine import Warehouse
from streams.warehouse.past import checkpoint_of, save_checkpoint
from streams.warehouse.ranges import queue_line
from streams.warehouse.rebuild import Progress, Rebuild
from streams.warehouse.stored import KINDS, stored
from tests.integration.facts import HOUR, MINUTE, NOON, migrated, store
from tests.integration.warehouse_room import QUEUES, Rolled, a_morning, a_site, remembered

pytestmark = pytest.mark.servers

LATER = Millis(NOON + 6 * HOUR)
TARGETS = dict.fromkeys(map(QueueName, QUEUES), 20_000)


class Story:
    """A morning as the live service left it: events and facts in the store, rollups counted."""

    def __init__(self, warehouse: Warehouse, seed: int = 3) -> None:
        self.warehouse = migrated(warehouse)
        self.site: SiteId = a_site()
        self.events: list[Event] = a_morning(self.site, random.Random(seed))
        floor = self.make_floor(None)
        outputs = [out for event in self.events for out in floor.apply(event)]
        newest: dict[Any, Any] = {}
        for fact in remembered([*outputs, *floor.advance(LATER)]):
            newest[_key(fact)] = fact
        self.facts = list(newest.values())
        self.rolled = Rolled(warehouse)

    def make_floor(self, blob: bytes | None) -> Floor:
        return Floor.restore(blob, targets_ms=TARGETS) if blob else Floor(self.site, targets_ms=TARGETS)

    def rebuild(self, *, since: int = NOON, until: int = NOON + HOUR, **options: Any) -> Progress:
        work = Rebuild(
            site=self.site,
            since=Millis(since),
            until=Millis(until),
            now=LATER,
            make_floor=self.make_floor,
            short_abandon_ms=5_000,
            **options,
        )
        while not work.done:
            work.step(self.warehouse)
        return work.progress

    def standing(self) -> dict[Any, Any]:
        """What the tables say, without versions and interval numbers."""
        rows = [
            row.fact
            for table in KINDS
            for row in stored(self.warehouse, table, site=self.site, since=NOON, until=LATER)
            if not row.retracted
        ]
        assert len({_key(row) for row in rows}) == len(rows)
        return {_key(row): _plain(row) for row in rows}

    def counters(self, **options: Any) -> list[Any]:
        return queue_line(self.warehouse, since=NOON, until=LATER, site=self.site, slot_minutes=1, **options)


def _key(fact: Any) -> Any:
    return (fact.contact, fact.leg, fact.queue) if isinstance(fact, ContactLeg) else (fact.agent, fact.started_at)


def _plain(fact: Any) -> Any:
    return replace(fact, ver=0) if isinstance(fact, ContactLeg) else replace(fact, ver=0, number=0)


def nothing_done(progress: Progress) -> bool:
    return not any(progress.written.values()) and not any(progress.retracted.values())


@pytest.mark.parametrize("page", [7, 10_000])
def test_what_the_live_fold_stored_is_left_alone(warehouse: Warehouse, page: int) -> None:
    """The same events through the same fold: every row is found as it should be."""
    story = Story(warehouse)
    story.rolled.write(story.facts, story.events)
    progress = story.rebuild(page=page)
    assert nothing_done(progress), progress.changes
    assert sum(progress.unchanged.values()) == len(story.facts)
    assert progress.events == len(story.events)


def test_a_source_whose_numbers_only_tell_apart_loses_nothing(warehouse: Warehouse) -> None:
    """It said its order days before the events that are folded: without that, half of them count as told twice."""
    story = Story(warehouse)
    chance = random.Random(8)
    source = story.events[0].source
    timed = [replace(event, seq=chance.getrandbits(60)) for event in story.events]
    said = SourceConnected(at=Millis(NOON - 50 * HOUR), site=story.site, source=source, seq=1, order=Order.TIMED)
    story.rolled.write(story.facts, [said, *timed])
    progress = story.rebuild()
    assert nothing_done(progress), progress.changes
    assert "duplicate" not in progress.anomalies


def test_lost_garbled_and_invented_rows_are_put_right_once(warehouse: Warehouse) -> None:
    """Missing ones come, wrong ones are replaced, ones no event speaks of are taken back; then all is quiet."""
    story = Story(warehouse)
    chance = random.Random(5)
    kept = [fact for fact in story.facts if chance.random() < 0.8]
    garbled = [replace(fact, ver=fact.ver + 7, wait_ms=1) for fact in kept if isinstance(fact, ContactLeg)][:5]
    legs = [fact for fact in kept if isinstance(fact, ContactLeg)]
    invented = [replace(legs[0], contact=ContactId("ghost"), queued_at=Millis(NOON + 5 * MINUTE))]
    stretch = StateInterval(
        site=story.site, ver=1, started_at=Millis(NOON + 1), agent=legs[-1].agent, number=900,
        state=AgentState.READY, duration_ms=30 * MINUTE,
    )  # fmt: skip
    story.rolled.write([*kept, *garbled, *invented, stretch], story.events)
    story.rolled.roll()
    promised = story.rebuild(dry_run=True)
    untouched = story.standing()
    progress = story.rebuild()
    assert (promised.written, promised.retracted) == (progress.written, progress.retracted)
    assert untouched != story.standing()
    assert story.standing() == {_key(fact): _plain(fact) for fact in story.facts}
    assert progress.retracted == {"contact_legs": 1, "state_intervals": 1}
    assert any("ghost" in change and "taken back" in change for change in progress.changes)
    assert story.counters() == story.counters(today=NOON)
    assert nothing_done(story.rebuild())
    store(warehouse, *invented, *garbled)
    assert story.standing() == {_key(fact): _plain(fact) for fact in story.facts}, "a replay must not revive them"


def test_questions_do_not_see_what_was_taken_back(warehouse: Warehouse) -> None:
    """Lists, days, rollups and counts are without it; the row itself is kept as evidence."""
    story = Story(warehouse)
    legs = [fact for fact in story.facts if isinstance(fact, ContactLeg)]
    ghost = replace(legs[0], contact=ContactId("ghost"), queued_at=Millis(NOON + 5 * MINUTE))
    story.rolled.write([*story.facts, ghost], story.events)
    before = {row.table: row.rows for row in queries.table_counts(warehouse)}
    story.rebuild()
    after = {row.table: row.rows for row in queries.table_counts(warehouse)}
    assert after["contact_legs"] == before["contact_legs"] - 1
    whole = sum((row.counters for row in story.counters()), Counters())
    assert whole.offered == sum(1 for leg in legs if leg.leg and leg.direction == "inbound")
    assert warehouse.query("SELECT retracted FROM contact_legs FINAL WHERE contact = 'ghost'") == [(1,)]


def test_fold_begins_at_a_checkpoint_if_there_is_one(warehouse: Warehouse) -> None:
    """In mid-morning: the talks and agents of before are known, and nothing of before is touched."""
    story = Story(warehouse)
    since = Millis(NOON + 25 * MINUTE)
    floor = story.make_floor(None)
    for event in story.events:
        if event.at < since - 3 * MINUTE:
            floor.apply(event)
    checkpoint = checkpoint_of(story.site, msgspec.msgpack.encode(("5-0", floor.snapshot())))
    assert checkpoint is not None
    save_checkpoint(warehouse, checkpoint)
    late = [fact for fact in story.facts if _own_time(fact) >= since]
    story.rolled.write([fact for fact in story.facts if fact not in late[::2]], story.events)
    progress = story.rebuild(since=since)
    assert progress.from_checkpoint
    assert progress.events < len(story.events)
    assert sum(progress.written.values()) == len(late[::2])
    assert not any(progress.retracted.values()), progress.changes
    assert story.standing() == {_key(fact): _plain(fact) for fact in story.facts}


def test_checkpoint_of_another_version_is_passed_over(warehouse: Warehouse) -> None:
    """The fold begins a day before instead."""
    story = Story(warehouse)
    story.rolled.write(story.facts, story.events)
    blob = msgspec.msgpack.encode({"at": NOON - MINUTE, "site": 7})
    checkpoint = checkpoint_of(story.site, msgspec.msgpack.encode(("5-0", blob)))
    assert checkpoint is not None
    save_checkpoint(warehouse, checkpoint)
    progress = story.rebuild()
    assert not progress.from_checkpoint
    assert nothing_done(progress)


def test_what_may_still_be_amended_is_left_to_the_live_floor(warehouse: Warehouse) -> None:
    """A range that reaches into the last hour and a half ends before it."""
    story = Story(warehouse)
    story.rolled.write([], story.events)
    work = Rebuild(
        site=story.site, since=NOON, until=LATER, now=Millis(NOON + HOUR), make_floor=story.make_floor,
        short_abandon_ms=5_000,
    )  # fmt: skip
    assert work.step(warehouse).phase == "done"
    assert story.standing() == {}


def test_rollups_of_a_store_that_had_none_are_counted(warehouse: Warehouse) -> None:
    """After an upgrade: facts from before the rollups are counted by one rebuild."""
    story = Story(warehouse)
    store(warehouse, *story.facts)
    Rolled(warehouse).write([], story.events)
    assert story.counters() == []
    progress = story.rebuild()
    assert progress.slots == 12
    assert story.counters() == story.counters(today=NOON) != []


def _own_time(fact: Any) -> int:
    return int(fact.queued_at if isinstance(fact, ContactLeg) else fact.started_at)
