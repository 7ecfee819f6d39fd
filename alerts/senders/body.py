"""Notifications in the JSON of Alertmanager's webhook, version 4. In: notifications. Out: bytes.

Many receivers read that format already. What a message does not carry is `truncatedAlerts`; numbers are annotations, as
text, as Alertmanager has it. May not know: HTTP, signatures.
"""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import orjson

from alerts.notification import Notification, Says
from alerts.senders.channel import NOTHING_AROUND, Around
from alerts.text import summary_en, summary_zh
from streams.vocabulary.ids import Millis

_NEVER = "0001-01-01T00:00:00Z"


def alertmanager_body(
    *notifications: Notification, receiver: str, page_url: str, around: Around = NOTHING_AROUND
) -> bytes:
    """`notifications`: at least one. `page_url`: the address of this Floorwatch as its readers reach it, "" if unknown.

    Labels and annotations that all of them share are the common ones; the group is what they have in common.
    """
    labels = [_labels(one) for one in notifications]
    shared = _shared(labels)
    group = {name: value for name, value in shared.items() if name in ("alertname", "scope")}
    firing = any(one.says is Says.FIRING for one in notifications)
    key = ", ".join(f'{name}="{value}"' for name, value in group.items())
    return orjson.dumps(
        {
            "version": "4",
            "groupKey": f"{{}}:{{{key}}}",
            "truncatedAlerts": around.more,
            "status": (Says.FIRING if firing else Says.RESOLVED).value,
            "receiver": receiver,
            "groupLabels": group,
            "commonLabels": shared,
            "commonAnnotations": _shared([_annotations(one) for one in notifications]),
            "externalURL": page_url,
            "alerts": [_alert(one, page_url) for one in notifications],
        }
    )


def _alert(notification: Notification, page_url: str) -> Mapping[str, object]:
    labels = _labels(notification)
    resolved = notification.says is Says.RESOLVED
    return {
        "status": notification.says.value,
        "labels": labels,
        "annotations": _annotations(notification),
        "startsAt": _rfc3339(notification.raised_at),
        "endsAt": _rfc3339(notification.resolved_at) if resolved else _NEVER,
        "generatorURL": f"{page_url.rstrip('/')}/alerts" if page_url else "",
        "fingerprint": _fingerprint(labels),
    }


def _shared(tables: Sequence[Mapping[str, str]]) -> Mapping[str, str]:
    first, *others = tables
    return {name: value for name, value in first.items() if all(other.get(name) == value for other in others)}


def _labels(notification: Notification) -> Mapping[str, str]:
    """The alert's identity: equal for its firing and its resolved message."""
    kind, _, name = notification.scope.partition(":")
    return {
        "alertname": notification.rule,
        "severity": notification.severity,
        "site": notification.site,
        "scope": notification.scope,
        kind: name,
    }


def _annotations(notification: Notification) -> Mapping[str, str]:
    detail = notification.detail
    facts = {
        "summary": summary_en(notification),
        "summary_zh": summary_zh(notification),
        "summary_en": summary_en(notification),
        "alert": notification.alert,
        "reason": notification.reason,
        "value": "" if notification.value is None else f"{notification.value:.2f}",
        "threshold": f"{notification.threshold:g}" if detail.formula or detail.unit else "",
        "unit": detail.unit,
        "metric": detail.metric,
        "who": detail.who,
        "formula": detail.formula,
        "window_minutes": str(detail.window_minutes) if detail.window_minutes else "",
        "counts": f"{detail.part}/{detail.whole}",
        "queues": ",".join(detail.queues),
    }
    return {name: value for name, value in facts.items() if value}


def _fingerprint(labels: Mapping[str, str]) -> str:
    return hashlib.sha256(orjson.dumps(labels, option=orjson.OPT_SORT_KEYS)).hexdigest()[:16]


def _rfc3339(at: Millis) -> str:
    return datetime.fromtimestamp(at / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
