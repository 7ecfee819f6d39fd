"""One guarded HTTP request. In: a Call and how far it may reach. Out: an Answer, or the Reply that says why not.

The name is looked up once and judged; redirects are not followed; TLS is verified; a proxy from the environment is not
used; an answer is read up to a cap and not unpacked. May not know: services, retries, queues.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from ipaddress import ip_address
from typing import Any, Final, TypeVar

import aiohttp
import orjson
from yarl import URL

from alerts.senders.address import AddressRefused, GuardedResolver, refusal
from alerts.senders.channel import Outcome, Reply
from alerts.senders.message import Message
from alerts.senders.spec import Send, Way
from streams.vocabulary.ids import Millis

TEXT_KEPT: Final = 500
"""Characters of an answer's body that are recorded."""
MOST_ANSWER: Final = 16_384
"""Bytes of an answer that are read; every service's own answers are far smaller."""

S = TypeVar("S")


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A POST. Its address, headers and body may hold secrets."""

    url: URL = field(repr=False)
    body: bytes = field(repr=False)
    headers: Mapping[str, str] = field(repr=False, default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    status: int
    text: str
    retry_after_ms: int | None = None

    @property
    def kept(self) -> str:
        return self.text[:TEXT_KEPT]

    def fields(self) -> Mapping[str, Any] | None:
        """The JSON object it holds, None if it holds none."""
        try:
            found = orjson.loads(self.text)
        except orjson.JSONDecodeError:
            return None
        return found if isinstance(found, dict) else None


async def post(call: Call, way: Way, *, at: Millis) -> Answer | Reply:
    """Opens a connection for each message: messages are rare, and each address is judged anew."""
    if reason := _literal_refusal(call.url, allow_private=way.allow_private):
        return Reply(outcome=Outcome.ADDRESS_REFUSED, text=reason)
    resolver = GuardedResolver(allow_private=way.allow_private)
    connector = aiohttp.TCPConnector(resolver=resolver, use_dns_cache=False, force_close=True)
    timeout = aiohttp.ClientTimeout(total=way.timeout_ms / 1000)
    sent = {"user-agent": "floorwatch", "accept-encoding": "identity"} | dict(call.headers)
    try:
        async with (
            aiohttp.ClientSession(
                connector=connector, timeout=timeout, trust_env=False, auto_decompress=False
            ) as session,
            session.post(call.url, data=call.body, headers=sent, allow_redirects=False) as response,
        ):
            text = (await _beginning(response.content)).decode("utf-8", "replace")
            retry_after_ms = _retry_after_ms(response.headers.get("retry-after", ""), at)
            return Answer(status=response.status, text=text, retry_after_ms=retry_after_ms)
    except TimeoutError:
        return Reply(outcome=Outcome.TIMED_OUT, text=f"no answer within {way.timeout_ms} ms")
    except (aiohttp.InvalidURL, UnicodeError):
        return Reply(outcome=Outcome.ADDRESS_REFUSED, text="not a URL that can be called")
    except (aiohttp.ClientError, OSError) as error:
        return _broken(error)


def by_http(call: Callable[[Message, S, Millis], Call], judge: Callable[[Answer], Reply]) -> Send[S]:
    """The `send` of a service that takes a POST and answers in its own way; both functions are pure."""

    async def send(message: Message, settings: S, way: Way, at: Millis) -> Reply:
        answer = await post(call(message, settings, at), way, at=at)
        return answer if isinstance(answer, Reply) else judge(answer)

    return send


def json_call(url: URL, body: bytes) -> Call:
    return Call(url=url, body=body, headers={"content-type": "application/json; charset=utf-8"})


def outcome_of(status: int) -> Outcome:
    """An HTTP status as the specification of Standard Webhooks reads it."""
    match status:
        case 410:
            return Outcome.GONE
        case 408 | 425 | 429 | 502 | 504:
            return Outcome.THROTTLED
        case _ if 200 <= status < 300:
            return Outcome.DELIVERED
        case _ if 300 <= status < 400:
            return Outcome.REDIRECTED
        case _ if 400 <= status < 500:
            return Outcome.REFUSED
        case _:
            return Outcome.SERVER_ERROR


def by_status(answer: Answer) -> Reply:
    return Reply(
        outcome=outcome_of(answer.status),
        status=answer.status,
        text=answer.kept,
        retry_after_ms=answer.retry_after_ms,
    )


async def _beginning(content: aiohttp.StreamReader) -> bytes:
    """A read gives what is there, which may be less than the whole: on until the end or the cap."""
    read = bytearray()
    while len(read) < MOST_ANSWER:
        chunk = await content.read(MOST_ANSWER - len(read))
        if not chunk:
            break
        read += chunk
    return bytes(read)


def _broken(error: Exception) -> Reply:
    """aiohttp wraps what the resolver raised; the guard's refusal is final, other faults of the wire pass."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, AddressRefused):
            return Reply(outcome=Outcome.ADDRESS_REFUSED, text=str(cause))
        cause = cause.__cause__
    return Reply(outcome=Outcome.UNREACHABLE, text=type(error).__name__)


def _literal_refusal(url: URL, *, allow_private: bool) -> str | None:
    """aiohttp asks no resolver about a host that is an address already."""
    try:
        address = ip_address(url.host or "")
    except ValueError:
        return None
    return refusal(address, allow_private=allow_private)


def _retry_after_ms(value: str, at: Millis) -> int | None:
    """RFC 9110 10.2.3: seconds or a date; anything else says nothing."""
    if value.isascii() and value.isdigit():
        return int(value[:9]) * 1000
    try:
        return max(0, round(parsedate_to_datetime(value).timestamp() * 1000) - at)
    except (ValueError, OverflowError):  # a zone of many digits overflows
        return None
