"""The benchmarks' shared report: figures into a table, the table into its page, sides taking turns."""

import pytest

from tests.bench._report import BEGIN, END, alternate, machine, rewrite, table


def test_each_figure_becomes_one_row_and_the_input_none() -> None:
    """Nested figures are spelt with a dot; the machine stands once, above the table."""
    result = {"parse": {"ratio": 8.25, "best": {"ratio": 9.0}, "machine": {"cpu": "x"}, "input": {"bytes": 1}}}
    rows = [line for line in table(result, day="2026-01-01").splitlines() if line.startswith("| parse")]
    assert rows == ["| parse | `ratio` | 8.25 |", "| parse | `best.ratio` | 9 |"]


def test_a_rewritten_page_keeps_everything_outside_the_marks() -> None:
    """What people wrote about the figures stays."""
    page = f"head\n{BEGIN}\nold\n{END}\ntail\n"
    assert rewrite(page, "new") == f"head\n{BEGIN}\nnew\n{END}\ntail\n"


@pytest.mark.parametrize("page", ["no marks", f"only {BEGIN}", f"only {END}"])
def test_a_page_without_both_marks_is_refused(page: str) -> None:
    """Writing at the wrong place would cost the page."""
    with pytest.raises(ValueError, match="put both marks back"):
        rewrite(page, "new")


def test_sides_take_turns_at_going_first() -> None:
    """Whoever goes first finds colder caches, so nobody always does."""
    order: list[str] = []
    seconds = alternate(3, {"a": lambda: order.append("a"), "b": lambda: order.append("b")})
    assert "".join(order) == "abbaab"
    assert {name: len(spent) for name, spent in seconds.items()} == {"a": 3, "b": 3}


def test_the_name_plate_names_no_host() -> None:
    """Figures are published; host names are not."""
    assert set(machine()) == {"cpu", "cores", "memory_mib", "python", "system"}
