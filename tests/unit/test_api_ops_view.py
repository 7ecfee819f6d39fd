"""What /ops makes of the service's status: words, of whom, and what is worth a look."""

import pytest

from monitor.web.ops_view import Level, sections


def lines(status):
    return [(line.name, line.of, line.value, line.level) for section in sections(status) for line in section.lines]


@pytest.mark.parametrize(
    ("status", "line"),
    [
        ({"drops": {"switch: headless": 3}}, ("headless", "switch", "3", Level.LOOK)),
        ({"retries": {"switch lost: closed": 1}}, ("closed", "switch", "1", Level.LOOK)),
        ({"sources": {"switch bytes": 3886008}}, ("bytes", "switch", "3,886,008", Level.FINE)),
        ({"sources": {"switch connected": False}}, ("connected", "switch", "no", Level.BROKEN)),
        ({"quarantine": {"dead letters of facts": 0}}, ("dead_letters", "facts", "0", Level.FINE)),
        ({"streams": {"events:{demo}": 7}}, ("stream_events", "events:{demo}", "7", Level.FINE)),
        ({"streams": {"jobs:asr": 7}}, ("stream_jobs_asr", "jobs:asr", "7", Level.FINE)),
        ({"stores": {"history": "disk full"}}, ("history", "", "disk full", Level.BROKEN)),
        ({"history archive facts": {"last_fault": ""}}, ("last_fault", "", "–", Level.FINE)),
        ({"history archive facts": {"last_fault": "no space"}}, ("last_fault", "", "no space", Level.LOOK)),
        ({"ready": "catching up"}, ("ready", "", "catching up", Level.BROKEN)),
        ({"ready": True}, ("ready", "", "yes", Level.FINE)),
    ],
)
def test_a_status_becomes_a_line(status, line):
    assert lines(status) == [line]


def test_a_history_section_names_its_part_and_its_stream():
    assert [(one.name, one.of) for one in sections({"history archive events:{demo}": {}})] == [
        ("archive", "events:{demo}")
    ]
