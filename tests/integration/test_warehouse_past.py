"""Events out of the store in order, and checkpoints of the floor, on both engines."""

from collections import Counter

import msgspec
import pytest

from streams.floor.fold import Floor
from streams.vocabulary.events import ContactQueued, Event
from streams.vocabulary.ids import ContactId, Millis, QueueName, SiteId, SourceId
from streams.warehouse.engine import Warehouse
from streams.warehouse.past import checkpoint_of, events_between, last_checkpoint, pages, save_checkpoint
from streams.warehouse.rows import event_columns
from tests.integration.facts import HOUR, MINUTE, NOON, SITE, migrated

pytestmark = pytest.mark.servers


def queued(at: int, seq: int, *, source: str = "asterisk-1", site: str = SITE) -> Event:
    return ContactQueued(
        at=Millis(NOON + at),
        site=SiteId(site),
        source=SourceId(source),
        seq=seq,
        contact=ContactId(f"{source}.{seq}"),
        leg=1,
        queue=QueueName("vip"),
    )


def story() -> list[Event]:
    """In order of (at, source, seq): bursts within one millisecond, two sources, hours of silence."""
    burst = [queued(5, seq, source=source) for source in ("asterisk-1", "fs-1") for seq in range(1, 40)]
    spread = [queued(MINUTE * number, 100 + number) for number in range(1, 30)]
    return [*burst, *spread, queued(9 * HOUR, 900), queued(9 * HOUR + 1, 901)]


@pytest.mark.parametrize("limit", [1, 7, 39, 78, 10_000])
def test_pages_of_any_size_tell_every_event_once_in_order(warehouse: Warehouse, limit: int) -> None:
    """Page borders inside one millisecond, replays in the table and other sites change nothing."""
    events = story()
    migrated(warehouse).insert("events", event_columns(list(reversed(events))))
    warehouse.insert("events", event_columns(events[10:60]))
    warehouse.insert("events", event_columns([queued(5, 1, site="elsewhere")]))
    told = [event for page in pages(warehouse, SITE, NOON, Millis(NOON + 10 * HOUR), limit=limit) for event in page]
    assert told == events


def test_range_is_half_open(warehouse: Warehouse) -> None:
    """An event at `since` is in, one at `until` is not."""
    migrated(warehouse).insert("events", event_columns(story()))
    found = events_between(warehouse, SITE, Millis(NOON + MINUTE), Millis(NOON + 3 * MINUTE))
    assert [event.seq for event in found] == [101, 102]
    assert events_between(warehouse, SITE, Millis(NOON + HOUR), Millis(NOON + 2 * HOUR)) == []


def test_event_of_another_vocabulary_is_counted_not_fatal(warehouse: Warehouse) -> None:
    """Whoever asks for the past of an older version gets what can be read and a count of the rest."""
    columns = event_columns(story()[:3])
    columns["kind"][1], columns["body"][1] = "contact_teleported", '{"kind":"contact_teleported"}'
    migrated(warehouse).insert("events", columns)
    refused: Counter[str] = Counter()
    found = events_between(warehouse, SITE, NOON, Millis(NOON + HOUR), refused=refused, limit=2)
    assert [event.seq for event in found] == [1, 3]
    assert refused == {"contact_teleported": 1}


def test_checkpoint_comes_back_as_it_was(warehouse: Warehouse) -> None:
    """Any bytes; the latest one that holds nothing later than asked for."""
    migrated(warehouse)
    floor = Floor(SITE)
    kept = []
    for event in story()[-5:]:
        floor.apply(event)
        stored = msgspec.msgpack.encode((f"{event.seq}-0", floor.snapshot()))
        checkpoint = checkpoint_of(SITE, stored)
        assert checkpoint is not None
        save_checkpoint(warehouse, checkpoint)
        save_checkpoint(warehouse, checkpoint)
        kept.append(checkpoint)
    assert [one.at for one in kept] == [event.at for event in story()[-5:]]
    assert last_checkpoint(warehouse, SITE, Millis(kept[2].at)) == kept[2]
    assert last_checkpoint(warehouse, SITE, Millis(kept[3].at - 1)) == kept[2]
    assert last_checkpoint(warehouse, SITE, Millis(kept[-1].at + 365 * 24 * HOUR)) == kept[-1]
    assert last_checkpoint(warehouse, SITE, Millis(kept[0].at - 1)) is None
    assert last_checkpoint(warehouse, SiteId("nb"), Millis(kept[-1].at)) is None
    assert Floor.restore(kept[-1].blob).state.seqs == {SourceId("asterisk-1"): 901}


def test_floor_that_has_heard_nothing_makes_no_checkpoint() -> None:
    """It would claim to know the beginning of time."""
    assert checkpoint_of(SITE, msgspec.msgpack.encode(("0-0", Floor(SITE).snapshot()))) is None
