"""PagerDuty Events API v2. In: a Message of one alert or a storm. Out: trigger or resolve under its own key.

Source: developer.pagerduty.com, Events API v2. A repeated trigger of the same key is the same incident, so a retry
never pages twice. May not know: retries, other services.
"""

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

import orjson
from msgspec.structs import replace
from yarl import URL

from alerts.notification import Notification, Says
from alerts.senders.channel import Outcome, Reply
from alerts.senders.message import Message
from alerts.senders.post import Answer, Call, by_http, by_status, json_call
from alerts.senders.spec import Field, FieldKind, Spec
from streams.vocabulary.ids import Millis

URL_OF_SERVICE: Final = "https://events.pagerduty.com/v2/enqueue"
MOST_KEY: Final = 255
MOST_SUMMARY: Final = 1024
SEVERITIES: Final = frozenset({"critical", "error", "warning", "info"})


class Action(StrEnum):
    TRIGGER = "trigger"
    ACKNOWLEDGE = "acknowledge"
    RESOLVE = "resolve"


@dataclass(frozen=True, slots=True, kw_only=True)
class PagerDuty:
    routing_key: str = field(repr=False)
    url: str = URL_OF_SERVICE


def dedup_key(notification: Notification) -> str:
    """The alert's id, or its digest where that is too long."""
    key = f"floorwatch/{notification.site}/{notification.alert}"
    return key if len(key) <= MOST_KEY else f"floorwatch/{hashlib.sha256(key.encode()).hexdigest()}"


def incident_key(message: Message) -> str:
    """Of a storm the key of all of it."""
    first = message.notifications[0]
    if not message.around.incident:
        return dedup_key(first)
    return f"floorwatch/{first.site}/{hashlib.sha256(message.around.incident.encode()).hexdigest()}"


def action_of(notification: Notification) -> Action:
    if notification.reason == "acknowledged":
        return Action.ACKNOWLEDGE
    return Action.TRIGGER if notification.says is Says.FIRING else Action.RESOLVE


def call(message: Message, settings: PagerDuty, at: Millis) -> Call:
    notification = message.notifications[0]
    action = action_of(notification)
    event: dict[str, object] = {
        "routing_key": settings.routing_key,
        "event_action": action,
        "dedup_key": incident_key(message),
    }
    if action is Action.TRIGGER:
        event |= {"payload": _payload(message, notification), "client": "Floorwatch"}
        if message.link:
            event |= {"client_url": message.link, "links": [{"href": message.link, "text": "Floorwatch"}]}
    return json_call(URL(settings.url), orjson.dumps(event))


def _payload(message: Message, notification: Notification) -> dict[str, object]:
    summary = message.title if len(message.title) <= MOST_SUMMARY else f"{message.title[: MOST_SUMMARY - 1]}…"
    return {
        "summary": summary,
        "source": notification.site,
        "severity": notification.severity if notification.severity in SEVERITIES else "error",
        "timestamp": datetime.fromtimestamp(notification.raised_at / 1000, UTC).isoformat(timespec="milliseconds"),
        "component": notification.scope,
        "group": notification.rule,
        "custom_details": {
            "text": message.text,
            "value": notification.value,
            "threshold": notification.threshold,
            "formula": notification.detail.formula,
            "part": notification.detail.part,
            "whole": notification.detail.whole,
        },
    }


def judge(answer: Answer) -> Reply:
    reply = by_status(answer)
    status = (answer.fields() or {}).get("status")
    if isinstance(status, str):
        reply = replace(reply, code=status[:50])
    if reply.outcome is not Outcome.DELIVERED or status == "success":
        return reply
    return replace(reply, outcome=Outcome.REFUSED if isinstance(status, str) else Outcome.UNKNOWN)


SPEC = Spec(
    name="pagerduty",
    asked=PagerDuty,
    fields=(
        Field(key="routing_key", kind=FieldKind.SECRET, zh="集成密钥", en="the integration key"),
        Field(
            key="url",
            kind=FieldKind.URL,
            default=URL_OF_SERVICE,
            zh="接口地址；欧洲区为 https://events.eu.pagerduty.com/v2/enqueue",
            en="the address; in Europe https://events.eu.pagerduty.com/v2/enqueue",
        ),
    ),
    send=by_http(call, judge),
    groups=False,
    closes=True,
    zh="PagerDuty",
    en="PagerDuty",
)
