"""Rules as people write them, and what they are told when they slip."""

import pytest

from alerts.parse import AlertFaults, parse_rules
from alerts.rules import ServiceLevelRule, Severity, SourceSilentRule, Timing

CHANNELS = ("duty", "mail")


def test_a_rule_needs_no_more_than_its_kind_and_name() -> None:
    """The defaults: 15 minutes, under 80 % for 2 minutes, 20 contacts, all channels."""
    rule, silent = parse_rules('[[rule]]\nkind = "service_level"\nname = "sl"\n', file="a.toml", channels=CHANNELS)
    assert isinstance(rule, ServiceLevelRule)
    assert (rule.window_minutes, rule.fire_below, rule.clear_above, rule.min_sample) == (15, 80, 80, 20)
    assert (rule.timing, rule.channels) == (Timing(hold_ms=120_000, keep_firing_ms=300_000), CHANNELS)
    assert isinstance(silent, SourceSilentRule)


def test_a_written_source_silent_rule_replaces_the_default_one() -> None:
    text = '[[rule]]\nkind = "source_silent"\nname = "blind"\nhold_s = 5\nchannels = []\n'
    (rule,) = parse_rules(text, file="a.toml", channels=CHANNELS)
    assert (rule.name, rule.timing.hold_ms, rule.channels, rule.severity) == ("blind", 5000, (), Severity.CRITICAL)


def test_no_rules_at_all_still_watch_for_silence() -> None:
    (rule,) = parse_rules("", file="a.toml", channels=CHANNELS)
    assert (rule.name, rule.channels) == ("source_silent", CHANNELS)


def test_every_fault_is_told_at_once_with_its_line() -> None:
    text = """
[[rule]]
kind = "service_level"
name = "sl one"
formula = "answered_abandonned"
window_minutes = 25
fire_below = 180
hold_s = "2m"
min_sampel = 3
channels = ["duti"]
queues = ["salse"]

[[rule]]
kind = "servicelevel"
name = "b"

[[rule]]
kind = "service_level"
name = "b"
fire_below = 90
clear_above = 80
"""
    with pytest.raises(AlertFaults) as caught:
        parse_rules(text, file="a.toml", channels=CHANNELS, queues=("sales", "vip"))
    told = {fault.line: (fault.message, fault.mend) for fault in caught.value.faults}
    assert sorted(told) == [4, 5, 6, 7, 8, 9, 10, 11, 14, 19, 21]
    assert told[5] == ("rule[0].formula: unknown formula 'answered_abandonned'", "did you mean 'answered_abandoned'?")
    assert told[6][1] == "choose one of 1, 5, 15, 20, 30, 60"
    assert told[9] == ("rule[0].min_sampel: unknown key", "did you mean 'min_sample'?")
    assert told[10][1] == "did you mean 'duty'?"
    assert told[11][1] == "did you mean 'sales'?"
    assert told[14][1] == "did you mean 'service_level'?"
    assert "names two rules" in told[19][0]
    assert told[21][1] == "write at least 90"


def test_no_hour_is_negative_and_no_percentage_is_not_a_number() -> None:
    text = '[[rule]]\nkind = "service_level"\nname = "a"\nhold_s = -1\nfire_below = nan\n'
    with pytest.raises(AlertFaults) as caught:
        parse_rules(text, file="a.toml", channels=())
    assert [fault.line for fault in caught.value.faults] == [4, 5]
