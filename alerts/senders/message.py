"""What a channel says, before any service's markup. In: notifications, Wording. Out: a Message of plain texts.

A template that fails is replaced by the plain text, which then says so. Several notifications become one message with
a line each. May not know: services, HTTP.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from alerts.notification import Notification, Says
from alerts.senders.channel import NOTHING_AROUND, Around
from alerts.senders.cut import cut
from alerts.senders.standard_webhooks import message_id
from alerts.senders.templates import TemplateFault, render
from alerts.text import summary_en, summary_zh
from alerts.text_words import EN as EN_WORDS
from alerts.text_words import ZH as ZH_WORDS
from streams.vocabulary.ids import Millis, SiteId

ZH: Final = "zh"
EN: Final = "en"
TEST: Final = "test"
"""The `reason` of a message somebody sent to try a channel."""

DEFAULTS: Final[Mapping[str, str]] = {
    ZH: """{{ summary }}
{% if formula %}
公式 {{ formula }} = {{ part }}/{{ whole }}，近 {{ window_minutes }} 分钟
{% endif %}
级别 {{ severity_word }}，站点 {{ site }}
开始 {{ raised_at }}{% if resolved_at %}，恢复 {{ resolved_at }}，历时 {{ minutes }} 分钟{% endif %}""",
    EN: """{{ summary }}
{% if formula %}
formula {{ formula }} = {{ part }}/{{ whole }} over {{ window_minutes }} min
{% endif %}
severity {{ severity_word }}, site {{ site }}
since {{ raised_at }}{% if resolved_at %}, resolved {{ resolved_at }} after {{ minutes }} min{% endif %}""",
}
_SEVERITIES: Final = {"critical": "严重", "warning": "警告", "info": "提示"}
_DIGESTS_ZH: Final = {"quiet_hours": "免打扰时段内", "capped": "超过每小时条数上限后"}
_DIGESTS_EN: Final = {"quiet_hours": "in the quiet hours", "capped": "beyond the messages of an hour"}
_LISTED: Final = 10
_LINE: Final = 240
"""Bytes of a line of a list: ten of them fit every group robot."""
_RANK: Final = ("critical", "warning", "info")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """`template` "": the one of `language`. `page_url`: how readers reach Floorwatch, "" if unknown."""

    language: str = ZH
    template: str = ""
    page_url: str = ""
    zones: Mapping[SiteId, ZoneInfo] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """`id`: the same for the same notifications, safe in a header. `firing`: at least one of them does."""

    id: str
    title: str
    text: str
    link: str
    severity: str
    firing: bool
    at: Millis
    notifications: tuple[Notification, ...]
    around: Around = NOTHING_AROUND

    @property
    def plain(self) -> str:
        return "\n".join(part for part in (self.title, self.text, self.link) if part)


def message_of(notifications: tuple[Notification, ...], wording: Wording, around: Around = NOTHING_AROUND) -> Message:
    """`notifications`: at least one, in the order they were decided."""
    first = notifications[0]
    alone = len(notifications) == 1 and not around.more and not around.digest
    firing = [one for one in notifications if one.says is Says.FIRING]
    of_all = around.incident or "\n".join(one.id for one in notifications)
    return Message(
        id=message_id(of_all if not around.incident else f"{of_all}/{first.says}"),
        title=_title(first, wording) if alone else _group_title(notifications, wording, around),
        text=(_text(first, wording) if alone else _list(notifications, wording, around)) + _still(around, wording),
        link=f"{wording.page_url.rstrip('/')}/alerts" if wording.page_url else "",
        severity=min((one.severity for one in notifications), key=_rank),
        firing=bool(firing),
        at=notifications[-1].at,
        notifications=notifications,
        around=around,
    )


def facts_of(notification: Notification, wording: Wording) -> Mapping[str, object]:
    """What a template may use; docs/channels.md lists it."""
    detail, chinese = notification.detail, wording.language == ZH
    zone = wording.zones.get(notification.site, ZoneInfo("UTC"))
    resolved = notification.resolved_at if notification.says is Says.RESOLVED else Millis(0)
    return {
        "summary": _summary(notification, wording),
        "says": notification.says.value,
        "rule": notification.rule,
        "label": _label(notification, wording),
        "scope": _scope(notification),
        "site": notification.site,
        "severity": notification.severity,
        "severity_word": _severity(notification.severity, chinese=chinese),
        "reason": notification.reason,
        "value": notification.value,
        "threshold": notification.threshold,
        "unit": detail.unit,
        "metric": detail.metric,
        "who": detail.who,
        "formula": (ZH_WORDS if chinese else EN_WORDS).formula(detail.formula),
        "window_minutes": detail.window_minutes,
        "part": detail.part,
        "whole": detail.whole,
        "queues": detail.queues,
        "raised_at": _local(notification.raised_at, zone),
        "resolved_at": _local(resolved, zone) if resolved else "",
        "minutes": max(0, resolved - notification.raised_at) // 60_000,
        "link": f"{wording.page_url.rstrip('/')}/alerts" if wording.page_url else "",
    }


def trial(*, site: SiteId, channel: str, at: Millis, by: str, says: Says = Says.FIRING) -> Notification:
    """A message that says it is none: to see whether a channel's settings are right."""
    alert = f"{TEST}/channel:{channel}/{at}"
    return Notification(
        id=f"{alert}/{says}",
        says=says,
        at=at,
        site=site,
        alert=alert,
        rule=f"test by {by}"[:100],
        scope=f"channel:{channel}",
        severity="info",
        reason=TEST,
        raised_at=at,
        resolved_at=at if says is Says.RESOLVED else Millis(0),
    )


