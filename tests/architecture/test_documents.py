"""What the documents say of events and metrics is what the code says."""

import re

import pytest

from streams.floor.numbers import COUNTER_NAMES, FORMULAS
from tests.architecture.events_document import FILE, document

METRICS = FILE.with_name("metrics.md").read_text(encoding="utf-8")


def test_the_document_of_events_is_current() -> None:
    """Else: python -m tests.architecture.events_document."""
    assert FILE.read_text(encoding="utf-8") == document()


@pytest.mark.parametrize("name", FORMULAS)
def test_every_formula_stands_in_the_document_as_it_is_computed(name: str) -> None:
    assert f"`{name}`" in METRICS
    assert f"`{FORMULAS[name].text}`" in METRICS


@pytest.mark.parametrize("name", COUNTER_NAMES)
def test_every_counter_is_explained(name: str) -> None:
    assert re.search(rf"^\| `{name}` \|", METRICS, re.MULTILINE)
