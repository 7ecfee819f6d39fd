"""`floorwatch replay warehouse`: from a store whose service is stopped, in the shape of every replay."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest
import typer
from typer.testing import CliRunner

from monitor.cli_replay_past import warehouse
from streams.floor.fold import Floor
from streams.floor.report import report
from streams.vocabulary.ids import Millis
from streams.warehouse.rows import event_columns
from tests.integration.facts import migrated
from tests.integration.test_cli_service import config_in
from tests.past_day import SITE, T0, PastDay
from tests.servers import Place

pytestmark = pytest.mark.servers

ZONE = ZoneInfo("Asia/Shanghai")
AT = Millis(T0 + 4 * 60_000)
EVENTS = tuple(PastDay(agents=12, queues=3, minutes=6, per_second=0.4).events())
app = typer.Typer()
app.command()(warehouse)


@pytest.fixture
def stored(tmp_path: Path, clickhouse_url: str, fresh_name: str) -> Iterator[Path]:
    """The configuration of a stopped service whose store holds six minutes."""
    opened = Place(clickhouse_url, fresh_name).open()
    migrated(opened).insert("events", event_columns(EVENTS))
    more = f'[clickhouse]\nurl = "{clickhouse_url}/{fresh_name}"\n'
    config = config_in(tmp_path, more)
    config.write_text(config.read_text("utf-8").replace('id = "hz"', f'id = "{SITE}"\ntimezone = "Asia/Shanghai"'))
    yield config
    opened.execute(f"DROP DATABASE IF EXISTS `{fresh_name}`")
    opened.close()


def told(config: Path, at: str, *more: str) -> Any:
    return CliRunner().invoke(app, ["--at", at, "-c", str(config), *more])


@pytest.mark.parametrize("local", [True, False], ids=["local-time", "epoch"])
def test_a_local_time_and_its_epoch_name_the_same_floor(stored: Path, *, local: bool) -> None:
    """The JSON is the one of every replay, with where it was folded from beside it."""
    at = datetime.fromtimestamp(AT / 1000, ZONE).strftime("%Y-%m-%dT%H:%M:%S") if local else str(AT)
    answer = told(stored, at, "--json")
    assert answer.exit_code == 0, answer.output
    shown = msgspec.json.decode(answer.stdout)
    floor = Floor(SITE, utc_offset_ms=8 * 3_600_000)
    for event in EVENTS:
        if event.at <= AT:
            floor.apply(event)
    floor.advance(AT)
    assert shown.pop("past")["basis"] == "first_event"
    assert shown == msgspec.json.decode(msgspec.json.encode(report(floor, now=AT)))


def test_people_get_tables(stored: Path) -> None:
    answer = told(stored, str(AT))
    assert answer.exit_code == 0
    assert "2026-11-21T09:04:00" in answer.stdout
    assert "员工8001" in answer.stdout


@pytest.mark.parametrize(
    ("at", "code", "words"),
    [
        (str(T0 - 86_400_000), 1, "before the first event"),
        ("2099-01-01T00:00", 1, "has not come yet"),
        ("yesterday", 2, "2026-11-21T10:03:20"),
    ],
)
def test_a_moment_without_a_floor_ends_with_a_sentence(stored: Path, at: str, code: int, words: str) -> None:
    answer = told(stored, at)
    assert answer.exit_code == code
    assert words in answer.output + answer.stderr


def test_an_unknown_site_is_refused_with_the_known_ones(stored: Path) -> None:
    answer = told(stored, str(AT), "--site", "nowhere")
    assert answer.exit_code == 2
    assert str(SITE) in answer.output + answer.stderr
