"""飞书 and Lark, a group robot. In: a Message. Out: a signed text message; its code decides.

Source: open.larkoffice.com, custom bots. Seconds, and "seconds\\nsecret" is the key that signs nothing: the reverse of
DingTalk; both go into the body. May not know: retries, other services.
"""

import base64
import hashlib
import hmac
from dataclasses import dataclass, field
from functools import partial
from typing import Final

import orjson
from yarl import URL

from alerts.senders.cut import fit
from alerts.senders.judging import by_code
from alerts.senders.message import Message
from alerts.senders.pace import Limit
from alerts.senders.post import Call, by_http, json_call
from alerts.senders.spec import Field, FieldKind, Spec
from streams.vocabulary.ids import Millis

MOST: Final = 20_000
"""Bytes of the body; the service takes 20 KB."""
LATER: Final = {11232: 60_000}
"""throttled: more than 100 in a minute or 5 in a second, or a full hour at which everybody speaks"""
URL_OF_SERVICE: Final = "https://open.feishu.cn/open-apis/bot/v2/hook"


@dataclass(frozen=True, slots=True, kw_only=True)
class Feishu:
    token: str = field(repr=False)
    secret: str = field(default="", repr=False)
    url: str = URL_OF_SERVICE
    mention: tuple[str, ...] = ()


def sign(secret: str, seconds: int) -> str:
    return base64.b64encode(hmac.new(f"{seconds}\n{secret}".encode(), b"", hashlib.sha256).digest()).decode()


def call(message: Message, settings: Feishu, at: Millis) -> Call:
    called = "".join(f'\n<at user_id="{one}"></at>' for one in settings.mention) if message.firing else ""
    signed: dict[str, object] = {}
    if settings.secret:
        seconds = at // 1000
        signed = {"timestamp": str(seconds), "sign": sign(settings.secret, seconds)}
    tail = (f"\n{message.link}" if message.link else "") + called

    def body(text: str) -> bytes:
        return orjson.dumps({**signed, "msg_type": "text", "content": {"text": text + tail}})

    text = f"{message.title}\n{message.text}".replace("<", "＜")  # `<at …>` would call somebody
    return json_call(URL(settings.url) / settings.token, fit(text, MOST, body))


SPEC = Spec(
    name="feishu",
    asked=Feishu,
    fields=(
        Field(key="token", kind=FieldKind.SECRET, zh="机器人地址的最后一段", en="the last part of the robot's address"),
        Field(
            key="secret",
            kind=FieldKind.SECRET,
            default="",
            zh="签名校验密钥；省略则须用关键词或 IP 白名单",
            en="the signing secret; left out: the robot must be set to keywords or addresses",
        ),
        Field(
            key="url",
            kind=FieldKind.URL,
            default=URL_OF_SERVICE,
            zh="接口地址；Lark 为 https://open.larksuite.com/open-apis/bot/v2/hook",
            en="the address without the token; Lark: https://open.larksuite.com/open-apis/bot/v2/hook",
        ),
        Field(key="mention", kind=FieldKind.TEXTS, default=(), zh="告警时提醒的 open_id", en="open_ids to call"),
    ),
    send=by_http(call, partial(by_code, keys=("code", "StatusCode"), later=LATER)),
    limits=(Limit(5, 1_000), Limit(100, 60_000)),
    zh="飞书 / Lark 群机器人",
    en="Feishu / Lark group robot",
)
