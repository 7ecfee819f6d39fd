"""What a person reads in a message, in Chinese and in English. In: a Notification. Out: one line each.

Always with what was measured, its window, and the counts a share rests on. May not know: senders, markup.
"""

from msgspec.structs import replace

from alerts.evaluate import Measured
from alerts.notification import BURN, Detail, Notification, Says
from alerts.text_words import EN, ZH, Words


def summary_zh(notification: Notification) -> str:
    return _summary(notification, ZH, notification.detail.label_zh)


def summary_en(notification: Notification) -> str:
    return _summary(notification, EN, notification.detail.label_en)


def _summary(notification: Notification, words: Words, label: str) -> str:
    head = words.head(label or notification.rule, resolved=notification.says is Says.RESOLVED)
    detail = notification.detail
    if notification.reason == "rule_removed":
        return f"{head}{words.about(_scope(notification))}{words.colon}{words.removed}"
    if detail.metric:
        about = words.about(_subject(notification.scope, detail, words))
        return f"{head}{about}{words.colon}{_measured(detail, words)}"
    if not detail.formula:
        return f"{head}{words.colon}{_silent(notification, words)}"
    level = Measured(
        metric="service_level",
        unit="percent",
        value=notification.value,
        threshold=notification.threshold,
        formula=detail.formula,
        window_minutes=detail.window_minutes,
        part=detail.part,
        whole=detail.whole,
    )
    return f"{head}{words.about(_scope(notification))}{words.colon}{words.one(level)}"


def _measured(detail: Detail, words: Words) -> str:
    """Of several conditions all, the decisive one first; without numbers, why there are none."""
    if not detail.measured:
        return words.unknown
    first, *others = detail.measured
    # a formula is said once: a text message has no room to say it three times
    shorter = [replace(one, formula="") if one.formula == first.formula else one for one in others]
    told = words.joined([words.one(one) for one in (first, *shorter)], any_of=detail.mode == "any")
    value = first.value
    if detail.metric != BURN or value is None:
        return told
    return f"{told}{words.comma}{words.target(detail.target, (100 - value) / (100 - detail.target))}"


def _scope(notification: Notification) -> str:
    return notification.scope.partition(":")[2] or notification.scope


def _subject(scope: str, detail: Detail, words: Words) -> str:
    """What the alert is about; of the system nothing, its metric says it."""
    kind, _, name = scope.partition(":")
    match kind:
        case "system":
            return ""
        case "agent" | "team":
            return words.named(kind, name)
        case "contact":
            return words.named(kind, name) + (f"{words.comma}{words.named('agent', detail.who)}" if detail.who else "")
        case "tier":
            queue, _, tier = name.rpartition("/")
            return f"{queue}{words.comma}{words.named(kind, tier)}"
        case _:
            return name or scope


def _silent(notification: Notification, words: Words) -> str:
    if notification.says is Says.RESOLVED:
        return words.back(_scope(notification))
    queues = notification.detail.queues
    return words.blind(queues) if queues else words.nothing(_scope(notification))
