"""Whatever is written as routing, it is read or told with its place; what is read can be routed by."""

import copy
import tomllib
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.routing import Routing
from alerts.routing_parse import read_routing
from streams.toml_lines import TomlText, read_toml
from streams.toml_table import Table
from tests.alerts_play import Player

EXAMPLE = (Path(__file__).parents[2] / "docs" / "alert-routing.md").read_text(encoding="utf-8")
TEXT = EXAMPLE.split("```toml\n")[1].split("```")[0]
WHOLE: dict[str, Any] = tomllib.loads(TEXT)["alerts"]
JUNK = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**12), 10**12),
    st.floats(),
    st.text(max_size=8),
    st.sampled_from(["25:00", "2026-02-30", "{", "@", "*", "default", "Mars/Olympus", "critical"]),
    st.lists(st.one_of(st.integers(), st.text(max_size=3), st.just({})), max_size=2),
    st.just({}),
    st.just([{}]),
)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    below = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(found for step, one in below for found in places(one, (*path, step)))]


def read(values: dict[str, Any]) -> tuple[Routing, list[object]]:
    toml: TomlText = read_toml(TEXT, file="a.toml")
    table = Table(toml, file="a.toml", faults=[], path=("alerts",), values=values)
    routing = read_routing(table, channels=("duty-room", "duty-sms", "duty-mail"), zone=ZoneInfo("Asia/Shanghai"))
    table.close()
    return routing, list(table.faults)


@settings(max_examples=150)
@given(st.lists(st.tuples(st.sampled_from(places(WHOLE)[1:]), JUNK), min_size=1, max_size=3))
def test_junk_in_any_place_is_read_or_told(changes: list[tuple[tuple[Any, ...], Any]]) -> None:
    """None: the key is left out."""
    values = copy.deepcopy(WHOLE)
    for path, junk in changes:
        at: Any = values
        try:
            for step in path[:-1]:
                at = at[step]
            if junk is None:
                del at[path[-1]]
            else:
                at[path[-1]] = junk
        except (KeyError, IndexError, TypeError):
            continue  # an earlier change took the place away
    routing, faults = read(values)
    if not faults:
        player = Player(routing, channels=("duty-room",))
        for name in ("page/queue:sales", "note/tier:sales/vip", "hint/agent:7"):
            player.fire(name)
        for _ in range(8):
            player.look()
            player.second += 15
        assert set(player.book.alerts) == {live.notification.alert for live in player.firing.values()}


def test_the_example_itself_is_in_order() -> None:
    assert read(copy.deepcopy(WHOLE))[1] == []
