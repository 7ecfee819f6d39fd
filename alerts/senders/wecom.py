"""企业微信, a group robot. In: a Message. Out: a Markdown message; its errcode decides.

Source: developer.work.weixin.qq.com/document/path/91770. Nothing is signed: the key is the secret. May not know:
retries, other services.
"""

from dataclasses import dataclass, field
from functools import partial
from typing import Final

import orjson
from yarl import URL

from alerts.senders.cut import cut
from alerts.senders.judging import by_code
from alerts.senders.message import Message
from alerts.senders.pace import Limit
from alerts.senders.post import Call, by_http, json_call
from alerts.senders.spec import Field, FieldKind, Spec
from streams.vocabulary.ids import Millis

MOST: Final = 4096
"""Bytes of a Markdown message; one more and the answer is 40058."""
LATER: Final = {-1: 5_000, 45009: 60_000}
"""busy; more than 20 in a minute"""
URL_OF_SERVICE: Final = "https://qyapi.weixin.qq.com/cgi-bin/webhook/send"


@dataclass(frozen=True, slots=True, kw_only=True)
class WeCom:
    key: str = field(repr=False)
    url: str = URL_OF_SERVICE
    mention: tuple[str, ...] = ()


def call(message: Message, settings: WeCom, at: Millis) -> Call:
    colour = "warning" if message.firing else "info"
    head = f'<font color="{colour}">{_plain(cut(message.title, 300))}</font>\n'
    called = "".join(f"<@{user}>" for user in settings.mention) if message.firing else ""
    tail = (f"\n[Floorwatch]({message.link})" if message.link else "") + (f"\n{called}" if called else "")
    content = head + cut(_plain(message.text), MOST - len((head + tail).encode())) + tail
    body = orjson.dumps({"msgtype": "markdown", "markdown": {"content": content}})
    return json_call(URL(settings.url).update_query(key=settings.key), body)


def _plain(text: str) -> str:
    """`<` begins a tag there, `](` a link; a name in an alert must not colour, mention or lead anywhere."""
    return text.replace("<", "＜").replace("](", "］(")


SPEC = Spec(
    name="wecom",
    asked=WeCom,
    fields=(
        Field(key="key", kind=FieldKind.SECRET, zh="机器人地址中的 key", en="the key in the robot's address"),
        Field(key="url", kind=FieldKind.URL, default=URL_OF_SERVICE, zh="接口地址", en="the address without the key"),
        Field(
            key="mention", kind=FieldKind.TEXTS, default=(), zh="告警时提醒的成员账号", en="members to call by userid"
        ),
    ),
    send=by_http(call, partial(by_code, keys=("errcode",), later=LATER)),
    limits=(Limit(20, 60_000),),
    zh="企业微信群机器人",
    en="WeCom group robot",
)
