"""Formulas over conditions, with doubt."""

import pytest

from scoring.formula import FormulaFault, Outcome, evaluate, names, parse_formula

HIT, MISS, DOUBT, NONE = Outcome.HIT, Outcome.MISS, Outcome.CANNOT_TELL, Outcome.NOT_APPLICABLE


@pytest.mark.parametrize(
    ("text", "a", "b", "expected"),
    [
        ("a and b", HIT, HIT, HIT),
        ("a and b", HIT, DOUBT, DOUBT),
        ("a and b", MISS, DOUBT, MISS),  # whatever b is, it is a miss
        ("a and b", HIT, NONE, HIT),  # what does not apply leaves the rest
        ("a and b", NONE, NONE, NONE),
        ("a or b", HIT, DOUBT, HIT),
        ("a or b", MISS, DOUBT, DOUBT),
        ("a or b", MISS, NONE, MISS),
        ("not a and b", MISS, HIT, HIT),  # not binds before and
        ("not (a and b)", HIT, HIT, MISS),
        ("not a or b", DOUBT, MISS, DOUBT),
        ("a and b or b", MISS, HIT, HIT),  # and binds before or
    ],
)
def test_doubt_goes_through_a_formula_as_kleene_says(text: str, a: Outcome, b: Outcome, expected: Outcome) -> None:
    """A doubt decides nothing where the other side decides already."""
    assert evaluate(parse_formula(text), {"a": a, "b": b}) is expected


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "ends where a condition is expected"),
        ("a and", "ends where a condition is expected"),
        ("a b", "unexpected 'b'"),
        ("(a or b", "never closed"),
        ("a)", "unexpected"),
        ("a & b", "unexpected '&' at character 3"),
        ("and a", "'and' where a condition is expected"),
        ("not " * 100 + "a", "nested deeper"),
        ("(" * 3_000, "nested deeper"),
        ("a and " * 5_000, "30000 characters of at most 4000"),
    ],
)
def test_what_is_no_formula_is_told_with_its_place(text: str, problem: str) -> None:
    """Hostile depth is a fault, not a crash."""
    with pytest.raises(FormulaFault, match=problem):
        parse_formula(text)


def test_a_formula_knows_its_conditions() -> None:
    """So that a condition nobody uses can be told."""
    assert names(parse_formula("a and not (b or a_2)")) == {"a", "b", "a_2"}
