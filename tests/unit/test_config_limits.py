"""[[limit]]: what is written counts, what is not keeps its default, a slip names its place and its mend."""

import pytest

from monitor.attention_limits import AttentionLimits
from monitor.config_limits import read_limits
from seat_map.limits import DEFAULT_LIMITS, Limit
from seat_map.palette import SeatCode
from streams.toml_lines import read_toml
from streams.toml_table import Table


def read(text: str) -> tuple[AttentionLimits, list[str]]:
    toml = read_toml(text, file="f.toml")
    table = Table(toml, file="f.toml", faults=list(toml.faults))
    limits = read_limits(table)
    table.close()
    return limits, [f"{fault.line}: {fault.message}" for fault in table.faults]


def limit(way: str, amber: int = 60, red: int = 120) -> str:
    return f"[[limit]]\n{way}\namber_s = {amber}\nred_s = {red}\n"


def test_each_way_sets_its_own_limit():
    text = "".join(map(limit, ('state = "wrap_up"', 'reason = "用餐"', 'queue = "sales"', 'tier = "金卡"')))
    limits, faults = read(text)
    assert faults == []
    assert limits.seats.by_code[SeatCode.WRAP_UP] == Limit(60_000, 120_000)
    assert limits.seats.by_code[SeatCode.ON_HOLD] == DEFAULT_LIMITS[SeatCode.ON_HOLD]
    assert limits.seats.by_reason == {"用餐": Limit(60_000, 120_000)}
    assert [one.red_ms for one in (limits.queues.wait["sales"], limits.queues.tiers["金卡"])] == [120_000, 120_000]


def test_nothing_written_is_the_default():
    assert read("") == (AttentionLimits(), [])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (limit(""), "1: limit[0]: names nothing"),
        (limit('state = "busy"'), "2: limit[0].state: unknown state 'busy'"),
        (limit('state = "wrap_up"\nqueue = "q"'), "3: limit[0].queue: state and queue are both written"),
        (limit('reason = "用餐"', 90, 60), "4: limit[0].red_s: 60 is below amber_s"),
        (limit('reason = "用餐"') * 2, "6: limit[1].reason: '用餐' has a limit already"),
        ('[[limit]]\nreason = "用餐"\namber_s = 60\n', "red_s is missing"),
    ],
)
def test_a_slip_names_its_line(text: str, said: str):
    (fault,) = read(text)[1]
    assert said in fault
