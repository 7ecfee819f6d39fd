"""Alerts of a week and of a bad afternoon, by a seeded generator. In: nothing. Out: facts, notes, a back-test."""

import json
import random
from zoneinfo import ZoneInfo

import msgspec

from alerts.notes import changed
from monitor.alert_backtest_jobs import BacktestFound, FiringFound, QueueTruth, RuleFound, RuleUnanswered
from streams.vocabulary.facts import AlertFact, AlertNoteFact
from streams.vocabulary.ids import Millis, QueueName, SiteId
from streams.vocabulary.states import NoteKind
from tests.browser.serve import now
from tests.browser.synthetic import QUEUES

MINUTE = 60_000
HOUR, DAY = 60 * MINUTE, 1440 * MINUTE
SITE = SiteId("上海中心")
ZONE = ZoneInfo("Asia/Shanghai")
LABELS = {
    "burning": ("服务水平快速恶化", "Service level burning fast", "critical"),
    "longest-wait": ("最长等待超限", "Somebody waits too long", "critical"),
    "staff-missing": ("在岗人数不足", "Fewer agents than planned", "critical"),
    "day-at-risk": ("今日达标有风险", "The day's target is at risk", "warning"),
    "abandoning": ("放弃率高", "Many give up", "warning"),
    "disk-low": ("磁盘空间不足", "Disk space low", "warning"),
    "pause-long": ("示忙过长", "Not ready for long", "info"),
}
COMMON = ("burning", "longest-wait", "day-at-risk", "abandoning", "staff-missing", "longest-wait")
SHARE = {"formula": "answered_abandoned", "metric": "service_level", "unit": "percent"}
WAIT = {"unit": "ms", "metric": "longest_wait"}


def fires(rule: str, scope: str, value: float, threshold: float, minutes: float, **more: object) -> AlertFact:
    """`more`: fields of the fact by name; what is none of them stands in its detail."""
    at = Millis(now() - round(minutes * MINUTE))
    zh, en, severity = LABELS[rule]
    known = {name: more.pop(name) for name in list(more) if name in AlertFact.__struct_fields__}
    fact = AlertFact(
        site=SITE, ver=2, raised_at=at, alert=f"{rule}/{scope}/{at}", rule=rule, scope=scope, severity=severity,
        state="firing", reason="fired", value=value, threshold=threshold, changed_at=Millis(at + 20_000),
        detail=json.dumps({"label_zh": zh, "label_en": en, **more}),
    )  # fmt: skip
    return msgspec.structs.replace(fact, **known)


def standing() -> list[AlertFact]:
    t = now()
    measured = [
        {"metric": "longest_wait", "unit": "ms", "value": 191_000, "threshold": 180_000},
        {"metric": "waiting_per_agent", "unit": "count", "value": 0.75, "threshold": 0.5},
    ]
    queue = [f"queue:{name}" for name in QUEUES]
    seen = {"acknowledged_at": Millis(t - 38 * MINUTE), "acknowledged_by": "陈浩@10.8.3.40"}
    taken = {"acknowledged_at": Millis(t - 90 * MINUTE), "acknowledged_by": "王敏@10.8.3.21"}
    return [
        fires("burning", queue[3], 38.3, 40, 7, window_minutes=20, part=18, whole=47, target=80, **SHARE),
        fires("longest-wait", queue[4], 191_000, 180_000, 3.2, measured=measured, mode="all", **WAIT),
        fires("longest-wait", queue[1], 74_000, 180_000, 41, reason="recovering", **WAIT, **seen),
        fires("day-at-risk", queue[0], 76.4, 80, 96, window_minutes=30, part=1172, whole=1534, **SHARE, **taken),
        fires("abandoning", queue[2], 14.2, 10, 22, reason="uncertain", unit="percent", metric="abandon_percent",
              formula="answered_abandoned", window_minutes=60, part=17, whole=120, why="source_lost"),
        fires("disk-low", "system:disk_free_percent", 8.7, 10, 190, unit="percent", metric="disk_free_percent"),
        fires("pause-long", "agent:8024", 1_590_000, 1_200_000, 5, unit="ms", metric="state_time", who="小休"),
        fires("abandoning", queue[5], 11.2, 10, 0.6, state="pending", reason="first_breach", unit="percent"),
    ]  # fmt: skip


def ended() -> list[AlertFact]:
    """A week of them, more on some days and at some hours."""
    draw, t, rows = random.Random(11), now(), []
    for day in range(7):
        for _ in range(draw.choice((2, 3, 4, 6))):
            rule = draw.choice(
                ["burning", "longest-wait", "day-at-risk", "abandoning", "staff-missing", "longest-wait"]
            )
            hour = draw.choice((9, 10, 10, 11, 14, 14, 15, 16, 19)) - 8
            at = t - t % DAY - day * DAY + hour * HOUR + draw.randrange(50 * MINUTE)
            lasted, by = draw.choice((4, 9, 16, 31, 55)) * MINUTE, draw.choice(("王敏@10.8.3.21", "陈浩@10.8.3.40"))
            taken = at + draw.choice((1, 2, 4)) * MINUTE if draw.random() < 0.7 else 0
            if at > t - 2 * HOUR:
                continue
            known: dict[str, object] = {"resolved_at": Millis(at + lasted), "acknowledged_at": Millis(taken)}
            known |= {"state": "resolved", "reason": "resolved", "ver": 4, "acknowledged_by": by if taken else ""}
            what = WAIT if rule == "longest-wait" else {"window_minutes": 20, "part": 21, "whole": 47, **SHARE}
            value, limit = (212_000.0, 180_000.0) if rule == "longest-wait" else (draw.uniform(31, 58), 80.0)
            scope = f"queue:{draw.choice(QUEUES)}"
            rows.append(fires(rule, scope, round(value, 1), limit, (t - at) / MINUTE, **known, **what))
    return rows


