"""Every number of the service's status is a metric with a name and labels that stay, and is told in the documents."""

import re
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import generate_latest

from monitor.api.status_metrics import names_of, status_families
from streams.bus.dead import Tally
from tests.push_room import SOURCE, Kept, door_of

DOCUMENT = Path(__file__).parents[2] / "docs/operations.md"
STATUS = {
    "ready": True,
    "stores": {"bus": "ok", "history": "no answer"},
    "disk": {"used_percent": 12.5, "state": "ok"},
    "sources": {"pbx-1 connected": True, "pbx-1 bytes": 10, "pbx-1 messages": 2, "pbx-1 events": 1},
    "spools": {
        "pbx-1 bytes": 5,
        "pbx-1 unsent": 1,
        "crm (pushed) oldest_unsent_s": 0.5,
        "pbx-1 full_percent": 1,
        "pbx-1 tail lost: another_server": 3,
        "pbx-1 trouble": "",
    },
    "drops": {"pbx-1: headless": 4, "recording_outside": 1},
    "retries": {"pbx-1 lost: closed": 2},
    "quarantine": {"dead letters of facts": 1},
    "anomalies": {"late": 1, "gz: duplicate": 2},
    "repairs": {"repaired_talk": 1},
    "lag": {"archive facts": 0.25},
    "streams": {"events:{hz}": 9},
    "floor": {"facts": 11, "gz: owning": 1},
    "history archive facts": {"batches": 3, "last_fault": "", "bus_retries": 1},
    "history score": {"scored": 2},
    "somebody's": {"own": 1},
}


def text(**more) -> str:
    class Collector:
        def collect(self):
            return status_families(STATUS, **more)

    registry = CollectorRegistry(auto_describe=False)
    registry.register(Collector())
    return generate_latest(registry).decode()


@pytest.mark.parametrize(
    "line",
    [
        "floorwatch_ready 1.0",
        'floorwatch_store_up{store="bus"} 1.0',
        'floorwatch_store_up{store="history"} 0.0',
        "floorwatch_disk_used_percent 12.5",
        'floorwatch_source_connected{source="pbx-1"} 1.0',
        'floorwatch_source_bytes_total{source="pbx-1"} 10.0',
        'floorwatch_spool_bytes{source="pbx-1"} 5.0',
        'floorwatch_spool_oldest_unsent_seconds{source="crm (pushed)"} 0.5',
        'floorwatch_spool_total{source="pbx-1",what="tail lost: another_server"} 3.0',
        'floorwatch_refused_total{reason="headless",source="pbx-1"} 4.0',
        'floorwatch_refused_total{reason="recording_outside",source=""} 1.0',
        'floorwatch_source_lost_total{reason="closed",source="pbx-1"} 2.0',
        'floorwatch_anomalies_total{kind="duplicate",site="gz"} 2.0',
        'floorwatch_repairs_total{kind="repaired_talk",site=""} 1.0',
        'floorwatch_lag_seconds{reader="archive",stream="facts"} 0.25',
        'floorwatch_stream_entries{stream="events:{hz}"} 9.0',
        'floorwatch_floor_total{kind="facts",site=""} 11.0',
        'floorwatch_archive_batches{stream="facts"} 3.0',
        'floorwatch_score_scored{stream=""} 2.0',
        'floorwatch_status{name="own",section="somebody\'s"} 1.0',
    ],
)
def test_a_number_of_the_status_is_a_metric(line):
    assert line in text().splitlines()


def test_dead_letters_and_pushes_are_told_by_reason():
    door = door_of(Kept())
    door.accepted[SOURCE] = 3
    door.refused[(SOURCE, "not_json")] = 2
    door.refused[("", "wrong_bearer")] = 1
    tally = Tally(stream="facts", letters=9, counted=9, reasons={"does_not_fit": 9})
    lines = text(door=door, dead=[tally]).splitlines()
    assert 'floorwatch_dead_letters{reason="does_not_fit",stream="facts"} 9.0' in lines
    assert 'floorwatch_push_events_total{outcome="accepted",source="crm-1"} 3.0' in lines
    assert 'floorwatch_refused_total{reason="not_json",source="crm-1"} 2.0' in lines
    assert 'floorwatch_refused_total{reason="wrong_bearer",source="push"} 1.0' in lines


def test_every_family_stands_once():
    """A second HELP line of one name is refused by Prometheus."""
    told = [line.split()[2] for line in text(door=door_of(Kept())).splitlines() if line.startswith("# HELP")]
    assert len(told) == len(set(told))


def test_every_metric_is_told_in_the_document():
    document = DOCUMENT.read_text(encoding="utf-8")
    tally = Tally(stream="facts", letters=1, counted=1, reasons={"x": 1})
    door = door_of(Kept())
    door.refused[(SOURCE, "not_json")] = 1
    named = set(names_of(status_families(STATUS, door=door, dead=[tally])))
    general = {"floorwatch_archive_batches", "floorwatch_archive_bus_retries", "floorwatch_score_scored"}
    assert sorted(name for name in named - general if not re.search(rf"`{name}[`{{]", document)) == []
