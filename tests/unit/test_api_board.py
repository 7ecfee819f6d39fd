"""The alert board: the newest fact of each alert, acknowledgements kept."""

from msgspec.structs import replace

from monitor.api.board import AlertBoard, NotAcknowledged, Taken
from streams.vocabulary.facts import AlertFact
from streams.vocabulary.ids import Millis, SiteId


def fact(
    alert: str = "a", *, ver: int = 1, state: str = "firing", raised: int = 1000, severity: str = "warning"
) -> AlertFact:
    return AlertFact(
        site=SiteId("hz"),
        ver=ver,
        raised_at=Millis(raised),
        alert=alert,
        rule="r",
        scope="queue:q",
        severity=severity,
        state=state,
        reason="fired",
    )


def test_an_older_fact_changes_nothing():
    board = AlertBoard()
    assert board.update(fact(ver=2)) is Taken.NEW
    assert board.update(fact(ver=1, state="pending")) is Taken.OLDER
    assert board.firing() == [fact(ver=2)]


def test_the_same_fact_again_is_no_change():
    """The engine says a fact again after a crash."""
    board = AlertBoard()
    board.update(fact())
    before = board.revision
    assert board.update(fact()) is Taken.OLDER
    assert board.revision == before


def test_the_engine_s_next_fact_does_not_take_an_acknowledgement_away():
    board = AlertBoard()
    board.update(fact(ver=2))
    board.acknowledge("a", by="张三", at=Millis(2000))
    board.update(fact(ver=3))
    assert board.firing()[0].acknowledged_by == "张三"


def test_an_acknowledgement_does_not_hide_the_resolution():
    """Its `ver` is the one it amends, so ver 3 still counts."""
    board = AlertBoard()
    board.update(fact(ver=2))
    board.acknowledge("a", by="x", at=Millis(9_999_999))
    assert board.update(fact(ver=3, state="resolved")) is Taken.CHANGED
    assert board.firing() == []


def test_why_an_alert_cannot_be_acknowledged():
    board = AlertBoard()
    board.update(fact("done", state="resolved"))
    board.update(replace(fact("taken"), acknowledged_at=Millis(5), acknowledged_by="y"))
    assert board.acknowledge("none", by="x", at=Millis(1)) is NotAcknowledged.UNKNOWN
    assert board.acknowledge("done", by="x", at=Millis(1)) is NotAcknowledged.RESOLVED
    assert board.acknowledge("taken", by="x", at=Millis(1)) is NotAcknowledged.ALREADY


def test_open_alerts_come_first_then_severity_then_age():
    board = AlertBoard()
    board.update(replace(fact("taken", severity="critical"), acknowledged_at=Millis(5)))
    board.update(fact("late", raised=3000))
    board.update(fact("early", raised=2000))
    board.update(fact("worst", raised=9000, severity="critical"))
    assert [alert.alert for alert in board.firing()] == ["worst", "early", "late", "taken"]


def test_the_board_forgets_the_oldest_resolved_only():
    board = AlertBoard(kept=2)
    board.update(fact("open", raised=1))
    for number in range(4):
        board.update(fact(f"r{number}", raised=10 + number, state="resolved"))
    assert [alert.alert for alert in board.latest()] == ["r3", "open"]