def _text(notification: Notification, wording: Wording) -> str:
    facts = facts_of(notification, wording)
    if not wording.template:
        return render(DEFAULTS[wording.language], facts)
    try:
        return render(wording.template, facts)
    except TemplateFault as fault:
        plain = render(DEFAULTS[wording.language], facts)
        if wording.language == ZH:
            return f"{plain}\n（模板出错，以上为默认文字：{fault}）"
        return f"{plain}\n(the template failed, this is the plain text: {fault})"


def _summary(notification: Notification, wording: Wording) -> str:
    chinese = wording.language == ZH
    if notification.reason == TEST:
        return "这是一条测试消息，没有告警。" if chinese else "This is a test message; there is no alert."
    return _one_line(summary_zh(notification) if chinese else summary_en(notification))


def _title(notification: Notification, wording: Wording) -> str:
    resolved = notification.says is Says.RESOLVED
    if notification.reason == TEST:
        head = "【测试】Floorwatch" if wording.language == ZH else "[test] Floorwatch"
    elif wording.language == ZH:
        head = f"【{'恢复' if resolved else '告警'}】{_label(notification, wording)}"
    else:
        head = f"[{'resolved' if resolved else 'firing'}] {_label(notification, wording)}"
    return _one_line(f"{head} · {_scope(notification)}")


def _group_title(notifications: tuple[Notification, ...], wording: Wording, around: Around) -> str:
    """What is not carried says what the first does: firing comes first."""
    first = notifications[0]
    firing = sum(one.says is Says.FIRING for one in notifications)
    count = len(notifications) + around.more
    firing += around.more if firing else 0
    chinese = wording.language == ZH
    named = _label(first, wording) if len({one.rule for one in notifications}) == 1 else ""
    if around.digest:
        head = f"【汇总】{_DIGESTS_ZH[around.digest]} · " if chinese else f"[digest] {_DIGESTS_EN[around.digest]} · "
    else:
        head = f"【{'告警' if firing else '恢复'}】" if chinese else "[alerts] "
        head += f"{named} · " if named else ""
    if chinese:
        return _one_line(f"{head}{count} 条消息：{firing} 条告警，{count - firing} 条恢复")
    return _one_line(f"{head}{count} messages: {firing} firing, {count - firing} resolved")


def _list(notifications: tuple[Notification, ...], wording: Wording, around: Around) -> str:
    """Ten at most, each cut: what is last in a message is what a service's limit would take."""
    lines = [f"• {cut(_summary(one, wording), _LINE)}" for one in notifications[:_LISTED]]
    rest = len(notifications) - len(lines) + around.more
    if rest:
        lines.append(f"…还有 {rest} 条" if wording.language == ZH else f"…and {rest} more")
    return "\n".join(lines)


def _still(around: Around, wording: Wording) -> str:
    if not around.still:
        return ""
    if wording.language == ZH:
        return f"\n同组另有 {around.still} 条告警仍在持续"
    return f"\n{around.still} told before of this group still firing"


def _label(notification: Notification, wording: Wording) -> str:
    detail = notification.detail
    return (detail.label_zh if wording.language == ZH else detail.label_en) or notification.rule


def _scope(notification: Notification) -> str:
    return notification.scope.partition(":")[2] or notification.scope


def _one_line(text: str) -> str:
    """Names of queues come from outside; a line break in one must not make a header or a line of its own."""
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())


def _local(at: Millis, zone: ZoneInfo) -> str:
    return datetime.fromtimestamp(at / 1000, zone).strftime("%Y-%m-%d %H:%M:%S")


def _severity(name: str, *, chinese: bool) -> str:
    return _SEVERITIES.get(name, name) if chinese else name


def _rank(severity: str) -> int:
    return _RANK.index(severity) if severity in _RANK else len(_RANK)
