"""`floorwatch rebuild` on a store of its own and through a running history process: the same answer."""

import asyncio
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from monitor import places
from monitor.cli_rebuild import rebuild
from monitor.config_read import load_config
from monitor.history import QuestionDesk, serve_desk
from monitor.rebuild_desk import RebuildDesk
from streams.vocabulary.ids import Millis
from streams.warehouse.front import AsyncWarehouse
from streams.warehouse.opening import open_warehouse
from streams.warehouse.past import events_between
from streams.warehouse.stored import stored
from tests.integration.bus_room import until
from tests.integration.facts import HOUR, NOON, SITE, migrated
from tests.integration.warehouse_room import Rolled, a_morning

pytestmark = pytest.mark.servers

NOW = Millis(NOON + 9 * HOUR)
CONFIG = """
[site]
id = "hz"
name = "Hangzhou"
timezone = "Asia/Shanghai"

[store]
data = "data"

[clickhouse]
url = "{url}"
"""

app = typer.Typer()
app.command()(rebuild)


@pytest.fixture
def place(clickhouse_url: str, fresh_name: str, tmp_path: Path) -> Iterator[Path]:
    """A configuration whose store holds a morning's events and no facts at all."""
    file = tmp_path / "floorwatch.toml"
    file.write_text(CONFIG.format(url=f"{clickhouse_url}/{fresh_name}"), encoding="utf-8")
    store = open_warehouse(f"{clickhouse_url}/{fresh_name}")
    Rolled(migrated(store)).write([], a_morning(SITE, random.Random(3)))
    yield file
    store.execute(f"DROP DATABASE `{fresh_name}`")
    store.close()


def asked(file: Path, *options: str) -> tuple[int, dict[str, Any]]:
    result = CliRunner().invoke(
        app, ["--from", str(NOON), "--to", str(NOON + HOUR), "-c", str(file), "--json", *options]
    )
    return result.exit_code, json.loads(result.stdout) if result.stdout.startswith("{") else {"said": result.output}


def legs(file: Path) -> int:
    store = open_warehouse(places.warehouse_url(load_config(file)))
    try:
        assert events_between(store, SITE, NOON, Millis(NOON + HOUR))
        return len(stored(store, "contact_legs", site=SITE, since=NOON, until=Millis(NOON + HOUR)))
    finally:
        store.close()


def test_dry_run_finds_then_rebuild_writes_then_nothing_is_left(place: Path) -> None:
    """Exit code 1 names a finding; the second rebuild changes nothing."""
    code, told = asked(place, "--dry-run")
    assert (code, legs(place)) == (1, 0)
    assert told["written"]["contact_legs"] > 5
    code, done = asked(place)
    assert (code, done["written"], done["slots"]) == (0, told["written"], 12)
    assert legs(place) == told["written"]["contact_legs"]
    code, again = asked(place, "--dry-run")
    assert (code, sum(again["written"].values())) == (0, 0)


@pytest.mark.parametrize(
    ("options", "word"),
    [
        (["--site", "nowhere"], "unknown site"),
        (["--from", "soon"], "no moment"),
        (["--to", "2026-11-21T00:00"], "lies behind"),
        (["--from", "-600", "--to", "-60"], "the last 90 minutes"),
    ],
)
def test_senseless_question_is_refused_with_its_mend(place: Path, options: list[str], word: str) -> None:
    """Exit code 2, and the words say what to write."""
    result = CliRunner().invoke(app, ["--from", str(NOON), "--to", str(NOON + HOUR), "-c", str(place), *options])
    assert result.exit_code == 2
    assert word in result.output


def test_running_service_does_it_and_tells(place: Path) -> None:
    """The private socket answers line by line; one rebuild at a time, a wrong question is refused."""
    config = load_config(place)
    opened = AsyncWarehouse(lambda: open_warehouse(places.warehouse_url(config)))
    desk = RebuildDesk(config, opened, clock=lambda: NOW)

    async def body() -> tuple[int, dict[str, Any]]:
        socket = places.history_socket(config)
        serving = asyncio.create_task(serve_desk(QuestionDesk(opened, dict, routes=desk.routes()), socket))
        try:
            await until(socket.exists)
            return await asyncio.to_thread(asked, place)
        finally:
            serving.cancel()
            await asyncio.wait({serving})
            await opened.close()

    code, told = asyncio.run(body())
    assert (code, told["phase"]) == (0, "done")
    assert desk.counts == {"rebuilt": 1}
    assert legs(place) == told["written"]["contact_legs"] > 5
