"""The catalogues hold every word the pages use, in both languages; no page writes markup from data."""

import re
from pathlib import Path

import pytest

import dashboards
import seat_map
from alerts.evaluate import Notice
from alerts.rules import Severity
from asr.faults import AudioReason, RecognitionReason
from dashboards.attention import QueueKind
from monitor.api.permissions import NoAction
from monitor.api.recordings import RecordingRefused
from monitor.attention_items import FloorKind
from monitor.hub import HubCount
from monitor.safe_path import PathReason
from monitor.web.words import CHINESE, ENGLISH, FOLDER, load_catalogues
from scoring.formula import Outcome as ItemOutcome
from seat_map.attention import SeatKind
from seat_map.palette import SeatCode
from streams.collect.ami_client import LostReason
from streams.floor.numbers import FORMULAS
from streams.floor.outputs import AnomalyKind
from streams.vocabulary.states import EndedBy, GapReason, NotReadyReason, Outcome, OverflowReason, TurnedAwayReason
from streams.wire.ami import MalformedReason

WEB = FOLDER.parent
SOURCES = [
    *WEB.glob("templates/*.html"),
    *WEB.glob("static/*.js"),
    *(Path(str(dashboards.__file__)).parent / "static").glob("*.js"),
    *(Path(str(seat_map.__file__)).parent / "static").glob("*.js"),
]
USED = re.compile(r"""(?:\b_|\btx|\bt|\bfact|\bline)\(\s*(['"])((?:(?!\1).)+)\1\s*[,)]""")


def used() -> set[str]:
    found = {match[2] for source in SOURCES for match in USED.finditer(source.read_text("utf-8"))}
    return {word for word in found if not word.endswith(":")}


def closed() -> set[str]:
    """Words made of a kind and a member of a closed list."""
    kinds = {
        "state": [code.word for code in SeatCode],
        "formula": list(FORMULAS),
        "outcome": list(Outcome),
        "reason": [
            *[*OverflowReason, *TurnedAwayReason, *NotReadyReason, *RecordingRefused, *HubCount],
            *[*LostReason, *MalformedReason, *AnomalyKind, *(f"recording_{reason}" for reason in PathReason)],
        ],
        "audio": [*AudioReason, *RecognitionReason],
        "notice": list(Notice),
        "item": list(ItemOutcome),
        "ended_by": [who for who in EndedBy if who != EndedBy.UNKNOWN],
        "gap": list(GapReason),
        "attention": [*SeatKind, *QueueKind, *(kind for kind in FloorKind if kind != FloorKind.SOURCE_SILENT)],
        "acting": list(NoAction),
        "severity": [Severity.CRITICAL, Severity.WARNING],
    }
    return {f"{kind}:{name}" for kind, names in kinds.items() for name in names}


@pytest.mark.parametrize("locale", [CHINESE, ENGLISH])
def test_every_word_of_a_page_is_in_the_catalogue(locale):
    missing = sorted((used() | closed()) - set(load_catalogues()[locale].table))
    assert missing == []


def test_chinese_is_chinese():
    """Only names and signs stay as they are."""
    table = load_catalogues()[CHINESE].table
    same = {word for word, text in table.items() if not re.search(r"[\u4e00-\u9fff]", text)}
    assert same <= {"EN", "letter:unknown", ", ", ": "}


def test_a_word_nobody_knows_is_shown_as_it_is():
    """A centre's own pause reason is its own word."""
    catalogue = load_catalogues()[ENGLISH]
    assert catalogue.text("reason:接孩子") == "接孩子"
    assert catalogue.text("{n} more", n=3) == "3 more"


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.name)
def test_no_page_makes_markup_from_data(source):
    """innerHTML, |safe and eval have no place here: a name is text."""
    text = source.read_text("utf-8")
    for banned in (
        "innerHTML",
        "outerHTML",
        "insertAdjacentHTML",
        "document.write",
        "eval(",
        "new Function",
        "|safe",
        "| safe",
    ):
        assert banned not in text
