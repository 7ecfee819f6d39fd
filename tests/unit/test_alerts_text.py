"""What people read of each kind of alert, in both languages: what was measured, of whom, on how much it rests."""

import pytest

from alerts.metric_words import FORMULAS_ZH
from alerts.metrics import METRICS, Trait
from alerts.notification import Notification, notification_of
from alerts.rules import Rule
from alerts.text import summary_en, summary_zh
from streams.floor.numbers import FORMULAS, Counters
from tests.alerts_moment import SITE, agent, beside, hit, look, moment, queue, rule

LABEL = 'label_zh = "规则"\nlabel_en = "Rule"\nhold_s = 0\n'
SEEN = moment(
    queue(
        window=Counters(offered=100, answered=60, abandoned=40, answered_in_target=30),
        waiting=7,
        longest_wait_ms=135_000,
        tiers={"VIP": Counters(answered=10, answered_in_target=8)},
    ),
    told=beside(
        agents=[agent("1001", "not_ready", minutes=50, reason="lunch")],
        gauges={"disk_free_percent": 7.5, "stream_lag_s": 75},
        hits=[hit("179.1")],
    ),
)
TABLE = [
    (
        'kind = "burn"\n',
        "【告警】规则（sales）：近 20 分钟服务水平 30.0%（30/100，公式 目标内接通÷(接通+放弃)），阈值 62.5%，且"
        "近 5 分钟服务水平 30.0%（30/100），阈值 62.5%，目标 85%，差错额度消耗速度 4.7 倍",
        "[firing] Rule (sales): service level 30.0% over 20 min (30/100, formula answered_abandoned), threshold 62.5%"
        " and service level 30.0% over 5 min (30/100), threshold 62.5%, target 85%,"
        " its budget burns 4.7 times too fast",
    ),
    (
        'all = [{ metric = "longest_wait", fire = 120 }, { metric = "waiting", fire = 5 }]\n',
        "【告警】规则（sales）：最长等待 2 分 15 秒，阈值 2 分，且等待数 7，阈值 5",
        "[firing] Rule (sales): longest wait 2 min 15 s, threshold 2 min and contacts waiting 7, threshold 5",
    ),
    (
        'any = [{ metric = "longest_wait", fire = 120 }, { metric = "waiting", fire = 9 }]\n',
        "【告警】规则（sales）：最长等待 2 分 15 秒，阈值 2 分；或等待数 7，阈值 9",
        "[firing] Rule (sales): longest wait 2 min 15 s, threshold 2 min, or contacts waiting 7, threshold 9",
    ),
    (
        'metric = "abandon_percent"\nfire = 12.5\n',
        "【告警】规则（sales）：近 15 分钟放弃率 40.0%（40/100，公式 放弃÷呼入），阈值 12.5%",
        "[firing] Rule (sales): abandon rate 40.0% over 15 min (40/100, formula abandoned / offered), threshold 12.5%",
    ),
    (
        'metric = "tier_service_level"\nfire = 90\n',
        "【告警】规则（sales，客户等级 VIP）：客户等级今日服务水平 80.0%（8/10，"
        "公式 目标内接通÷(接通+放弃)），阈值 90%",
        "[firing] Rule (sales, tier VIP): tier's service level today 80.0% (8/10, formula answered_abandoned),"
        " threshold 90%",
    ),
    (
        'metric = "state_time"\nstate = "not_ready"\nreason = "lunch"\nfire = "45m"\n',
        "【告警】规则（座席 1001）：状态持续时长（示忙/lunch） 50 分，阈值 45 分",
        "[firing] Rule (agent 1001): time in state not ready/lunch 50 min, threshold 45 min",
    ),
    (
        'metric = "phrase_hit"\n',
        "【告警】规则：脏话（通话 179.1，座席 1001）：禁用语命中数 1，阈值 1",
        "[firing] Rule: swearing (contact 179.1, agent 1001): hits of a live rule 1, threshold 1",
    ),
    (
        'metric = "team_not_ready_percent"\nfire = 30\n',
        "【告警】规则（班组 A01）：班组示忙占比 100.0%（1/1，公式 示忙÷(示闲+振铃+通话+保持+话后+示忙)），阈值 30%",
        "[firing] Rule (team A01): team's share of agents not ready 100.0% (1/1, formula not_ready / (ready + offered"
        " + on_contact + on_hold + wrap_up + not_ready)), threshold 30%",
    ),
    (
        'metric = "disk_free_percent"\nfire = 10\n',
        "【告警】规则：磁盘剩余 7.5%，阈值 10%",
        "[firing] Rule: disk free 7.5%, threshold 10%",
    ),
    (
        'metric = "stream_lag_s"\nfire = 60\n',
        "【告警】规则：消息流滞后 1 分 15 秒，阈值 1 分",
        "[firing] Rule: lag of the slowest reader 1 min 15 s, threshold 1 min",
    ),
]


def told(one: Rule) -> Notification:
    (change,) = look(one, SEEN).values()
    found = notification_of(change, site=SITE)
    assert found is not None
    return found


@pytest.mark.parametrize(("text", "zh", "en"), TABLE, ids=[row[0].split("\n")[0] for row in TABLE])
def test_a_message_says_what_was_measured_and_on_what_it_rests(text: str, zh: str, en: str) -> None:
    notification = told(rule(text + LABEL))
    assert (summary_zh(notification), summary_en(notification)) == (zh, en)


@pytest.mark.parametrize(
    ("text", "detail"),
    [
        ('metric = "abandon_percent"\nfire = 12.5\n', ("percent", "abandoned / offered", 15, 40, 100)),
        ('metric = "longest_wait"\nfire = 60\n', ("ms", "", 0, 0, 7)),
        ('kind = "burn"\n', ("percent", "answered_abandoned", 20, 30, 100)),
    ],
)
def test_a_detail_names_a_formula_only_with_its_counts_and_its_window(text: str, detail: tuple[object, ...]) -> None:
    """Templates of channels show `formula = part/whole` wherever there is one."""
    found = told(rule(text + LABEL)).detail
    assert (found.unit, found.formula, found.window_minutes, found.part, found.whole) == detail


def test_every_formula_a_message_may_name_is_said_in_chinese() -> None:
    """Names of service levels, and what stands under a share."""
    named = {*FORMULAS, *(one.formula for one in METRICS.values() if one.has(Trait.SHARE))}
    assert {name for name in named if name not in FORMULAS_ZH} <= {METRICS["service_level"].formula}
