"""Where one contact stands, before and after its transcript."""

from zoneinfo import ZoneInfo

import msgspec
import pytest

from monitor.web.contact_view import card, faults, pending, recording_state
from monitor.web.render import moment_in
from streams.warehouse.contacts import ContactDetail, LegRow, RecordingRow, ScoreRow, UtteranceRow


def made(kind, **values):
    """A row with every field empty but those named."""
    empty = {"int": 0, "float": 0.0}
    rest = {field.name: empty.get(str(getattr(field.type, "__name__", field.type)), "") for field in fields(kind)}
    return kind(**{**rest, **values})


def fields(kind):
    return kind.__dataclass_fields__.values()


def detail(*, state="", said=False, scored=False, path="a.wav") -> ContactDetail:
    return ContactDetail(
        contact="c",
        legs=(made(LegRow, recording=path),),
        recording=made(RecordingRow, state=state, path=path) if state else None,
        utterances=(made(UtteranceRow, text="您好"),) if said else (),
        scores=(made(ScoreRow),) if scored else (),
    )


@pytest.mark.parametrize(
    ("contact", "stands", "waits_for"),
    [
        (detail(path=""), "", ""),
        (detail(), "expected", "expected"),
        (detail(state="queued"), "queued", "queued"),
        (detail(state="recognising"), "recognising", "recognising"),
        (detail(state="done", said=True), "done", "unscored"),
        (detail(state="done", said=True, scored=True), "done", ""),
        (detail(state="done"), "done", ""),
        (detail(state="quarantined"), "quarantined", ""),
    ],
)
def test_a_contact_s_page_knows_what_it_still_waits_for(contact, stands, waits_for):
    """A leg may name its recording before the ledger knows of it; nobody's silence is never scored."""
    assert (recording_state(contact), pending(contact)) == (stands, waits_for)


def test_faults_are_steps_missed_and_bad_things_said():
    items = [
        {"id": f"{kind} {outcome}", "kind": kind, "outcome": outcome, "points": 0, "points_max": 0}
        for kind in ("earn", "deduct", "fatal", "tag")
        for outcome in ("hit", "miss", "cannot_tell", "not_applicable")
    ]
    score = made(ScoreRow, items=msgspec.json.encode(items).decode())
    assert [item.id for item in faults(score)] == [
        *("earn miss", "earn cannot_tell", "deduct hit", "deduct cannot_tell", "fatal hit", "fatal cannot_tell")
    ]


def test_a_score_card_stands_by_dimension_and_names_the_doubts_that_decide():
    """Sums leave out what does not apply; a doubt that changes nothing is told, but nobody is asked to listen."""
    politeness = {"id": "polite", "zh": "礼貌", "en": "Politeness"}
    rows = [
        ("hello", politeness, "hit", 10, 10, None),
        ("lies", None, "cannot_tell", 0, 0, False),
        ("bye", politeness, "cannot_tell", 5, 10, True),
        ("thanks", politeness, "not_applicable", 0, 10, None),
    ]
    items = [
        dict(zip(("id", "dimension", "outcome", "points", "points_max", "matters"), row, strict=True)) for row in rows
    ]
    shown = card(made(ScoreRow, items=msgspec.json.encode(items).decode()))
    told = [([item.id for item in group.items], group.points, group.points_max) for group in shown.groups]
    assert told == [(["hello", "bye", "thanks"], 15, 20), (["lies"], 0, 0)]
    assert [item.id for item in shown.doubts] == ["lies", "bye"]
    assert [item.id for item in shown.decisive] == ["bye"]


def test_a_moment_is_told_on_the_site_s_clock():
    """1795302748058 is 23:12:28 UTC; in Shanghai it is already tomorrow."""
    told = str(moment_in(ZoneInfo("Asia/Shanghai"), 1795302748058))
    assert ">2026-11-22 07:12:28<" in told
    assert str(moment_in(ZoneInfo("Asia/Shanghai"), 0)) == "–"


@pytest.mark.parametrize(
    ("queued_at", "answered_at", "entered_at"),
    [(60_000, 20_000, 17_000), (17_000, 20_000, 17_000), (17_500, 20_000, 17_500), (60_000, 0, 60_000)],
    ids=["talk that a picture found", "told whole", "told in whole seconds", "never answered"],
)
def test_nobody_is_answered_before_coming_into_the_queue(queued_at, answered_at, entered_at):
    """The row's key keeps the picture's time; the second witness told when the talk began and after what wait."""
    leg = made(LegRow, queued_at=queued_at, answered_at=answered_at, wait_ms=3_000)
    assert leg.entered_at == entered_at
