"""The generic webhook: one signed POST, and what came back. In: notifications. Out: a Reply.

Standard Webhooks 1.0 headers, Alertmanager's JSON. Only 2xx is a success; redirects are not followed; a proxy from the
environment is not used; the address is guarded. May not know: retries, queues.
"""

import time
from dataclasses import dataclass, field

from msgspec.structs import replace
from yarl import URL

from alerts.notification import Notification
from alerts.senders.body import alertmanager_body
from alerts.senders.channel import NOTHING_AROUND, Around, Reply
from alerts.senders.post import Call, by_status, post
from alerts.senders.spec import Way
from alerts.senders.standard_webhooks import headers, message_id
from streams.vocabulary.ids import Millis


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
        return await self.send_group((notification,), at=at)

    async def send_group(
        self, notifications: tuple[Notification, ...], *, at: Millis, around: Around = NOTHING_AROUND
    ) -> Reply:
        body = alertmanager_body(*notifications, receiver=self.name, page_url=self._page_url, around=around)
        message = message_id("\n".join(one.id for one in notifications))
        sent = {"content-type": "application/json", "webhook-id": message}
        if self._settings.key is not None:
            sent |= headers(message_id=message, at=at, body=body, key=self._settings.key)
        call = Call(url=URL(self._settings.url), body=body, headers=sent)
        way = Way(allow_private=self._settings.allow_private, timeout_ms=self._settings.timeout_ms)
        began = time.monotonic_ns()
        answer = await post(call, way, at=at)
        reply = answer if isinstance(answer, Reply) else by_status(answer)
        return replace(reply, took_ms=(time.monotonic_ns() - began) // 1_000_000)
