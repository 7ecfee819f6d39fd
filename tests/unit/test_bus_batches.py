"""How a publisher cuts its batches, and how stream ids compare."""

from hypothesis import given
from hypothesis import strategies as st

from streams.bus import names
from streams.bus.consume import id_order
from streams.bus.publish import BATCH_BLOBS, BATCH_BYTES, batches
from streams.vocabulary.ids import SiteId


@given(st.lists(st.integers(0, BATCH_BYTES // 3), max_size=40), st.integers(0, 3))
def test_batches_lose_nothing_and_stay_small(sizes: list[int], thousands: int) -> None:
    """Joined again they are the input; each is within both limits, or a single large blob."""
    blobs = [bytes(size) for size in sizes] + [b""] * (thousands * 1_000)
    cut = list(batches(blobs))
    assert [blob for batch in cut for blob in batch] == blobs
    for batch in cut:
        assert 0 < len(batch) <= BATCH_BLOBS
        assert len(batch) == 1 or sum(map(len, batch)) <= BATCH_BYTES


def test_ids_compare_by_number() -> None:
    """As text, `10-0` would come before `9-0`."""
    assert sorted(["10-0", "9-10", "9-9", "9"], key=id_order) == ["9", "9-9", "9-10", "10-0"]


def test_a_stream_and_its_dead_letters_share_a_slot() -> None:
    """Redis Cluster hashes what stands in the first braces."""
    assert names.events(SiteId("hz")) == "events:{hz}"
    assert names.dead(names.events(SiteId("hz"))) == "dead:events:{hz}"
    assert names.dead(names.FACTS) == "dead:{facts}"
