"""Whatever somebody writes into a file of rules, it is read or refused with lines and mends; nothing else happens."""

from hypothesis import given
from hypothesis import strategies as st

from alerts.metrics import METRICS
from alerts.parse import AlertFaults, parse_rules
from alerts.parse_condition import CONDITION_KEYS
from alerts.rules import Rule
from streams.toml_lines import Fault

KEYS = (
    *("kind", "name", "label_zh", "severity", "channels", "hold_s", "keep_firing_s", "queues", "teams", "agents"),
    *("tiers", "all", "any", "most_scopes", "schedule", "traffic_from", "traffic_below", "tier", "factor", "target"),
    *("target_by", "long_minutes", "short_minutes", "bound_below", "day_below_target", "fire_below", "clear_above"),
    *CONDITION_KEYS,
)
SCHEDULE_KEYS = ("weekdays", "hours", "holidays", "days_off", "work_days")
WORDS = st.sampled_from(
    [*METRICS, "burn", "threshold", "service_level", "source_silent", "wilson", "office", "mon", "china", "2m", "08:00"]
)
SIMPLE = st.one_of(
    st.integers(-5, 10**6).map(str),
    st.sampled_from(["0.5", "-1.5", "nan", "inf", "true", "2026-10-01", '""', '"\\u0000"', "1e400"]),
    WORDS.map(lambda word: f'"{word}"'),
)


def table(keys: tuple[str, ...], values: st.SearchStrategy[str]) -> st.SearchStrategy[dict[str, str]]:
    return st.dictionaries(st.sampled_from(keys), values, max_size=8)


def inline(values: dict[str, str]) -> str:
    return "{" + ", ".join(f"{key} = {value}" for key, value in values.items()) + "}"


VALUES = st.one_of(
    SIMPLE,
    st.lists(SIMPLE, max_size=3).map(lambda values: f"[{', '.join(values)}]"),
    table(CONDITION_KEYS, SIMPLE).map(inline),
    st.lists(table(CONDITION_KEYS, SIMPLE).map(inline), max_size=3).map(lambda values: f"[{', '.join(values)}]"),
)


def written(head: str, values: dict[str, str]) -> str:
    return "\n".join([head, *(f"{key} = {value}" for key, value in values.items()), ""])


@given(st.lists(table(KEYS, VALUES), max_size=3), table(SCHEDULE_KEYS, VALUES))
def test_a_text_is_read_or_refused_with_lines_and_mends(rules: list[dict[str, str]], schedule: dict[str, str]) -> None:
    heads = [f'[[rule]]\nname = "r{place}"' if "name" not in one else "[[rule]]" for place, one in enumerate(rules)]
    text = written("[schedule.office]", schedule)
    text += "".join(written(head, one) for head, one in zip(heads, rules, strict=True))
    found, faults = read(text)
    assert len(found) >= len(rules) if not faults else not found
    assert all(fault.mend and 1 <= fault.line <= text.count("\n") for fault in faults)


def read(text: str) -> tuple[tuple[Rule, ...], tuple[Fault, ...]]:
    try:
        return parse_rules(text, file="a.toml", channels=("duty",), queues=("sales",), teams=("A01",)), ()
    except AlertFaults as refused:
        return (), refused.faults
