"""A Channel of any kind. In: its Spec and settings, notifications. Out: a Reply without a secret in it.

May not know: services, retries, queues.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit

from msgspec.structs import replace

from alerts.notification import Notification
from alerts.senders.channel import NOTHING_AROUND, Around, Reply
from alerts.senders.message import Wording, message_of
from alerts.senders.spec import SECRETS, FieldKind, Spec, Way
from streams.vocabulary.ids import Millis

HIDDEN: Final = "‹secret›"
_SHORTEST: Final = 4
"""Characters of a secret that is looked for in answers: shorter ones are in every text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelSettings:
    """`asked`: the kind's own settings, of the type its Spec names."""

    name: str
    spec: Spec[Any] = field(repr=False)
    asked: Any
    language: str = "zh"
    template: str = ""
    way: Way = field(default_factory=Way)


class SpecChannel:
    """A Channel. Where its kind groups, `send_group` makes one message of many."""

    def __init__(self, settings: ChannelSettings, wording: Wording) -> None:
        self._settings = settings
        self._wording = wording
        self._secrets = secrets_of(settings)

    @property
    def name(self) -> str:
        return self._settings.name

    async def send(self, notification: Notification, *, at: Millis) -> Reply:
        return await self.send_group((notification,), at=at)

    async def send_group(
        self, notifications: tuple[Notification, ...], *, at: Millis, around: Around = NOTHING_AROUND
    ) -> Reply:
        settings = self._settings
        began = time.monotonic_ns()
        message = message_of(notifications, self._wording, around)
        reply = await settings.spec.send(message, settings.asked, settings.way, at)
        took_ms = (time.monotonic_ns() - began) // 1_000_000
        return replace(reply, text=without(reply.text, self._secrets), took_ms=took_ms)


def secrets_of(settings: ChannelSettings) -> tuple[str, ...]:
    """Longest first, so that a part never uncovers the whole."""
    found: set[str] = set()
    for one in settings.spec.fields:
        value = getattr(settings.asked, one.key)
        if one.kind in SECRETS:
            found.add(value)
        if one.kind is FieldKind.SECRET_URL and value:
            parts = urlsplit(value)
            found |= {parts.path.strip("/"), parts.query}
    return tuple(sorted((one for one in found if len(one) >= _SHORTEST), key=len, reverse=True))


def without(text: str, secrets: Sequence[str]) -> str:
    """A service may say back what it was told; it is kept without."""
    for secret in secrets:
        text = text.replace(secret, HIDDEN)
    return text
