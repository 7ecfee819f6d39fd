"""What /ops makes of the service's status: words, of whom, and what is worth a look."""

import pytest

from monitor.web.ops_view import Level, OpsLine, sections


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


def test_each_spool_has_its_own_section_without_what_did_not_happen():
    status = {
        "spools": {
            "pbx-1 sent": 0,
            "pbx-1 torn": 0,
            "crm (pushed) sent": 1200,
            "crm (pushed) torn": 2,
            "crm (pushed) disk no_space": 1,
        }
    }
    told = [(section.name, section.of, section.lines) for section in sections(status)]
    assert told == [
        ("spools", "pbx-1", (OpsLine("sent", "0"),)),
        (
            "spools",
            "crm (pushed)",
            (
                OpsLine("sent", "1,200"),
                OpsLine("torn", "2", Level.LOOK),
                OpsLine("no_space", "1", Level.LOOK, of="disk"),
            ),
        ),
    ]
