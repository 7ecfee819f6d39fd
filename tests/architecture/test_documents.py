"""What the documents say of events and metrics is what the code says."""

import re

import pytest

from scoring.parse import parse_scheme
from streams.floor.numbers import COUNTER_NAMES, FORMULAS
from tests.architecture import rules_document
from tests.architecture.events_document import FILE, document

METRICS = FILE.with_name("metrics.md").read_text(encoding="utf-8")


def test_the_document_of_events_is_current() -> None:
    """Else: python -m tests.architecture.events_document."""
    assert FILE.read_text(encoding="utf-8") == document()


def test_the_tables_of_the_rules_are_current() -> None:
    """Else: python -m tests.architecture.rules_document."""
    text = rules_document.FILE.read_text(encoding="utf-8")
    assert text == rules_document.document(text)


AROUND = """[scheme]
name = "x"
version = 1
zh = "x"
en = "x"
[[item]]
id = "x"
zh = "x"
en = "x"
kind = "tag"
rule = "x"
[[rule]]
id = "x"
version = 1
"""
EXAMPLES = re.findall(
    r"^```toml\n(\[.*?)^```", rules_document.FILE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
)


@pytest.mark.parametrize("example", EXAMPLES)
def test_the_examples_of_the_rules_are_in_order(example: str) -> None:
    """Whole schemes as they stand; conditions within a rule."""
    assert parse_scheme(example if "[scheme]" in example else AROUND + example, file="docs/rules.md")


@pytest.mark.parametrize("name", FORMULAS)
def test_every_formula_stands_in_the_document_as_it_is_computed(name: str) -> None:
    assert f"`{name}`" in METRICS
    assert f"`{FORMULAS[name].text}`" in METRICS


@pytest.mark.parametrize("name", COUNTER_NAMES)
def test_every_counter_is_explained(name: str) -> None:
    assert re.search(rf"^\| `{name}` \|", METRICS, re.MULTILINE)
