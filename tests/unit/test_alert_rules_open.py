"""Version 0 of the alert rules is what the configuration says, as a text of its own."""

import tomllib
from pathlib import Path

import pytest

from alerts.defaults import DEFAULT_RULES
from alerts.parse import parse_rules
from monitor.alert_rules_open import configured_text, fixed_rules
from monitor.alert_rules_store import RulesOrigin
from monitor.config_read import load_config

WRITTEN = """[site]
id = "hz"

[alerts]
# quiet on Sundays
[[alerts.rule]]  # the first
kind = "service_level"
name = "vip"
queues = ["vip"]

[[alerts.webhook]]
name = "ops"
url = "https://example.org/x"
secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

# the rest
[[ alerts . rule ]]
kind = "service_level"
name = "all"

[web]
port = 8081
"""
INLINE = """[alerts]
rule = [{ kind = "service_level", name = "a", label_zh = "服务\\"水平\\"", hold_s = 60 },
        { kind = "service_level", name = "b", queues = ["x", "[[alerts.rule]]"] }]
schedule.office = { weekdays = ["mon"] }
"""


def file(folder: Path, text: str) -> Path:
    path = folder / "floorwatch.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_tables_keep_their_remarks_and_lose_their_prefix(tmp_path: Path) -> None:
    """And nothing of the file but the rules is shown: no address, no key."""
    text = configured_text(file(tmp_path, WRITTEN))
    assert "# quiet on Sundays\n[[rule]]  # the first" in text
    assert "# the rest\n[[ rule ]]" in text
    assert "whsec" not in text
    assert "8081" not in text
    assert [rule.name for rule in parse_rules(text, file="x", channels=["ops"])] == ["vip", "all", "source_silent"]


def test_rules_written_otherwise_are_written_anew(tmp_path: Path) -> None:
    """An inline list says the same as tables."""
    text = configured_text(file(tmp_path, INLINE))
    assert text.count("[[rule]]") == 2
    assert tomllib.loads(text) == tomllib.loads(INLINE)["alerts"]


def test_a_rules_own_tables_come_along(tmp_path: Path) -> None:
    """Below its header, and its schedule."""
    own = '[[alerts.rule]]\nname = "a"\n[alerts.rule.fire_by]\nVIP = 90\n\n[alerts.schedule.office]\nhours = []\n'
    text = configured_text(file(tmp_path, own + "[alerts.rules_of_thumb]\nx = 1\n"))
    assert text == own.replace("alerts.", "")


def test_a_file_of_rules_is_part_of_it(tmp_path: Path) -> None:
    (tmp_path / "more.toml").write_text('[[rule]]\nkind = "service_level"\nname = "c"\n', encoding="utf-8")
    text = configured_text(file(tmp_path, WRITTEN.replace("[alerts]", '[alerts]\nrules = "more.toml"')))
    assert [rule["name"] for rule in tomllib.loads(text)["rule"]] == ["vip", "all", "c"]


@pytest.mark.parametrize(("packaged", "origin"), [("", "configured"), ("[[rule]]\n", "packaged")])
def test_a_configuration_without_rules_shows_the_packaged_ones(tmp_path: Path, packaged: str, origin: str) -> None:
    config = load_config(file(tmp_path, '[site]\nid = "hz"\n'), env={})
    kept = fixed_rules(config, packaged=packaged)
    assert (kept.about.version, kept.about.origin, kept.text) == (0, RulesOrigin(origin), packaged)


def test_the_packaged_rules_shown_are_those_that_hold(tmp_path: Path) -> None:
    """And a configuration's own schedules stand below them."""
    config = load_config(file(tmp_path, '[site]\nid = "hz"\n[alerts.schedule.office]\nweekdays = ["mon"]\n'), env={})
    kept = fixed_rules(config, packaged=DEFAULT_RULES)
    assert parse_rules(kept.text, file="x", channels=[]) == config.alerts.rules
    assert "[schedule.office]" in kept.text


def test_a_file_that_is_gone_since_the_start_is_said(tmp_path: Path) -> None:
    """The rules read at the start go on."""
    path = file(tmp_path, WRITTEN)
    config = load_config(path, env={})
    path.unlink()
    kept = fixed_rules(config)
    assert kept.text.startswith("# the configuration can no longer be read")
    assert kept.about.rules == len(config.alerts.rules)
