"""Values as SQL text: what is a value stays a value."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.warehouse.literals import Value, bind, literal, scrub


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("", "''"),
        ("vip", "'vip'"),
        ("it's", "'it\\x27s'"),
        ("a\\b", "'a\\x5Cb'"),
        ("\x00\t\n", "'\\x00\\x09\\x0A'"),
        ("中文", "'中文'"),
        (None, "NULL"),
        (True, "1"),
        (False, "0"),
        (-5, "-5"),
        (2.5, "2.5"),
        ([1, 2], "(1, 2)"),
        (["a'", "b"], "('a\\x27', 'b')"),
        ([], "(NULL)"),
    ],
)
def test_literal(value: Value, text: str) -> None:
    """Quotes, backslashes and control characters travel as escapes that every engine reads alike."""
    assert literal(value) == text


@given(st.text())
def test_no_text_leaves_its_quotes(text: str) -> None:
    """Between the two quotes there is neither a quote nor a backslash that is not an escape of ours."""
    inside = literal(text)[1:-1]
    assert "'" not in inside
    assert inside.replace("\\x", "").count("\\") == 0
    assert bytes(inside, "utf-8").decode() == inside


def test_value_that_looks_like_a_place_is_not_filled() -> None:
    """One pass: `{b}` inside a value is text."""
    assert bind("{a} {b}", {"a": "{b}", "b": 1}) == "'{b}' 1"


def test_missing_value_is_our_bug() -> None:
    """It raises instead of sending half a query."""
    with pytest.raises(KeyError):
        bind("SELECT {a}", {})
    with pytest.raises(TypeError):
        literal({"a": 1})  # type: ignore[arg-type]


def test_scrub_keeps_everything_but_lone_surrogates() -> None:
    """Emoji are pairs in UTF-16 only; Python's are whole."""
    assert scrub("a\ud800😀") == "a\ufffd😀"
