"""A notification in the JSON of Alertmanager's webhook, version 4. In: Notification. Out: bytes.

Many receivers read that format already. One alert a message; numbers are annotations, as text, as Alertmanager has
it. May not know: HTTP, signatures.
"""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime

import orjson

from alerts.notification import Notification, Says
from alerts.text import summary_en, summary_zh
from streams.vocabulary.ids import Millis

_NEVER = "0001-01-01T00:00:00Z"


def alertmanager_body(notification: Notification, *, receiver: str, page_url: str) -> bytes:
    """`page_url`: the address of this Floorwatch as its readers reach it, "" if unknown."""
    labels = _labels(notification)
    annotations = _annotations(notification)
    resolved = notification.says is Says.RESOLVED
    link = f"{page_url.rstrip('/')}/alerts" if page_url else ""
    return orjson.dumps(
        {
            "version": "4",
            "groupKey": f'{{}}:{{alertname="{notification.rule}", scope="{notification.scope}"}}',
            "truncatedAlerts": 0,
            "status": notification.says.value,
            "receiver": receiver,
            "groupLabels": {"alertname": notification.rule, "scope": notification.scope},
            "commonLabels": labels,
            "commonAnnotations": annotations,
            "externalURL": page_url,
            "alerts": [
                {
                    "status": notification.says.value,
                    "labels": labels,
                    "annotations": annotations,
                    "startsAt": _rfc3339(notification.raised_at),
                    "endsAt": _rfc3339(notification.resolved_at) if resolved else _NEVER,
                    "generatorURL": link,
                    "fingerprint": _fingerprint(labels),
                }
            ],
        }
    )


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
        "threshold": f"{notification.threshold:g}" if detail.formula else "",
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
