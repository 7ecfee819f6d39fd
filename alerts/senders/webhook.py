"""The generic webhook: one signed POST, and what came back. In: a Notification. Out: a Reply.

Standard Webhooks 1.0 headers, Alertmanager's JSON. Only 2xx is a success; redirects are not followed; a proxy from the
environment is not used; the address is guarded. May not know: retries, queues.
"""

import time
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from ipaddress import ip_address

import aiohttp
from yarl import URL

from alerts.notification import Notification
from alerts.senders.address import AddressRefused, GuardedResolver, refusal
from alerts.senders.body import alertmanager_body
from alerts.senders.channel import Outcome, Reply
from alerts.senders.standard_webhooks import headers, message_id
from streams.vocabulary.ids import Millis

_TEXT_KEPT = 500
"""Characters of an answer's body that are recorded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookSettings:
    """`key`: see standard_webhooks.key_of; None sends unsigned."""

    name: str
    url: str = field(repr=False)
    """Often carries a token of its own."""
    key: bytes | None = field(default=None, repr=False)
    allow_private: bool = False
    timeout_ms: int = 10_000


class Webhook:
    """A Channel. Opens a connection for each message: messages are rare, and each address is judged anew."""

    def __init__(self, settings: WebhookSettings, *, page_url: str = "") -> None:
        self._settings = settings
        self._page_url = page_url

    @property
    def name(self) -> str:
        return self._settings.name

    async def send(self, notification: Notification, *, at: Millis) -> Reply:
        body = alertmanager_body(notification, receiver=self.name, page_url=self._page_url)
        message = message_id(notification.id)
        sent = {"content-type": "application/json", "user-agent": "floorwatch", "webhook-id": message}
        if self._settings.key is not None:
            sent |= headers(message_id=message, at=at, body=body, key=self._settings.key)
        began = time.monotonic_ns()
        reply = await self._post(body, sent, at)
        took_ms = (time.monotonic_ns() - began) // 1_000_000
        return Reply(
            outcome=reply.outcome,
            status=reply.status,
            text=reply.text,
            retry_after_ms=reply.retry_after_ms,
            took_ms=took_ms,
        )

    async def _post(self, body: bytes, sent: dict[str, str], at: Millis) -> Reply:
        url = URL(self._settings.url)
        if reason := _literal_refusal(url, allow_private=self._settings.allow_private):
            return Reply(outcome=Outcome.ADDRESS_REFUSED, text=reason)
        connector = aiohttp.TCPConnector(
            resolver=GuardedResolver(allow_private=self._settings.allow_private), use_dns_cache=False, force_close=True
        )
        timeout = aiohttp.ClientTimeout(total=self._settings.timeout_ms / 1000)
        try:
            async with (
                aiohttp.ClientSession(connector=connector, timeout=timeout, trust_env=False) as session,
                session.post(url, data=body, headers=sent, allow_redirects=False) as response,
            ):
                text = (await response.content.read(4 * _TEXT_KEPT)).decode("utf-8", "replace")[:_TEXT_KEPT]
                retry_after_ms = _retry_after_ms(response.headers.get("retry-after", ""), at)
                outcome = outcome_of(response.status)
                return Reply(outcome=outcome, status=response.status, text=text, retry_after_ms=retry_after_ms)
        except TimeoutError:
            return Reply(outcome=Outcome.TIMED_OUT, text=f"no answer within {self._settings.timeout_ms} ms")
        except aiohttp.InvalidURL:
            return Reply(outcome=Outcome.ADDRESS_REFUSED, text="not a URL that can be called")
        except (aiohttp.ClientError, OSError) as error:
            return _broken(error)


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
        when = parsedate_to_datetime(value)
    except ValueError:
        return None
    return max(0, round(when.timestamp() * 1000) - at)
