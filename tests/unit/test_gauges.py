"""The system's state as numbers: what is not known is absent, what belongs to no site is told once."""

from typing import Any

from monitor.gauges import Ledger, Looked, StoreWatch, gauges_of
from streams.vocabulary.ids import SiteId

LOOKED = Looked(
    disk_free_percent=12.5,
    lags_s={"floor events:{gz}": 0.2, "archive events:{gz}": 3.0, "floor events:{sz}": 9.0, "archive facts": 40.0},
    dead={"events:{gz}": 1, "events:{sz}": 2, "facts": 4},
    store_away=True,
    rules_drifting=0,
)


def test_the_first_site_tells_what_belongs_to_none() -> None:
    """40 s of the facts are the slowest of what is its own; 1 + 4 dead letters."""
    assert gauges_of(LOOKED, site=SiteId("gz"), first=True, ledger=Ledger(missing=2, backlog=7)) == {
        "disk_free_percent": 12.5,
        "stream_lag_s": 40.0,
        "dead_letters": 5.0,
        "recordings_missing": 2.0,
        "recogniser_backlog": 7.0,
        "store_away": 1.0,
        "rules_drifting": 0.0,
    }


def test_another_site_tells_its_own_streams() -> None:
    assert gauges_of(LOOKED, site=SiteId("sz"), first=False) == {"stream_lag_s": 9.0, "dead_letters": 2.0}


def test_what_nobody_has_measured_is_absent() -> None:
    assert gauges_of(Looked(), site=SiteId("gz"), first=True) == {}


def writers(*, retries: int = 0, batches: int = 0) -> dict[str, Any]:
    return {"archive facts": {"store_retries": retries, "batches": batches}, "roller": {"store_retries": 99}}


def test_the_store_is_away_from_a_retry_to_the_next_batch() -> None:
    """Between two retries, far apart, nothing is counted: it is away all the same."""
    watch = StoreWatch()
    looks = [writers(batches=3), writers(retries=1, batches=3), writers(retries=1, batches=3)]
    back = writers(retries=4, batches=4)
    assert [watch.take(one) for one in (*looks, back, back)] == [False, True, True, False, False]


def test_a_writer_that_began_anew_counts_from_zero() -> None:
    watch = StoreWatch()
    watch.take(writers(retries=5, batches=30))
    assert watch.take(writers(retries=6, batches=30))
    assert not watch.take(writers(retries=0, batches=0))
    assert watch.take(writers(retries=1, batches=0))
