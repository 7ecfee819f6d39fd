"""Notes of one alert from several places: each once, in order, bounded; what people said, by its last word."""

from typing import Any

import pytest

from alerts.notes import acknowledged, attempted, changed, parts_of
from alerts.senders.channel import Attempt, Outcome, Reply
from monitor.alert_notes import NoteBoard, assigned_to, comments_of, last_tries, marks_of, together
from monitor.api.alerts_answers import TEXT_MAX, AlertRefused, clean
from streams.vocabulary.facts import AlertFact, AlertNoteFact
from streams.vocabulary.ids import Millis, SiteId
from streams.vocabulary.states import NoteKind

SITE = SiteId("hz")


def note(name: str, at: int, kind: NoteKind = NoteKind.COMMENT, *, alert: str = "a", **told: Any) -> AlertNoteFact:
    return AlertNoteFact(
        site=SITE, ver=at, noted_at=Millis(at), alert=alert, note=name, kind=kind, by=told.pop("by", "li"), **told
    )


def fact(**told: object) -> AlertFact:
    base = {
        "site": SITE, "ver": 2, "raised_at": Millis(5), "alert": "sl/queue:x/5", "rule": "sl", "scope": "queue:x",
        "severity": "critical", "state": "firing", "reason": "fired", "changed_at": Millis(9),
    }  # fmt: skip
    return AlertFact(**{**base, **told})  # type: ignore[arg-type]


def test_a_note_told_twice_is_one_the_first() -> None:
    """After a crash it is told again, later."""
    board = NoteBoard()
    for at in (7, 9, 7):
        board.take(note("v1", at))
    assert [one.noted_at for one in board.of("a")] == [7]
    assert [one.noted_at for one in together([note("v1", 9)], board.of("a"))] == [7]


def test_of_one_moment_what_was_stands_before_what_was_said() -> None:
    notes = [note("t", 5, NoteKind.NOTIFIED), note("c", 5), note("v2", 5, NoteKind.CHANGED)]
    assert [one.note for one in together(notes)] == ["v2", "c", "t"]


def test_a_channel_that_fails_all_day_pushes_nobodys_words_out() -> None:
    board = NoteBoard(each=3)
    for name, kind in (("said", NoteKind.COMMENT), ("t1", NoteKind.NOTIFIED), ("t2", NoteKind.NOTIFIED)):
        board.take(note(name, 1, kind))
    for number in range(3, 9):
        board.take(note(f"t{number}", number, NoteKind.NOTIFIED))
    assert [one.note for one in board.of("a")] == ["said", "t7", "t8"]
    assert board.forgotten == 6


def test_alerts_nobody_spoke_of_for_longest_are_forgotten_first() -> None:
    board = NoteBoard(alerts=2)
    for name in ("a", "b", "a", "c"):
        board.take(note(f"{name}{board.revision}", 1, alert=name))
    assert [bool(board.of(name)) for name in "abc"] == [True, False, True]


def test_however_many_notes_there_are_only_so_many_are_remembered() -> None:
    board = NoteBoard(in_all=4)
    for number in range(9):
        board.take(note(f"n{number}", number, alert="abc"[number // 3]))
    assert [len(board.of(name)) for name in "abc"] == [0, 0, 3]
    assert board.forgotten == 6


def test_the_last_word_of_each_counts() -> None:
    notes = [
        note("1", 1, NoteKind.USEFUL), note("2", 2, NoteKind.UNMARKED), note("3", 3, NoteKind.NOT_USEFUL, by="wang"),
        note("4", 4, NoteKind.ASSIGNED, to="zhou"), note("5", 5), note("6", 6, NoteKind.NOTIFIED, channel="w",
        outcome="timed_out"), note("7", 7, NoteKind.NOTIFIED, channel="w", outcome="delivered"),
    ]  # fmt: skip
    assert marks_of(notes) == {"wang": False}
    assert (assigned_to(notes), comments_of(notes)) == ("zhou", 1)
    assert [(one.channel, one.outcome) for one in last_tries(notes)] == [("w", "delivered")]
    assert assigned_to([*notes, note("8", 8, NoteKind.ASSIGNED, to="")]) == ""


def test_what_a_version_tells_is_named_by_it() -> None:
    """An acknowledgement is one note, whoever tells of it."""
    assert (changed(fact()).note, changed(fact()).noted_at) == ("v2", 9)
    assert changed(fact(changed_at=Millis(0))).noted_at == 5
    seen = fact(ver=3, reason="acknowledged", acknowledged_at=Millis(11), acknowledged_by="li")
    assert changed(seen) == acknowledged(seen)
    assert (changed(seen).kind, changed(seen).by, changed(seen).noted_at) == (NoteKind.ACKNOWLEDGED, "li", 11)


def test_an_attempt_names_what_it_told_and_what_came_back() -> None:
    reply = Reply(outcome=Outcome.REFUSED, status=200, code="45009")
    tried = Attempt(at=Millis(20), channel="wecom", notification="sl/queue:x/5/firing", number=2, reply=reply)
    told = attempted(tried, site=SITE, alert="sl/queue:x/5", to="li")
    assert (told.note, told.text, told.outcome) == ("try/wecom/firing/2/20", "firing", "refused")
    assert (told.reason, told.to) == ("HTTP 200 45009", "li")


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("sl/queue:VIP 专线/1795291649000", ("sl", "queue:VIP 专线", 1795291649000)),
        ("sl/tier:a/b/gold/5", ("sl", "tier:a/b/gold", 5)),
        ("sl/queue:x/", None),
        ("silence/5-ab", None),
        ("sl/x/٣", None),
        ("", None),
    ],
)
def test_an_alerts_name_tells_when_it_was_raised(name: str, parts: object) -> None:
    assert parts_of(name) == parts


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        (" <b>客服</b>\n\t好 ", "<b>客服</b>\n\t好"),
        ("😀 é עברית", "😀 é עברית"),
        (" \u200b ", AlertRefused.NO_TEXT),
        (" \r\n ", AlertRefused.NO_TEXT),
        ("a\r\x1b[31m", AlertRefused.NOT_PRINTABLE),
        ("a\ud800", AlertRefused.NOT_PRINTABLE),
        ("x" * (TEXT_MAX + 1), AlertRefused.TOO_LONG),
    ],
)
def test_what_people_write_is_kept_as_it_is_or_refused(text: str, kept: object) -> None:
    """Markup is text: the page escapes it. What would move a terminal's cursor or a line's order is refused."""
    assert clean(text, most=TEXT_MAX) == kept
