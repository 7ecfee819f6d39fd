"""Burn rates, thresholds and schedules as people write them, and what they are told when they slip."""

import re
from pathlib import Path

import pytest

from alerts.bounds import Z_OF
from alerts.metrics import METRICS
from alerts.parse import AlertFaults, parse_rules
from alerts.parse_condition import CONDITION_KEYS
from alerts.rules import Asked, BurnRule, Condition, Mode, Rule, Severity, ThresholdRule, Timing, Traffic
from alerts.schedule import Schedule

KNOWN = {"channels": ("duty",), "queues": ("sales", "vip"), "teams": ("A01", "B02")}


def parse(text: str) -> Rule:
    return parse_rules(text, file="a.toml", **KNOWN)[0]  # type: ignore[arg-type]


def faults(text: str) -> dict[int, list[tuple[str, str]]]:
    """By line: (message without its key, mend)."""
    with pytest.raises(AlertFaults) as caught:
        parse(text)
    told: dict[int, list[tuple[str, str]]] = {}
    for fault in caught.value.faults:
        told.setdefault(fault.line, []).append((fault.message.partition(": ")[2], fault.mend))
    return told


def test_a_burn_needs_no_more_than_its_kind_and_name() -> None:
    """The fast page of the study."""
    burn = parse('[[rule]]\nkind = "burn"\nname = "page"\n')
    assert isinstance(burn, BurnRule)
    assert (burn.factor, burn.long_minutes, burn.short_minutes, burn.min_sample) == (2.5, 20, 5, 15)
    assert (burn.target, burn.bound_below, burn.z, burn.day_below_target) == (85, 75, Z_OF[95], False)
    assert (burn.severity, burn.timing) == (Severity.CRITICAL, Timing(hold_ms=0, keep_firing_ms=1_800_000))


def test_the_day_at_risk_is_the_other_tier() -> None:
    burn = parse('[[rule]]\nkind = "burn"\nname = "day"\ntier = "day_at_risk"\n')
    assert isinstance(burn, BurnRule)
    assert (burn.factor, burn.long_minutes, burn.min_sample, burn.bound_below) == (2, 30, 20, 80)
    assert (burn.day_below_target, burn.severity) == (True, Severity.WARNING)


def test_one_condition_stands_in_the_rule_itself() -> None:
    text = '[[rule]]\nkind = "threshold"\nname = "a"\nmetric = "longest_wait"\nfire = "1h30m"\nclear = 90.5\n'
    found = parse(text + 'traffic_below = 100\nqueues = ["vip"]\n')
    assert isinstance(found, ThresholdRule)
    assert found.conditions == (Condition(metric="longest_wait", fire=5_400_000, clear=90_500),)
    assert (found.mode, found.among.queues, found.traffic) == (Mode.ALL, ("vip",), Traffic(below=100))


def test_several_conditions_stand_in_a_list_or_in_tables() -> None:
    inline = 'all = [{ metric = "waiting", fire = 5 }, { metric = "ready", fire = 1, clear = 2 }]\n'
    tables = '[[rule.all]]\nmetric = "waiting"\nfire = 5\n[[rule.all]]\nmetric = "ready"\nfire = 1\nclear = 2\n'
    head = '[[rule]]\nkind = "threshold"\nname = "a"\n'
    assert parse(head + inline) == parse(head + tables)


def test_a_share_may_ask_for_a_proof() -> None:
    text = '[[rule]]\nkind = "threshold"\nname = "a"\nmetric = "service_level"\nfire = 80\n'
    found = parse(text + 'bound = "wilson"\nconfidence = 90\nmin_sample = 30\nwindow_minutes = 60\n')
    assert isinstance(found, ThresholdRule)
    (condition,) = found.conditions
    assert (condition.z, condition.min_sample) == (Z_OF[90], 30)
    assert condition.asked == Asked(window_minutes=60, formula="answered_abandoned")


def test_a_schedule_is_named_by_rules() -> None:
    text = '[schedule.office]\nweekdays = ["mon"]\nhours = ["22:00-06:00"]\nholidays = "china"\n'
    found = parse(f'{text}[[rule]]\nkind = "burn"\nname = "a"\nschedule = "office"\n')
    expected = Schedule(name="office", weekdays=frozenset({0}), hours=((1320, 360),), china=True)
    assert found.schedule == expected


@pytest.mark.parametrize("name", METRICS)
def test_every_metric_can_be_written(name: str) -> None:
    """With what it asks for and nothing else."""
    state = 'state = "not_ready"\n' if name == "state_time" else ""
    parse(f'[[rule]]\nkind = "threshold"\nname = "a"\nmetric = "{name}"\nfire = 5\n{state}')


def test_what_the_documents_show_can_be_written() -> None:
    """Every block of docs/alerts.md together is one file of rules."""
    text = (Path(__file__).parents[2] / "docs" / "alerts.md").read_text("utf-8")
    blocks = re.findall(r"```toml\n(.*?)```", text, re.DOTALL)
    rules = parse_rules("\n".join(blocks), file="alerts.md", channels=())
    assert {type(one) for one in rules} >= {BurnRule, ThresholdRule}


