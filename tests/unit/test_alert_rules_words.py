"""A rule in one sentence of each language: what is measured, from where on, of whom, when it speaks."""

import re

import pytest

from alerts.defaults import DEFAULT_RULES
from alerts.metrics import METRICS
from alerts.parse import parse_rules
from monitor.alert_rules_words import told_metrics, told_rules
from monitor.web.words import CHINESE, ENGLISH, load_catalogues
from streams.floor.numbers import FORMULAS

SCHEDULE = '[schedule.office]\nweekdays = ["mon"]\n'
HEAD = '[[rule]]\nname = "x"\n'


def told(text: str) -> tuple[str, str]:
    row = told_rules(parse_rules(HEAD + text, file="x", channels=[]))[0]
    return row.text_zh, row.text_en


@pytest.mark.parametrize(
    ("text", "chinese", "english"),
    [
        (
            'kind = "service_level"\nqueues = ["vip"]\nfire_below = 70\n',
            "近 15 分钟服务水平 < 70%（至少 20 通）（队列 vip）；持续 2 分钟触发，好转 5 分钟后恢复",
            "service level over 15 min < 70 % (of 20 contacts at least) [queues vip]; fires after 2 min, resolves after"
            " 5 min of better",
        ),
        (
            'kind = "threshold"\nmetric = "state_time"\nstate = "wrap_up"\nfire = 600\nhold_s = 0\nkeep_firing_s = 0\n',
            "状态持续时长（话后） ≥ 10 分钟；立即触发，好转即恢复",
            "time in state (wrap_up) ≥ 10 min; fires at once, resolves as soon as it is better",
        ),
        (
            'kind = "threshold"\nhold_s = 90\nkeep_firing_s = 60\nschedule = "office"\ntraffic_below = 100\n'
            'any = [{ metric = "longest_wait", fire = 45 }, { metric = "ready", fire = 1 }]\n' + SCHEDULE,
            "最长等待 ≥ 45 秒，或示闲座席数 < 1（每小时 100 通以下；时段 office）；持续 90 秒触发，好转 1 分钟后恢复",
            "longest wait ≥ 45 s or agents ready < 1 [under 100 contacts an hour; schedule office]; fires after 90 s,"
            " resolves after 1 min of better",
        ),
    ],
)  # fmt: skip
def test_a_rule_says_what_it_watches(text: str, chinese: str, english: str) -> None:
    assert told(text) == (chinese, english)


def test_every_packaged_rule_has_its_sentences() -> None:
    rows = told_rules(parse_rules(DEFAULT_RULES, file="x", channels=[]))
    assert len(rows) > 10
    assert all(row.text_zh and row.text_en and row.label_zh and row.label_en for row in rows)


def test_every_metric_is_listed_with_its_formula() -> None:
    rows = told_metrics()
    assert [row.name for row in rows] == list(METRICS)
    assert all(row.zh and row.en and row.formula for row in rows)


def test_every_formula_of_an_alert_has_words_in_both_languages() -> None:
    """A new one needs `formula:…` in both messages.po; the Chinese one has no English words in it."""
    formulas = {one.formula for one in METRICS.values()} | set(FORMULAS)
    tables = [load_catalogues()[locale].table for locale in (CHINESE, ENGLISH)]
    assert [sorted(one for one in formulas if f"formula:{one}" not in table) for table in tables] == [[], []]
    assert [one for one in formulas if re.search("[a-z]{3}", tables[0][f"formula:{one}"].replace("Asterisk", ""))] == []
