"""Microsoft Teams, a workflow's webhook. In: a Message. Out: an Adaptive Card; a 2xx that tells a failure is none.

Source: learn.microsoft.com, incoming webhooks by Workflows. The older connectors answer 200 with an error as text. May
not know: retries, other services.
"""

import re
from dataclasses import dataclass, field
from typing import Final

import orjson
from msgspec.structs import replace
from yarl import URL

from alerts.senders.channel import Outcome, Reply
from alerts.senders.cut import cut, fit
from alerts.senders.message import Message
from alerts.senders.pace import Limit
from alerts.senders.post import Answer, Call, by_http, by_status, json_call, outcome_of
from alerts.senders.spec import Field, FieldKind, Spec
from streams.vocabulary.ids import Millis

MOST: Final = 28_000
"""Bytes of the body."""
_INNER: Final = re.compile(r"HTTP error (\d{3})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Teams:
    url: str = field(repr=False)


def call(message: Message, settings: Teams, at: Millis) -> Call:
    title = {
        "type": "TextBlock",
        "text": _plain(cut(message.title, 500)),
        "weight": "Bolder",
        "size": "Medium",
        "wrap": True,
        "color": "Attention" if message.firing else "Good",
    }
    actions = [{"type": "Action.OpenUrl", "title": "Floorwatch", "url": message.link}] if message.link else []

    def body(text: str) -> bytes:
        lines = [{"type": "TextBlock", "text": line, "wrap": True} for line in text.split("\n") if line]
        card = {
            "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
            "type": "AdaptiveCard",
            "version": "1.4",
            "body": [title, *lines],
            "actions": actions,
        }
        kind = "application/vnd.microsoft.card.adaptive"
        attachment = {"contentType": kind, "contentUrl": None, "content": card}
        return orjson.dumps({"type": "message", "attachments": [attachment]})

    return json_call(URL(settings.url), fit(_plain(message.text), MOST, body))


def _plain(text: str) -> str:
    """A card reads Markdown links and `<at>`."""
    return text.replace("[", "［").replace("<", "＜")


def judge(answer: Answer) -> Reply:
    reply = by_status(answer)
    if reply.outcome is not Outcome.DELIVERED:
        return reply
    if found := _INNER.search(answer.text):
        inner = outcome_of(int(found[1]))
        return replace(reply, outcome=Outcome.UNKNOWN if inner is Outcome.DELIVERED else inner, code=found[1])
    said_yes = answer.text.strip() in ("", "1") or answer.fields() is not None
    return reply if said_yes else replace(reply, outcome=Outcome.UNKNOWN)


SPEC = Spec(
    name="teams",
    asked=Teams,
    fields=(Field(key="url", kind=FieldKind.SECRET_URL, zh="工作流的完整地址", en="the workflow's whole address"),),
    send=by_http(call, judge),
    limits=(Limit(4, 1_000),),
    zh="Microsoft Teams",
    en="Microsoft Teams",
)
