"""钉钉, a group robot. In: a Message. Out: a signed Markdown message; its errcode decides.

Source: open.dingtalk.com, custom robots. The secret signs "milliseconds\\nsecret" with itself as the key; both go into
the address. May not know: retries, other services.
"""

import base64
import hashlib
import hmac
from dataclasses import dataclass, field
from functools import partial
from typing import Final
from urllib.parse import quote_plus

import orjson
from yarl import URL

from alerts.senders.cut import cut, fit
from alerts.senders.judging import by_code
from alerts.senders.message import Message
from alerts.senders.pace import Limit
from alerts.senders.post import Call, by_http, json_call
from alerts.senders.spec import Field, FieldKind, Spec
from streams.vocabulary.ids import Millis

MOST: Final = 20_000
"""Bytes of the body."""
BLOCKED_MS: Final = 600_000
"""Who speaks more than 20 times in a minute is not heard for ten."""
LATER: Final = {-1: 5_000, 130101: BLOCKED_MS, 410100: BLOCKED_MS}
URL_OF_SERVICE: Final = "https://oapi.dingtalk.com/robot/send"


@dataclass(frozen=True, slots=True, kw_only=True)
class DingTalk:
    token: str = field(repr=False)
    secret: str = field(default="", repr=False)
    url: str = URL_OF_SERVICE
    mention: tuple[str, ...] = ()


def sign(secret: str, at: Millis) -> str:
    """As it stands in the address: already quoted."""
    digest = hmac.new(secret.encode(), f"{at}\n{secret}".encode(), hashlib.sha256).digest()
    return quote_plus(base64.b64encode(digest))


def call(message: Message, settings: DingTalk, at: Millis) -> Call:
    query = f"access_token={quote_plus(settings.token)}"
    if settings.secret:
        query += f"&timestamp={at}&sign={sign(settings.secret, at)}"
    title = _plain(cut(message.title, 300))
    called = tuple(dict.fromkeys((*settings.mention, *message.around.mobiles))) if message.firing else ()
    tail = (f"\n\n[Floorwatch]({message.link})" if message.link else "") + "".join(f" @{one}" for one in called)

    def body(text: str) -> bytes:
        lines = "  \n".join(text.split("\n"))  # two spaces: a line break of its Markdown
        return orjson.dumps(
            {
                "msgtype": "markdown",
                "markdown": {"title": title, "text": f"#### {title}\n\n{lines}{tail}"},
                "at": {"atMobiles": list(called), "isAtAll": False},
            }
        )

    # encoded: quoting the signature once more would make it another one
    return json_call(URL(f"{settings.url}?{query}", encoded=True), fit(_plain(message.text), MOST, body))


def _plain(text: str) -> str:
    """A name in an alert must not call anybody, nor bring a link or a picture that is fetched."""
    return text.replace("<", "＜").replace("@", "＠").replace("](", "］(")


SPEC = Spec(
    name="dingtalk",
    asked=DingTalk,
    fields=(
        Field(key="token", kind=FieldKind.SECRET, zh="机器人地址中的 access_token", en="the address's access_token"),
        Field(
            key="secret",
            kind=FieldKind.SECRET,
            default="",
            zh="加签密钥（SEC…）；省略则须用关键词或 IP 段",
            en="the signing secret (SEC…); left out: the robot must be set to keywords or addresses",
        ),
        Field(key="url", kind=FieldKind.URL, default=URL_OF_SERVICE, zh="接口地址", en="the address without its query"),
        Field(key="mention", kind=FieldKind.TEXTS, default=(), zh="告警时提醒的手机号", en="mobile numbers to call"),
    ),
    send=by_http(call, partial(by_code, keys=("errcode",), later=LATER)),
    limits=(Limit(20, 60_000),),
    zh="钉钉群机器人",
    en="DingTalk group robot",
)
