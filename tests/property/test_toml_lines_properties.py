"""However a TOML text is laid out, each value is found on its line: every value here is the number of its own line."""

import tomllib

from hypothesis import given
from hypothesis import strategies as st

from streams.toml_lines import locate, read_toml

NOISE = ["", "# [x] = 'y'", "   ", '\t# """']
LAYOUTS = [
    "{key} = {n}",
    "  {key}  =  {n}  # {n} = 0",
    '"{key}" = {n}',
    "'{key}'.sub = {n}",
    "{key} = [{n}, {n}]",
    "{key} = [\n  {n1}, # ]\n]",
    "{key} = {{ a = {n}, 'b' = {n} }}",
    '{key} = {{ a = {n}, t = """\n"x" = 1\n""" }}',
]
HEADERS = ["[t{n}]", "[[list]]", "[t{n}.'sub']", "[list.t{n}]", "[['li st']]"]


@given(st.lists(st.one_of(st.sampled_from(NOISE), st.sampled_from(LAYOUTS), st.sampled_from(HEADERS)), max_size=25))
def test_each_value_is_found_on_its_line(parts: list[str]) -> None:
    rows: list[str] = ["[[list]]"]
    for part in parts:
        line = len(rows) + 1
        rows += part.format(key=f"k{line}", n=line, n1=line + 1).split("\n")
    text = "\n".join(rows)
    lines = locate(text)
    for path, value in _leaves(tomllib.loads(text)):
        if isinstance(value, int):
            assert lines[path] == value


@given(st.text(alphabet="ab=[]{}\"'#\n. ,1\\", max_size=60))
def test_any_text_is_read_or_faulted(text: str) -> None:
    """Nothing a person writes raises."""
    found = read_toml(text, file="f")
    assert found.faults or found.values == tomllib.loads(text)


def _leaves(value: object, path: tuple[str | int, ...] = ()) -> list[tuple[tuple[str | int, ...], object]]:
    match value:
        case dict():
            return [leaf for key, inner in value.items() for leaf in _leaves(inner, (*path, key))]
        case list():
            return [leaf for number, inner in enumerate(value) for leaf in _leaves(inner, (*path, number))]
        case _:
            return [(path, value)]