def story(fact: AlertFact) -> list[AlertNoteFact]:
    """What happened about one: told, not told, escalated, spoken of."""
    raised, n = fact.raised_at, NoteKind
    pending = msgspec.structs.replace(fact, state="pending", reason="first_breach", ver=1, changed_at=raised)
    ended_at = {"state": "resolved", "reason": "resolved", "ver": 4, "changed_at": fact.resolved_at}
    now_firing = msgspec.structs.replace(fact, state="firing", reason="fired", ver=2, changed_at=raised + 20_000)
    states = [pending, now_firing, *([msgspec.structs.replace(fact, **ended_at)] if fact.resolved_at else [])]
    told: list[tuple[int, NoteKind, dict[str, str]]] = [
        (21, n.NOTIFIED, {"to": "王敏", "channel": "duty-wecom", "outcome": "delivered"}),
        (31, n.NOTIFIED, {"channel": "mail", "outcome": "timed_out"}),
        (61, n.NOTIFIED, {"channel": "mail", "outcome": "delivered"}),
        (62, n.NOT_NOTIFIED, {"channel": "managers", "reason": "quiet_hours"}),
    ]
    if fact.rule == "burning":
        told += [
            (140, n.ESCALATED, {"to": "陈浩", "channel": "duty-wecom", "outcome": "delivered"}),
            (200, n.ASSIGNED, {"by": "王敏@10.8.3.21", "to": "王敏"}),
            (260, n.COMMENT, {"by": "王敏@10.8.3.21", "text": "B 组两人未到岗，已从客服热线调 3 人支援。"}),
            (300, n.USEFUL, {"by": "陈浩@10.8.3.40"}),
        ]
    notes = [_note(fact, Millis(raised + s * 1000), kind, more) for s, kind, more in told]
    return [*(changed(state) for state in states), *notes]


def _note(fact: AlertFact, at: Millis, kind: NoteKind, more: dict[str, str]) -> AlertNoteFact:
    bare = AlertNoteFact(site=SITE, ver=at, noted_at=at, alert=fact.alert, note=f"{kind}/{at}", kind=kind)
    return msgspec.structs.replace(bare, **more)


def tested(days: int, at: Millis) -> BacktestFound:
    """What a rule would have said, and what the usual one."""
    draw, first = random.Random(3), at - at % DAY - (days - 1) * DAY
    truth: list[QueueTruth] = []
    own: list[FiringFound] = []
    usual: list[FiringFound] = []
    for queue in QUEUES[:4]:
        bad = {(draw.randrange(days), draw.choice((2, 6, 7))) for _ in range(2)}
        points: list[tuple[Millis, float | None, int]] = []
        for day in range(days):
            for quarter in range(48):
                moment = Millis(first + day * DAY + quarter * 15 * MINUTE)
                hit = (day, quarter // 4) in bad
                percent = max(5.0, min(100.0, draw.gauss(36 if hit else 88, 6 if hit else 5)))
                points.append((moment, percent, draw.randrange(20, 60)))
                if hit and quarter % 4 == 1:
                    own.append(firing(queue, moment + 200_000, 62, percent))
                if percent < 81 and draw.random() < 0.7:
                    usual.append(firing(queue, moment + 300_000, 15, percent))
        truth.append(QueueTruth(queue=QueueName(queue), points=points))
    cannot = (("disk-low", "disk_free_percent"), ("stream-lag", "stream_lag_s"), ("dead-letters", "dead_letters"))
    unanswered = [RuleUnanswered(rule=rule, metric=what, reason="backtest_gauges_not_kept") for rule, what in cannot]
    naive = ("常见规则：15 分钟低于 80% 满 5 分钟", "The usual rule: under 80% for 5 minutes")
    return BacktestFound(
        since=Millis(at - days * DAY), until=at, days=days, asked_days=days, queues=[one.queue for one in truth],
        events=1_284_113, looks=604_800, formula="answered_abandoned", unanswered=unanswered, truth=truth,
        rules=[
            rule_found("burning", LABELS["burning"][0], LABELS["burning"][1], "critical", own, days),
            rule_found("longest-wait", LABELS["longest-wait"][0], LABELS["longest-wait"][1], "critical", [], days),
            rule_found("day-at-risk", LABELS["day-at-risk"][0], LABELS["day-at-risk"][1], "warning", own[:1], days),
            rule_found("usual-rule", *naive, "warning", usual, days),
        ],
    )  # fmt: skip


def firing(queue: str, at: int, minutes: int, value: float) -> FiringFound:
    fired = Millis(at)
    return FiringFound(
        scope=f"queue:{queue}", raised_at=fired, fired_at=fired, resolved_at=Millis(at + minutes * MINUTE),
        value=value, part=10, whole=30, ended="resolved",
    )  # fmt: skip


def rule_found(name: str, zh: str, en: str, severity: str, firings: list[FiringFound], days: int) -> RuleFound:
    return RuleFound(
        rule=name, label_zh=zh, label_en=en, severity=severity, fired=len(firings), nearly=0,
        per_queue_day=len(firings) / days / 4, left_off=0, firings=firings,
    )  # fmt: skip
