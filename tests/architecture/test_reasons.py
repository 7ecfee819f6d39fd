"""Whoever is refused is told why, in both languages: each typed reason has words, its document, its line on /ops."""

import pytest

from monitor.web.ops_view import sections
from monitor.web.words import CHINESE, ENGLISH, load_catalogues
from tests.architecture.reasons_document import FILE, all_reasons, document

COUNTED = ("streams/wire/", "streams/collect/", "streams/translate/", "monitor/api/push_words.py")
"""Whose reasons /ops counts by source."""


def test_the_reasons_are_found() -> None:
    """Or the tests below would hold of nothing."""
    titles = {reasons.title for reasons in all_reasons()}
    assert {"MalformedReason", "DoorReason", "DeadReason", "GapReason", "AnomalyKind", "SpoolReason"} <= titles
    assert any(one.name == "site_not_allowed" for reasons in all_reasons() for one in reasons.members)


@pytest.mark.parametrize("locale", [CHINESE, ENGLISH])
def test_every_reason_has_its_words(locale: str) -> None:
    """A new reason needs an entry in both messages.po."""
    table = load_catalogues()[locale].table
    missing = sorted({one.word for reasons in all_reasons() for one in reasons.members} - set(table))
    assert missing == []


def test_the_document_of_reasons_is_current() -> None:
    """Else: python -m tests.architecture.reasons_document."""
    assert FILE.read_text(encoding="utf-8") == document()


def test_the_page_for_ops_shows_every_reason_by_its_word() -> None:
    """Counted by source, as the service's status tells it."""
    names = {one.name for reasons in all_reasons() if reasons.module.startswith(COUNTED) for one in reasons.members}
    (section,) = sections({"drops": {f"switch: {name}": 1 for name in names}})
    assert {(line.name, line.of, line.value) for line in section.lines} == {(name, "switch", "1") for name in names}
