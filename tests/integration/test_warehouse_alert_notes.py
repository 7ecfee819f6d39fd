"""What is kept about alerts beside their numbers, asked of chDB and of a ClickHouse 18.16."""

from typing import Any

import pytest

from streams.vocabulary.facts import AlertNoteFact
from streams.vocabulary.ids import Millis, QueueName, SiteId
from streams.vocabulary.states import NoteKind
from streams.warehouse import queries
from streams.warehouse.alert_notes import RuleCount, alert_counts, alert_marks, alert_notes, alert_said, alert_told
from streams.warehouse.engine import Warehouse
from tests.integration.facts import HOUR, MINUTE, NOON, SITE, alert, migrated, store

pytestmark = pytest.mark.servers
LATER = Millis(NOON + HOUR)
HOSTILE = "<script>alert(1)</script>\n' OR 1=1 -- \\ {site} %(x)s 客服“”\U0001f514"


def note(name: str, kind: NoteKind, *, minute: float = 11, alert: str = "a", **fields: Any) -> AlertNoteFact:
    at = Millis(int(NOON + minute * MINUTE))
    return AlertNoteFact(site=SITE, ver=at, noted_at=at, alert=alert, note=name, kind=kind, **fields)


def test_notes_of_one_alert_come_in_order_and_once(warehouse: Warehouse) -> None:
    """A row that is replayed, or told again after a crash with another time, is one note: the first."""
    said = note(
        "n1", NoteKind.COMMENT, minute=12, by="8000", text=HOSTILE, to="周", channel="c", outcome="o", value=1.5
    )
    store(
        migrated(warehouse), said, note("v1", NoteKind.CHANGED, text="pending"), note("x", NoteKind.COMMENT, alert="b")
    )
    store(warehouse, said, note("v1", NoteKind.CHANGED, minute=13, text="pending"))
    rows = alert_notes(warehouse, alert="a", site=SITE, raised_at=NOON)
    assert [(row.note, row.noted_at) for row in rows] == [("v1", NOON + 11 * MINUTE), ("n1", NOON + 12 * MINUTE)]
    assert rows[1].text == HOSTILE
    assert (rows[1].to, rows[1].value, rows[0].value) == ("周", 1.5, None)
    assert alert_notes(warehouse, alert="a", site=SiteId("gz")) == []
    assert alert_notes(warehouse, alert="a' OR 1=1 --") == []


def test_the_last_word_of_each_person_counts(warehouse: Warehouse) -> None:
    """Whoever took it back says nothing; what was said outside the range is not asked for."""
    store(
        migrated(warehouse),
        note("1", NoteKind.USEFUL, minute=1, by="li"),
        note("2", NoteKind.NOT_USEFUL, minute=2, by="li"),
        note("3", NoteKind.USEFUL, minute=1, by="wang"),
        note("4", NoteKind.UNMARKED, minute=3, by="wang"),
        note("5", NoteKind.USEFUL, minute=61, by="zhou"),
        note("6", NoteKind.COMMENT, minute=4, by="li"),
    )
    marks = alert_marks(warehouse, since=NOON, until=LATER, site=SITE)
    assert [(mark.by, mark.kind) for mark in marks] == [("li", "not_useful"), ("wang", "unmarked")]


def test_what_people_said_of_each_alert_is_counted(warehouse: Warehouse) -> None:
    store(
        migrated(warehouse),
        note("1", NoteKind.ASSIGNED, minute=1, to="li"),
        note("2", NoteKind.ASSIGNED, minute=2, to=""),
        note("3", NoteKind.COMMENT, minute=3),
        note("4", NoteKind.ASSIGNED, minute=4, alert="b", to="zhou"),
        note("5", NoteKind.COMMENT, minute=5),
    )
    said = alert_said(warehouse, since=NOON, until=LATER, site=SITE)
    assert [(one.alert, one.assigned_to, one.comments) for one in said] == [("a", "", 2), ("b", "zhou", 0)]


def test_what_reached_people_is_counted_by_alert(warehouse: Warehouse) -> None:
    """Two messages about one alert are one row of two; what did not arrive reached nobody."""
    told = {"channel": "wecom", "outcome": "delivered", "to": "li"}
    store(
        migrated(warehouse),
        note("t1", NoteKind.NOTIFIED, minute=1, **told),
        note("t2", NoteKind.NOTIFIED, minute=2, **told),
        note("t3", NoteKind.NOTIFIED, minute=3, **{**told, "outcome": "timed_out", "to": "zhou"}),
        note("t4", NoteKind.NOT_NOTIFIED, minute=4, reason="silenced"),
    )
    (row,) = alert_told(warehouse, since=NOON, until=LATER)
    assert (row.to, row.channel, row.alert, row.messages) == ("li", "wecom", "a", 2)


def test_alerts_that_never_fired_are_no_history(warehouse: Warehouse) -> None:
    """Of a queue its tiers are part; one that cleared before its hold told nobody."""
    store(
        migrated(warehouse),
        alert("a", state="firing", ver=2, changed_at=Millis(NOON + 12 * MINUTE)),
        alert("b", state="pending", ver=1),
        alert("c", state="firing", ver=2, scope="tier:vip/gold"),
        alert("d", state="firing", ver=2, scope="queue:vip2"),
        alert("e", state="resolved", ver=3, reason="cleared_before_hold"),
    )
    asked: dict[str, Any] = {"since": NOON, "until": LATER, "fired": True}
    assert [row.alert for row in queries.alerts_list(warehouse, **asked)] == ["a", "c", "d"]
    rows = queries.alerts_list(warehouse, **asked, queue=QueueName("vip"))
    assert [(row.alert, row.changed_at) for row in rows] == [("a", NOON + 12 * MINUTE), ("c", 0)]
    assert [row.alert for row in queries.alerts_list(warehouse, **asked, alert="d")] == ["d"]
    assert alert_counts(warehouse, since=NOON, until=LATER) == [RuleCount(SITE, "service_level", "page", 3)]
