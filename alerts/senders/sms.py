"""Short messages through any provider's HTTP interface. In: a Message, templates. Out: a POST; one value decides.

Address, headers and body are the operator's; the success is a place in the JSON answer and what must stand there. Not
repeatable: after a doubt nothing is sent again, since each copy is paid for and read. May not know: providers.
"""

from dataclasses import dataclass, field
from typing import Any, Final

from msgspec.structs import replace
from yarl import URL

from alerts.senders.channel import Outcome, Reply
from alerts.senders.cut import cut
from alerts.senders.message import Message
from alerts.senders.post import Answer, Call, by_status, post
from alerts.senders.spec import Field, FieldKind, Spec, Way
from alerts.senders.templates import TemplateFault, render
from streams.vocabulary.ids import Millis

_TOP: Final = object()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sms:
    url: str = field(repr=False)
    to: tuple[str, ...] = field(repr=False)
    body: str = field(repr=False)
    content_type: str = "application/json"
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    secret: str = field(default="", repr=False)
    success_path: str = "Code"
    success_value: str = "OK"
    later_values: tuple[str, ...] = ()
    most_bytes: int = 210


def call(message: Message, settings: Sms, at: Millis) -> Call:
    """Raises TemplateFault."""
    values: dict[str, object] = {
        "title": message.title,
        "text": cut(f"{message.title} {message.text}".replace("\n", " "), settings.most_bytes),
        "link": message.link,
        "to": message.around.mobiles or settings.to,
        "id": message.id,
        "secret": settings.secret,
        "at": at,
    }
    headers = {name: _one_line(render(value, values)) for name, value in settings.headers}
    body = render(settings.body, values).encode("utf-8", "replace")
    return Call(url=URL(settings.url), body=body, headers={"content-type": settings.content_type} | headers)


def _one_line(value: str) -> str:
    return " ".join(value.split())


def judge(answer: Answer, settings: Sms) -> Reply:
    reply = by_status(answer)
    fields = answer.fields()
    found = _TOP if fields is None else value_at(fields, settings.success_path)
    if found is _TOP:
        return replace(reply, outcome=Outcome.UNKNOWN) if reply.outcome is Outcome.DELIVERED else reply
    code = _written(found)
    reply = replace(reply, code=code[:50])
    if code in settings.later_values:
        return replace(reply, outcome=Outcome.THROTTLED)
    if reply.outcome is Outcome.DELIVERED and code != settings.success_value:
        return replace(reply, outcome=Outcome.REFUSED)
    return reply


def value_at(fields: Any, path: str) -> Any:
    """What stands at `a.b.0.c`; _TOP if nothing does."""
    for step in path.split("."):
        if isinstance(fields, dict) and step in fields:
            fields = fields[step]
        elif isinstance(fields, list) and step.isascii() and step.isdigit() and int(step[:9]) < len(fields):
            fields = fields[int(step[:9])]
        else:
            return _TOP
    return fields


def _written(value: object) -> str:
    """As JSON writes it, texts without their quotes."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    return str(value)


async def send(message: Message, settings: Sms, way: Way, at: Millis) -> Reply:
    try:
        made = call(message, settings, at)
    except TemplateFault as fault:
        return Reply(outcome=Outcome.REFUSED, text=f"the template failed: {fault}")
    answer = await post(made, way, at=at)
    if isinstance(answer, Answer):
        return judge(answer, settings)
    if answer.outcome is Outcome.TIMED_OUT:
        return replace(answer, outcome=Outcome.UNKNOWN)  # the provider may have taken it
    return answer


def faults(settings: Sms) -> tuple[tuple[str, str, str], ...]:
    if not settings.to:
        return (("to", "names nobody", 'write to = ["13800000000"]'),)
    return ()


SPEC = Spec(
    name="sms",
    asked=Sms,
    fields=(
        Field(key="url", kind=FieldKind.SECRET_URL, zh="服务商接口地址", en="the provider's address"),
        Field(key="to", kind=FieldKind.TEXTS, zh="接收号码", en="who gets it"),
        Field(key="body", kind=FieldKind.TEMPLATE, zh="请求正文模板", en="the request's body, a template"),
        Field(key="content_type", kind=FieldKind.TEXT, default="application/json", zh="正文类型", en="its type"),
        Field(
            key="headers", kind=FieldKind.PAIRS, default=(), zh="请求头，值为模板", en="headers; values are templates"
        ),
        Field(key="secret", kind=FieldKind.SECRET, default="", zh="模板中的 secret", en="`secret` of the templates"),
        Field(key="success_path", kind=FieldKind.TEXT, default="Code", zh="应答中的位置", en="a place in the answer"),
        Field(key="success_value", kind=FieldKind.TEXT, default="OK", zh="该处为此值即成功", en="what means success"),
        Field(key="later_values", kind=FieldKind.TEXTS, default=(), zh="这些值表示稍后再试", en="what means: later"),
        Field(
            key="most_bytes",
            kind=FieldKind.INTEGER,
            default=210,
            low=20,
            high=2_000,
            zh="短信正文最多字节数（UTF-8）",
            en="the text's most bytes (UTF-8)",
        ),
    ),
    send=send,
    faults=faults,
    unknown_tries=1,
    zh="短信（HTTP 模板）",
    en="SMS by an HTTP template",
)
