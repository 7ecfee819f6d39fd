"""Which roles run, and what the configuration's words become when the parts are wired."""

from pathlib import Path

import pytest

from monitor.config import Config
from monitor.config_read import load_config
from monitor.roles import HISTORY, LIVE, ROLES, TRANSCRIBE, UnknownRole, checked_roles
from monitor.supervise import programs
from monitor.wiring_live import goals_of, switch_settings
from streams.vocabulary.ids import QueueName

BASE = """
[site]
id = "hz"
[[source]]
kind = "asterisk"
id = "pbx"
host = "127.0.0.1"
username = "floorwatch"
secret = "hunter2-secret"
queues_conf = "queues.conf"
"""

RULE = """
[[alerts.rule]]
kind = "service_level"
name = "{name}"
label_zh = "低"
label_en = "low"
severity = "warning"
window_minutes = 15
fire_below = {percent}
queues = [{queues}]
"""

QUEUES_CONF = "[vip]\nwrapuptime=10\nservicelevel=15\n[sales]\nwrapuptime=5\nservicelevel=20\n"


def config_in(folder: Path, more: str = "") -> Config:
    (folder / "queues.conf").write_text(QUEUES_CONF)
    (folder / "rec").mkdir(exist_ok=True)
    file = folder / "floorwatch.toml"
    file.write_text(BASE + more, encoding="utf-8")
    return load_config(file, env={})


def test_roles_come_in_one_order_each_once() -> None:
    """However they are named."""
    assert checked_roles(["archive", "collect", "archive"]) == ("collect", "archive")
    assert checked_roles([]) == ()


def test_the_web_brings_the_floor_it_shows() -> None:
    """They share one process's memory."""
    assert checked_roles(["web"]) == ("floor", "web")


def test_every_unknown_role_is_named_at_once() -> None:
    """With the ones there are."""
    with pytest.raises(UnknownRole, match="unknown role flor, wab: choose from collect, floor, web, archive"):
        checked_roles(["flor", "web", "wab"])


def test_each_role_is_in_one_process_of_a_whole_service(tmp_path: Path) -> None:
    """None is left out, none runs twice; a transcriber for each that is wanted."""
    config = config_in(tmp_path, '[recordings]\nfolder = "rec"\n[recogniser]\nprocesses = 2\n')
    found = programs(config, tmp_path / "floorwatch.toml")
    named = [one.arguments[one.arguments.index("--roles") + 1] for one in found]
    assert named == [",".join(HISTORY), ",".join(LIVE), "transcribe", "transcribe"]
    assert {*HISTORY, *LIVE, *TRANSCRIBE} == set(ROLES)
    assert [one.name for one in found] == ["history", "live", "transcribe-0", "transcribe-1"]
    assert len({one.log_to for one in found}) == 4


def test_without_recordings_nothing_transcribes(tmp_path: Path) -> None:
    """No model is loaded for nothing."""
    assert [one.name for one in programs(config_in(tmp_path), Path("f"))] == ["history", "live"]


def test_no_secret_stands_in_a_command_line(tmp_path: Path) -> None:
    """Every user of the machine can read those."""
    words = [word for one in programs(config_in(tmp_path), tmp_path / "floorwatch.toml") for word in one.arguments]
    assert not any("hunter2" in word for word in words)


def test_a_queues_own_settings_win_over_the_switchs_file(tmp_path: Path) -> None:
    """Only where they say something; a queue unknown to the file is added."""
    config = config_in(tmp_path, "[queues.vip]\ntarget_s = 30\n[queues.new]\nwrap_up_s = 7\n")
    (source,) = config.sources
    queues = switch_settings(config, source).queues
    assert (queues[QueueName("vip")].wrap_up_s, queues[QueueName("vip")].target_s) == (10, 30)
    assert (queues[QueueName("sales")].wrap_up_s, queues[QueueName("sales")].target_s) == (5, 20)
    assert queues[QueueName("new")].wrap_up_s == 7


def test_a_tiles_goal_is_what_its_queues_alert_watches(tmp_path: Path) -> None:
    """The first rule that names a queue; a rule without queues is everybody else's."""
    rules = [("a", 90, '"vip"'), ("b", 70, '"vip", "sales"'), ("c", 60, "")]
    text = "".join(RULE.format(name=name, percent=percent, queues=queues) for name, percent, queues in rules)
    goals = goals_of(config_in(tmp_path, text.replace("queues = []\n", "")))
    assert {name: goal.percent for name, goal in goals.by_queue.items()} == {"vip": 90.0, "sales": 70.0}
    assert goals.default.percent == 60.0


def test_the_target_of_a_burn_rate_is_a_goal_too(tmp_path: Path) -> None:
    """A queue's own target as well; a plain threshold goes before it."""
    burn = (
        '[[alerts.rule]]\nkind = "burn"\nname = "burn"\ntarget = 85\nfactor = 2\ntarget_by = {vip = 90, sales = 75}\n'
    )
    goals = goals_of(config_in(tmp_path, burn + RULE.format(name="a", percent=95, queues='"vip"')))
    assert {name: goal.percent for name, goal in goals.by_queue.items()} == {"vip": 95.0, "sales": 75.0}
    assert goals.default.percent == 85.0


def test_without_a_service_level_rule_the_goal_is_the_usual_one(tmp_path: Path) -> None:
    """80 %, as the tile says itself."""
    goals = goals_of(config_in(tmp_path))
    assert (goals.default.percent, dict(goals.by_queue)) == (80.0, {})