def test_every_fault_is_told_at_once_with_its_line() -> None:
    told = faults("""
[schedule.office]
weekdays = ["monday"]
hours = ["8-20", "25:00-26:00", "08:00-08:00"]
holidays = "chian"
days_off = ["24.12.2026"]
[[rule]]
kind = "threshold"
name = "a"
metric = "longest_wiat"
fire = 3
window_minutes = 4
[[rule]]
kind = "threshold"
name = "b"
metric = "longest_wait"
clear = 60
window_minutes = 15
schedule = "ofice"
teams = ["A01"]
queues = ["slaes"]
[[rule]]
kind = "threshold"
name = "c"
all = [{ metric = "state_time", state = "lunch", fire = "2 m" }, { metric = "waiting", fire = 0 }]
[[rule]]
kind = "burn"
name = "d"
factor = 14.4
traffic_from = 100
traffic_below = 50
long_minutes = 5
target_by = { vpi = 90 }
[[rule]]
kind = "threshold"
name = "e"
metric = "service_level"
fire = 80
clear = 70
bound = "wilson"
""")
    assert sorted(told) == [3, 4, 5, 6, 10, 13, 18, 19, 20, 21, 25, 29, 31, 32, 33, 39, 40]
    assert [mend for _, mend in told[4]] == [
        "begin before 24:00, end by 24:00, not where it began",
        'write hours = ["08:00-20:00"]; 24:00 ends a day',
        'write hours = ["08:00-20:00"]; 24:00 ends a day',
    ]
    assert told[10] == [("unknown metric 'longest_wiat'", "did you mean 'longest_wait'?")]
    assert told[13] == [("fire is missing", "add fire = 1")]
    assert told[18] == [("longest_wait has no window_minutes", "remove window_minutes")]
    assert told[19] == [("unknown schedule 'ofice'", "did you mean 'office'?")]
    assert told[20] == [("selects nothing: this rule is about queues", "remove teams")]
    assert told[21] == [("unknown queue 'slaes'", "did you mean 'sales'?")]
    assert [message for message, _ in told[25]] == [
        "one condition is about agents, another about queues: no alert is about both",
        "is no length of time",
        "unknown state 'lunch'",
        "0 is out of range",
    ]
    assert told[29] == [("a target of 85 % burns at most 6.67 times, so 14.4 never fires", "write a factor below 6.67")]
    assert told[31][0][0] == "50 is not above traffic_from = 100: it never watches"
    assert told[32][0][0] == "short_minutes = 5 is not below long_minutes = 5"
    assert told[33][0] == ("unknown queue 'vpi'", "did you mean 'vip'?")
    assert told[39] == [("is below fire = 80: the alert would resolve while it fires", "write at least 80")]
    assert told[40][0][0] == "a bound without min_sample"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "metric is missing"),
        ("all = []\n", "an empty list watches nothing"),
        ('metric = "waiting"\nfire = 1\nany = []\n', "conditions stand in the rule and in a list"),
        (
            'all = [{ metric = "waiting", fire = 1 }]\nany = [{ metric = "waiting", fire = 1 }]\n',
            "all and any stand in one rule",
        ),
        (
            'any = [{ metric = "agent_score", fire = 60 }, { metric = "site_waiting", fire = 9 }]\n',
            "any of them would be about all agents at once",
        ),
        ('metric = "waiting"\nfire = 1\nbound = "wilson"\n', "waiting has no bound"),
        ('metric = "waiting"\nfire = 1\nstate = "ready"\n', "waiting has no state"),
        ('metric = "occupancy"\nfire = 90\nconfidence = 95\n', "without a bound it is of no use"),
        ('metric = "occupancy"\nfire = 90\nbound = "wilson"\nmin_sample = 9\nconfidence = 42\n', "42 % is not offered"),
        ('metric = "disk_free_percent"\nfire = 10\nfire_by = { a = 5 }\n', "disk_free_percent is about a system"),
        ('metric = "team_ready"\nfire = 2\nfire_by = { A10 = 1 }\n', "unknown team 'A10'"),
        ('metric = "team_ready"\nfire = 2\nteams = []\n', "an empty list watches nothing"),
        ('metric = "longest_wait"\nfire = "2 minutes"\n', "is no length of time"),
        ('metric = "longest_wait"\nfire = "99h"\n', "99h is out of range"),
        ('metric = "longest_wait"\nfire = true\n', "true is true/false"),
    ],
)
def test_a_threshold_that_cannot_be_is_refused(text: str, message: str) -> None:
    told = faults(f'[[rule]]\nkind = "threshold"\nname = "a"\n{text}')
    assert message in [said for line in told.values() for said, _ in line]


def test_all_keys_of_a_condition_are_known_when_its_metric_is_not() -> None:
    """One slip, one fault: what else it may have depends on the metric."""
    keys = "".join(f"{key} = 1\n" for key in CONDITION_KEYS if key != "metric")
    told = faults(f'[[rule]]\nkind = "threshold"\nname = "a"\nmetric = "nope"\n{keys}')
    assert list(told) == [4]
