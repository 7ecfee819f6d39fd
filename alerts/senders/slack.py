"""Slack, an incoming webhook. In: a Message. Out: blocks with a plain fallback; only 200 and `ok` is a success.

Source: docs.slack.dev, incoming webhooks; rate limits. May not know: retries, other services.
"""

from dataclasses import dataclass, field
from typing import Final

import orjson
from msgspec.structs import replace
from yarl import URL

from alerts.senders.channel import Outcome, Reply
from alerts.senders.cut import cut
from alerts.senders.message import Message
from alerts.senders.pace import Limit
from alerts.senders.post import Answer, Call, by_http, by_status, json_call
from alerts.senders.spec import Field, FieldKind, Spec
from streams.vocabulary.ids import Millis

MOST_SECTION: Final = 3000
"""Characters; counted as bytes here, so never more."""
MOST_HEADER: Final = 150


@dataclass(frozen=True, slots=True, kw_only=True)
class Slack:
    url: str = field(repr=False)


def call(message: Message, settings: Slack, at: Millis) -> Call:
    text = cut(_escaped(message.text), MOST_SECTION)
    blocks: list[dict[str, object]] = [
        {"type": "header", "text": {"type": "plain_text", "text": cut(message.title, MOST_HEADER)}},
        {"type": "section", "text": {"type": "mrkdwn", "text": text, "verbatim": True}},
    ]
    if message.link:
        blocks.append({"type": "section", "text": {"type": "mrkdwn", "text": f"<{message.link}|Floorwatch>"}})
    body = orjson.dumps({"text": cut(_escaped(message.title), MOST_SECTION), "blocks": blocks})
    return json_call(URL(settings.url), body)


def _escaped(text: str) -> str:
    """The three that Slack reads; without `<` nobody can be called."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def judge(answer: Answer) -> Reply:
    reply = by_status(answer)
    if reply.outcome is not Outcome.DELIVERED or answer.text.strip() == "ok":
        return reply
    return replace(reply, outcome=Outcome.UNKNOWN)


SPEC = Spec(
    name="slack",
    asked=Slack,
    fields=(Field(key="url", kind=FieldKind.SECRET_URL, zh="webhook 的完整地址", en="the webhook's whole address"),),
    send=by_http(call, judge),
    limits=(Limit(1, 1_000),),
    zh="Slack",
    en="Slack",
)
