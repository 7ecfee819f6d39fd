"""`floorwatch alerts backtest` on the store of a service that does not run: what would have fired, for people and
machines; what was left out, with its reason."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace
from typer.testing import CliRunner

from monitor import clock
from monitor.cli import app
from streams.vocabulary.ids import Millis, SiteId
from streams.warehouse.rows import event_columns
from tests.integration.facts import migrated
from tests.integration.test_cli_service import config_in
from tests.past_day import PastDay
from tests.servers import Place

pytestmark = pytest.mark.servers
SITE = SiteId("gz")
RULES = """
[[rule]]
kind = "threshold"
name = "anybody-waits"
channels = ["nobody-configured"]
metric = "waiting"
fire = 1
hold_s = 0
keep_firing_s = 0

[[rule]]
kind = "threshold"
name = "phrases"
metric = "phrase_hit"
fire = 1
"""


@pytest.fixture
def stopped(tmp_path: Path, clickhouse_url: str, fresh_name: str) -> Iterator[tuple[Path, Path]]:
    """Configuration and rules; the store holds ten minutes that ended an hour ago."""
    opened = Place(clickhouse_url, fresh_name).open()
    start = Millis(clock.now() - 70 * 60_000)
    day = PastDay(agents=6, queues=["sales"], minutes=10, per_second=0.05, start=start)
    migrated(opened).insert("events", event_columns([replace(event, site=SITE) for event in day.events()]))
    config = config_in(tmp_path, f'[clickhouse]\nurl = "{clickhouse_url}/{fresh_name}"\n')
    config.write_text(config.read_text("utf-8").replace('id = "hz"', f'id = "{SITE}"\ntimezone = "Asia/Shanghai"'))
    rules = tmp_path / "rules.toml"
    rules.write_text(RULES, "utf-8")
    yield config, rules
    opened.execute(f"DROP DATABASE IF EXISTS `{fresh_name}`")
    opened.close()


def told(stopped: tuple[Path, Path], *more: str) -> Any:
    config, rules = stopped
    return CliRunner().invoke(app, ["alerts", "backtest", str(rules), "-c", str(config), *more])


def test_machines_get_json_and_people_tables(stopped: tuple[Path, Path]) -> None:
    answer = told(stopped, "--days", "2", "--json")
    assert answer.exit_code == 0, answer.output
    found = msgspec.json.decode(answer.stdout)["result"]
    (rule,) = found["rules"]
    assert rule["fired"] == len(rule["firings"]) > 3
    assert {one["scope"] for one in rule["firings"]} == {"queue:sales"}
    assert found["unanswered"] == [{"rule": "phrases", "metric": "phrase_hit", "reason": "backtest_phrases_not_kept"}]
    shown = told(stopped, "--days", "2")
    assert f"{rule['fired']}" in shown.stdout
    assert "anybody-waits" in shown.stdout
    assert "phrases that were heard live are not kept" in shown.output


def test_faults_name_their_line_and_mend(stopped: tuple[Path, Path]) -> None:
    """Exit 2; so does a rule that is not there, which names those that are."""
    assert "anybody-waits, phrases" in told(stopped, "--rule", "other").output
    stopped[1].write_text(RULES.replace('"waiting"', '"wating"'), "utf-8")
    answer = told(stopped)
    assert answer.exit_code == 2
    assert "rules.toml:6" in answer.output
    assert "waiting" in answer.output
