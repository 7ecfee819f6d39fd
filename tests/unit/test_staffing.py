"""What a queue's plan asks for now; no plan for now is not a plan of nobody."""

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from monitor.config import Config, ConfigFaults
from monitor.config_read import load_config
from monitor.staffing import planned
from streams.vocabulary.ids import Millis, QueueName

ZONE = ZoneInfo("Asia/Shanghai")
SALES = QueueName("sales")
PLAN = """[site]
id = "gz"
[[queues.sales.staff]]
agents = 12
weekdays = ["mon", "tue", "wed", "thu", "fri"]
hours = ["08:00-12:00", "13:30-20:00"]
[[queues.sales.staff]]
agents = 4
hours = ["08:00-20:00"]
[[queues.sales.staff]]
agents = 0
hours = ["22:00-06:00"]
[queues.vip]
target_s = 10
"""


def read(folder: Path, text: str) -> Config:
    file = folder / "floorwatch.toml"
    file.write_text(text, encoding="utf-8")
    return load_config(file, env={})


@pytest.mark.parametrize(
    ("when", "agents"),
    [
        ("2026-11-23 08:00", 12),  # a Monday
        ("2026-11-23 12:00", 4),  # lunch: the first table that holds
        ("2026-11-22 08:00", 4),  # a Sunday
        ("2026-11-23 20:00", None),
        ("2026-11-24 05:59", 0),  # the night that began on Monday
    ],
)
def test_the_first_table_that_holds_now_counts(tmp_path: Path, when: str, agents: int | None) -> None:
    at = Millis(round(datetime.fromisoformat(when).replace(tzinfo=ZONE).timestamp() * 1000))
    plans = {name: one.staff for name, one in read(tmp_path, PLAN).queues.items()}
    assert planned(plans, at, ZONE) == ({} if agents is None else {SALES: agents})


def test_faults_of_a_plan_stand_at_their_lines(tmp_path: Path) -> None:
    text = '[site]\nid = "gz"\n[[queues.sales.staff]]\nhours = ["8-12"]\n[[queues.sales.staff]]\nagents = -1\n'
    with pytest.raises(ConfigFaults) as told:
        read(tmp_path, text)
    assert [fault.line for fault in told.value.faults] == [3, 4, 6]
