"""How people call each metric, and its formula. In: nothing. Out: WORDS by metric name, FORMULAS_ZH by formula.

Formulas are in the words of docs/metrics.md. May not know: how it is read.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from streams.floor.numbers import DEFAULT_FORMULA


class MetricWords(NamedTuple):
    zh: str
    en: str
    formula: str


_LEVEL = f"{DEFAULT_FORMULA}, or the formula named"
_ABANDONED = "abandoned / offered"
_STAFFED = "ready + offered + on_contact + on_hold + wrap_up"
_AWAY = f"not_ready / ({_STAFFED} + not_ready)"
_HANDLING = "on_contact + on_hold + wrap_up"
_OCCUPIED = f"({_HANDLING}) / ({_HANDLING} + ready)"
_AGAINST_PLAN = f"({_STAFFED}) / planned"
_REACHED = "outbound_reached / (outbound_reached + outbound_unreached)"
_FAILED = "failed / scored, last 60 min"
_FREE = "free / size"

FORMULAS_ZH: Mapping[str, str] = MappingProxyType(
    {
        "answered_abandoned": "目标内接通÷(接通+放弃)",
        "answered_only": "目标内接通÷接通",
        "without_short_abandons": "目标内接通÷(接通+放弃−短弃)",
        "all_ways_out": "目标内接通÷全部离队",
        "asterisk": "Asterisk 公式一",
        "asterisk2": "Asterisk 公式二",
        _ABANDONED: "放弃÷呼入",
        _REACHED: "外呼接通÷(外呼接通+外呼未通)",
        _OCCUPIED: "(通话+保持+话后)÷(通话+保持+话后+示闲)",
        _AWAY: "示忙÷(示闲+振铃+通话+保持+话后+示忙)",
        _AGAINST_PLAN: "(示闲+振铃+通话+保持+话后)÷计划在岗",
        _FAILED: "不合格÷评分数，近 60 分钟",
        _FREE: "剩余÷总量",
    }
)
"""Of the formulas a message may name: names of service levels, and shares."""

WORDS: Mapping[str, MetricWords] = MappingProxyType(
    {
        "service_level": MetricWords("服务水平", "service level", _LEVEL),
        "service_level_day": MetricWords("今日服务水平", "service level today", _LEVEL),
        "abandon_percent": MetricWords("放弃率", "abandon rate", _ABANDONED),
        "reach_rate": MetricWords("外呼接通率", "outbound reach rate", _REACHED),
        "asa": MetricWords("平均应答时长", "average speed of answer", "wait_ms / (answered - answered_unseen)"),
        "aht": MetricWords("平均处理时长", "average handling time", "handling_ms / (ended + outbound_ended)"),
        "longest_wait": MetricWords("最长等待", "longest wait", "of those who wait now"),
        "waiting": MetricWords("等待数", "contacts waiting", "now"),
        "waiting_per_agent": MetricWords("人均等待数", "waiting per agent", f"waiting / max(1, {_STAFFED})"),
        "occupancy": MetricWords("占用率", "occupancy", _OCCUPIED),
        "ready": MetricWords("示闲座席数", "agents ready", "ready"),
        "on_contact": MetricWords("通话座席数", "agents on contact", "on_contact + on_hold"),
        "not_ready": MetricWords("示忙座席数", "agents not ready", "not_ready"),
        "not_ready_percent": MetricWords("示忙占比", "share of agents not ready", _AWAY),
        "staffed": MetricWords("在岗座席数", "agents staffed", _STAFFED),
        "staffed_against_plan": MetricWords("在岗达成率", "staffed against plan", _AGAINST_PLAN),
        "score": MetricWords("平均质检分", "mean score", "points / scored, last 60 min"),
        "failed_percent": MetricWords("质检不合格率", "share of failed scores", _FAILED),
        "fatal_scores": MetricWords("致命差错数", "fatal scores", "last 60 min"),
        "tier_service_level": MetricWords("客户等级今日服务水平", "tier's service level today", _LEVEL),
        "site_service_level": MetricWords("全站服务水平", "site's service level", _LEVEL),
        "site_abandon_percent": MetricWords("全站放弃率", "site's abandon rate", _ABANDONED),
        "site_waiting": MetricWords("全站等待数", "site's contacts waiting", "now"),
        "site_longest_wait": MetricWords("全站最长等待", "site's longest wait", "of those who wait now"),
        "site_ready": MetricWords("全站示闲座席数", "site's agents ready", "ready"),
        "site_staffed": MetricWords("全站在岗座席数", "site's agents staffed", _STAFFED),
        "team_ready": MetricWords("班组示闲座席数", "team's agents ready", "ready"),
        "team_not_ready": MetricWords("班组示忙座席数", "team's agents not ready", "not_ready"),
        "team_not_ready_percent": MetricWords("班组示忙占比", "team's share of agents not ready", _AWAY),
        "team_staffed": MetricWords("班组在岗座席数", "team's agents staffed", _STAFFED),
        "state_time": MetricWords("状态持续时长", "time in state", "now - since"),
        "agent_score": MetricWords("座席平均质检分", "agent's mean score", "points / scored, last 60 min"),
        "agent_fatal_scores": MetricWords("座席致命差错数", "agent's fatal scores", "last 60 min"),
        "contact_length": MetricWords("通话时长", "length of the contact", "now - answered"),
        "phrase_hit": MetricWords("禁用语命中数", "hits of a live rule", "last minute, this contact"),
        "recordings_missing": MetricWords("缺失录音数", "recordings missing", "now"),
        "recogniser_backlog": MetricWords("待转写录音数", "recordings waiting for the recogniser", "now"),
        "sources_lost": MetricWords("中断的数据源数", "sources lost", "now"),
        "disk_free_percent": MetricWords("磁盘剩余", "disk free", _FREE),
        "stream_lag_s": MetricWords("消息流滞后", "lag of the slowest reader", "now - its last entry"),
        "dead_letters": MetricWords("死信数", "dead letters", "now"),
        "store_away": MetricWords("数据仓不可用", "store away", "1: it does not answer"),
        "rules_drifting": MetricWords("漂移的质检规则数", "scoring rules that drift", "now"),
    }
)
