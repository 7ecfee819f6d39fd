"""The ledger of recordings as Prometheus metrics. In: each site's last look. Out: metric families.

arrived = done + open + quarantined, created = arrived + missing + expected: `_off` tells by how much they are not. May
not know: the bus.
"""

from collections.abc import Iterator, Mapping

from prometheus_client.core import GaugeMetricFamily, Metric

from monitor.intake_desk import Seen
from streams.vocabulary.ids import SiteId


def recording_families(sites: Mapping[SiteId, Seen]) -> Iterator[Metric]:
    states = GaugeMetricFamily("floorwatch_recordings", "Recordings by state", labels=["state", "site"])
    reasons = GaugeMetricFamily("floorwatch_recordings_quarantined", "Why", labels=["reason", "site"])
    sums = GaugeMetricFamily("floorwatch_recordings_sum", "Of the ledger's window", labels=["what", "site"])
    off = GaugeMetricFamily("floorwatch_recordings_off", "0: the ledger balances", labels=["sum", "site"])
    eta = GaugeMetricFamily("floorwatch_recordings_eta_seconds", "Until the queue is empty", labels=["site"])
    for site, seen in sites.items():
        for state, count in seen.states.items():
            states.add_metric([state, site], count)
        for reason, count in seen.reasons.items():
            reasons.add_metric([reason, site], count)
        for what in ("created", "arrived", "open"):
            sums.add_metric([what, site], getattr(seen, what))
        off.add_metric(["arrived", site], seen.arrived_off)
        off.add_metric(["created", site], seen.created_off)
        if seen.eta_ms is not None:
            eta.add_metric([site], seen.eta_ms / 1000)
    yield from (states, reasons, sums, off, eta)
