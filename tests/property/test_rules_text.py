"""An edit of a scheme's text changes what it says and nothing else: values as expected, every comment still there."""

import re
import tomllib
from copy import deepcopy
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from monitor.rules_text import Act, Edit, edited
from scoring.library import PACKS_DIR

SAYINGS = st.text(st.sampled_from("您好稍等ab\"'\\#,[]\n\t\x07 …=é"), min_size=1, max_size=8)
VALUES = st.one_of(SAYINGS, st.integers(-9, 9), st.booleans(), st.floats(-100, 100), st.lists(SAYINGS, max_size=6))
KEYS = st.sampled_from(["any", "points", "zh", "note", "方言", "when", "within seconds"])


@st.composite
def sources(draw: st.DrawFn) -> str:
    """A text as people write it: comments on lines, behind values, between the elements of a list."""
    remark = st.sampled_from(["", "  # 说明 [x]", ' # why = "because"'])
    rows = ["# 头", "[scheme]", f'name = "s"{draw(remark)}', ""]
    for rule in range(draw(st.integers(1, 3))):
        rows += [f"# rule {rule}", "[[rule]]", f"id = 'r{rule}'{draw(remark)}"]
        if draw(st.booleans()):
            rows += [f"points = 1_5 {draw(remark)}", "", "# below"]
        for condition in range(draw(st.integers(0, 2))):
            rows += ["[[rule.condition]]" + draw(remark), f'id = "c{condition}"']
            said = draw(st.lists(st.sampled_from(['"您好"', "'a#b'", '"c,d"']), min_size=1, max_size=4))
            if draw(st.booleans()):
                rows += ["any = [ # open", *(f"  {one},{draw(remark)}" for one in said), "]", "# end of list"]
            else:
                rows += [f"any = [{', '.join(said)}]{draw(remark)}"]
    return "\n".join(rows) + draw(st.sampled_from(["", "\n", "\n# 尾\n"]))


def comments(text: str) -> list[str]:
    """Of lines and behind values: what follows a # outside of quotes."""
    found = []
    for row in text.split("\n"):
        bare = re.sub(r"\"(?:[^\"\\]|\\.)*\"|'[^']*'", lambda quoted: "_" * len(quoted[0]), row)
        if "#" in bare:
            found.append(row[bare.index("#") :].strip())
    return sorted(found)


def tables(values: dict[str, Any]) -> list[list[str | int]]:
    found: list[list[str | int]] = [["scheme"]]
    for number, rule in enumerate(values.get("rule", [])):
        found.append(["rule", number])
        found += [["rule", number, "condition", place] for place in range(len(rule.get("condition", [])))]
    return found


def at(values: Any, path: list[str | int]) -> Any:
    for step in path:
        values = values[step]
    return values


@given(sources(), st.data())
def test_a_key_that_is_set_has_its_value_and_all_else_stays(text: str, data: st.DataObject) -> None:
    values = tomllib.loads(text)
    table, key, value = data.draw(st.sampled_from(tables(values))), data.draw(KEYS), data.draw(VALUES)
    after = edited(text, [Edit(act=Act.SET, path=[*table, key], value=value)])
    at(values, table)[key] = value
    assert tomllib.loads(after) == values
    if not isinstance(value, list):
        assert comments(after) == comments(text) or key == "any"


@given(sources(), st.data())
def test_a_list_keeps_the_remarks_of_what_stays_in_it(text: str, data: st.DataObject) -> None:
    """One is added, one taken away, one changed: the others' lines are as they were."""
    values = tomllib.loads(text)
    lists = [path for path in tables(values) if "any" in at(values, path)]
    if not lists:
        return
    path = data.draw(st.sampled_from(lists))
    after = list(at(values, path)["any"])
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.integers(0, len(after)))
        match data.draw(st.sampled_from(["add", "take", "change"])):
            case "add":
                after.insert(place, data.draw(SAYINGS))
            case "take" if after[place : place + 1]:
                del after[place]
            case "change" if after[place : place + 1]:
                after[place] = data.draw(SAYINGS)
    new = edited(text, [Edit(act=Act.SET, path=[*path, "any"], value=after)])
    at(values, path)["any"] = after
    assert tomllib.loads(new) == values
    assert comments(new) == comments(text)


@given(sources(), st.data())
def test_a_key_that_goes_leaves_every_comment(text: str, data: st.DataObject) -> None:
    values = tomllib.loads(text)
    path = data.draw(st.sampled_from(tables(values)))
    key = data.draw(
        st.sampled_from([key for key, value in at(values, path).items() if key in ("id", "name", "points")])
    )
    after = edited(text, [Edit(act=Act.SET, path=[*path, key])])
    del at(values, path)[key]
    assert tomllib.loads(after) == values
    assert comments(after) == comments(text)


@given(sources(), st.data())
def test_a_table_is_put_behind_its_likes_and_taken_away_again(text: str, data: st.DataObject) -> None:
    values = tomllib.loads(text)
    lists: list[list[str | int]] = [
        ["rule"],
        ["item"],
        *([*path, "condition"] for path in tables(values) if len(path) == 2),
    ]
    path = data.draw(st.sampled_from(lists))
    told = data.draw(st.dictionaries(KEYS, VALUES, max_size=3))
    more = edited(text, [Edit(act=Act.ADD, path=path, values=told)])
    expected = deepcopy(values)
    at(expected, path[:-1]).setdefault(path[-1], []).append(told)
    assert tomllib.loads(more) == expected
    assert comments(more) == comments(text)
    place = len(at(expected, path)) - 1
    less = edited(more, [Edit(act=Act.REMOVE, path=[*path, place])])
    if place == 0:
        at(values, path[:-1]).pop(path[-1], None)
    assert tomllib.loads(less) == values
    assert comments(less) == comments(text)


@given(sources(), st.data())
def test_a_table_goes_with_all_below_it_and_no_other(text: str, data: st.DataObject) -> None:
    values = tomllib.loads(text)
    path = data.draw(st.sampled_from(tables(values)[1:]))
    after = edited(text, [Edit(act=Act.REMOVE, path=path)])
    gone = at(values, path[:-1])
    assert isinstance(path[-1], int)
    del gone[path[-1]]
    if not gone:
        del at(values, path[:-2])[path[-2]]
    assert tomllib.loads(after) == values
    assert "# 头" in after


def test_a_pack_stays_itself_when_what_it_says_is_set_again() -> None:
    """Every list of every packaged scheme."""
    for file in PACKS_DIR.glob("*.toml"):
        text = file.read_text("utf-8")
        values = tomllib.loads(text)
        edits = [
            Edit(act=Act.SET, path=[*path, key], value=value)
            for path in tables(values)
            for key, value in at(values, path).items()
            if isinstance(value, list) and all(isinstance(one, str) for one in value)
        ]
        assert edits
        assert edited(text, edits) == text
