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
