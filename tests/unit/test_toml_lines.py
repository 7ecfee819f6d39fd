"""Where keys stand in a TOML text, and what is said about slips."""

import pytest

from streams.toml_lines import locate, read_toml

TEXT = '''# a comment with = and [brackets]
title = "a [not a table] # not a comment"

[site]   # one
id = 'gz'
"quoted.key" = 1
deep.er.key = """first
[second]
third = 1"""
after = 2

[[source]]
id = "a"
queues = [ # comment ]
  "x",
  """y
  """, { z = 1, w = [
    7 ] }
]
[source.queues_of]
n = 1
[[source]]
id = "b"
when = 1979-05-27 07:32:00
'''


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("title",), 2),
        (("site",), 4),
        (("site", "id"), 5),
        (("site", "quoted.key"), 6),
        (("site", "deep", "er", "key"), 7),
        (("site", "after"), 10),
        (("source", 0), 12),
        (("source", 0, "queues", 0), 15),
        (("source", 0, "queues", 1), 16),
        (("source", 0, "queues", 2, "z"), 17),
        (("source", 0, "queues", 2, "w", 0), 18),
        (("source", 0, "queues_of", "n"), 21),
        (("source", 1, "id"), 23),
        (("source", 1, "when"), 24),
    ],
)
def test_every_key_has_its_line(path: tuple[str | int, ...], line: int) -> None:
    assert locate(TEXT)[path] == line


def test_windows_line_ends_count_once() -> None:
    assert locate("a = 1\r\nb = 2\r\n")["b",] == 2


def test_a_missing_key_is_placed_at_its_table() -> None:
    assert read_toml(TEXT, file="f").line_of(("source", 1, "missing")) == 22


def test_a_broken_value_does_not_hide_the_next_one() -> None:
    """Both lines are named, and the good line between them is read."""
    found = read_toml("a = gz\nb = 2\nc = 1.\n", file="f.toml")
    assert [fault.line for fault in found.faults] == [1, 3]
    assert found.values == {"b": 2}
    assert found.broken == {"a", "c"}


def test_a_broken_structure_is_one_fault() -> None:
    """What follows an unclosed bracket would be noise."""
    found = read_toml("a = [1,\nb = 2\nc = 3\n", file="f.toml")
    assert len(found.faults) == 1


def test_a_fault_does_not_repeat_what_may_be_a_secret() -> None:
    found = read_toml("secret = hunter2\n", file="f.toml")
    assert "hunter2" not in str(found.faults)


BOMBS = {
    "a number of 5,000 digits": ("a = 1\nb = " + "9" * 5_000 + "\nc = x\n", 2, "4,300 digits"),
    "5,000 brackets": ("a = 1\n\nb = " + "[" * 5_000 + "]" * 5_000, 3, "nested"),
    "3,000 tables in each other": ("b = " + "{b = " * 3_000 + "1" + "}" * 3_000, 1, "nested"),
    "brackets on 2,000 lines": ("a = " + "[\n" * 2_000 + "]" * 2_000, 101, "nested"),
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_text_that_breaks_the_reader_is_a_fault_with_its_line(name: str) -> None:
    """tomllib raises ValueError and RecursionError there; a person sees where, and the next fault as well."""
    text, line, said = BOMBS[name]
    faults = read_toml(text, file="x.toml").faults
    assert faults[0].line == line
    assert said in faults[0].message
    assert faults[0].mend


def test_a_fault_behind_an_endless_number_is_found_too() -> None:
    """One broken value does not hide the next."""
    found = read_toml("b = " + "9" * 5_000 + "\nc = x\n", file="x.toml")
    assert [fault.line for fault in found.faults] == [1, 2]
    assert found.broken == {"b", "c"}


def test_a_byte_order_mark_is_no_fault() -> None:
    """Windows editors write one."""
    assert read_toml("\ufeffa = 1\n", file="x.toml").values == {"a": 1}


def test_a_key_written_twice_is_named_as_that() -> None:
    """Not as a text without quotes."""
    found = read_toml("[a]\nb = 1\nb = 2\nc = 3\n", file="x.toml")
    assert [fault.line for fault in found.faults] == [3]
    assert "keep one" in found.faults[0].mend
    assert found.values == {"a": {"b": 1, "c": 3}}
