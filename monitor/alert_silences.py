"""Silences on the bus: one hash for each site. In: what a person asks. Out: silences; what was refused.

Ended ones stay a week for those who ask what was silent; the audit log keeps them for ever. May not know: HTTP, rules.
"""

from collections import Counter
from collections.abc import Callable
from enum import StrEnum
from typing import Any, Final

import msgspec
import structlog
from msgspec.structs import replace

from alerts.rules import Severity
from alerts.silence import Silence, fits
from streams.bus.patience import asked
from streams.vocabulary.codec import UNREADABLE
from streams.vocabulary.ids import Millis, SiteId

log = structlog.get_logger(__name__)

DAY_MS: Final = 86_400_000
KEPT_MS: Final = 7 * DAY_MS
LONGEST_MINUTES: Final = 7 * 24 * 60
"""What is to be silent longer is a rule to be changed."""
MOST: Final = 500
FRESH_MS: Final = 1_000
"""A page that asks for many alerts reads the hash once."""
_decode: Final = msgspec.msgpack.Decoder(Silence).decode
_encode: Final = msgspec.msgpack.Encoder().encode
_SWAP: Final = """#!lua flags=allow-oom
if redis.call('HGET', KEYS[1], ARGV[1]) ~= ARGV[2] then return 0 end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
return 1
"""
_ADD: Final = """#!lua flags=allow-oom
if redis.call('HLEN', KEYS[1]) >= tonumber(ARGV[3]) then return 0 end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
return 1
"""


class SilenceRefused(StrEnum):
    EVERYTHING = "silence_of_everything"
    """None of rule, scope and severity is named: whoever wants no alert at all switches rules off."""
    TOO_LONG = "silence_too_long"
    TOO_MANY = "too_many_silences"
    UNKNOWN = "no_such_silence"
    OVER = "silence_over"


def silences_key(site: SiteId) -> str:
    return f"alerts:{{{site}}}:silences"


class SilenceStore:
    """Every call raises BusError where the bus does not answer."""

    def __init__(self, redis: Any, *, site: SiteId, clock: Callable[[], Millis]) -> None:
        self._redis = redis
        self._site = site
        self._key = silences_key(site)
        self._clock = clock
        self._read_at = Millis(0)
        self._read: list[Silence] = []
        self.counts: Counter[str] = Counter()

    async def all(self, *, fresh: bool = True) -> list[Silence]:
        """The newest first. Not `fresh`: as of the last second."""
        now = self._clock()
        if fresh or not 0 <= now - self._read_at < FRESH_MS:
            blobs = await asked(lambda: self._redis.hgetall(self._key), "reading silences")
            self._read = sorted(self._decoded(blobs), key=lambda one: (one.created_at, one.id), reverse=True)
            self._read_at = now
        return list(self._read)

    async def add(self, silence: Silence) -> Silence | SilenceRefused:
        await self._forget(silence.created_at)
        args = (silence.id, _encode(silence), str(MOST))
        if not await asked(lambda: self._redis.eval(_ADD, 1, self._key, *args), "adding a silence"):
            return SilenceRefused.TOO_MANY
        self._read_at = Millis(0)
        return silence

    async def end(self, name: str, *, by: str, at: Millis) -> Silence | SilenceRefused:
        """Before its time. Of two who end it at once one is told that it is over."""
        blob = await asked(lambda: self._redis.hget(self._key, name), "reading a silence")
        found = next(iter(self._decoded({name.encode(): blob})), None) if blob is not None else None
        if blob is None or found is None:
            return SilenceRefused.UNKNOWN
        if found.ended_at or found.until <= at:
            return SilenceRefused.OVER
        ended = replace(found, ended_at=at, ended_by=by)
        args = (name, blob, _encode(ended))
        if not await asked(lambda: self._redis.eval(_SWAP, 1, self._key, *args), "ending a silence"):
            return SilenceRefused.OVER
        self._read_at = Millis(0)
        return ended

    async def _forget(self, now: Millis) -> None:
        old = [one.id for one in await self.all() if (one.ended_at or one.until) + KEPT_MS <= now]
        if old:
            await asked(lambda: self._redis.hdel(self._key, *old), "forgetting silences")

    def _decoded(self, blobs: dict[bytes, bytes]) -> list[Silence]:
        """One that cannot be read silences nothing, and is counted."""
        found = []
        for name, blob in blobs.items():
            try:
                found.append(_decode(blob))
            except UNREADABLE as error:
                self.counts["silences_damaged"] += 1
                log.error("silence_damaged", site=self._site, silence=name.decode(errors="replace"), why=str(error))
        return found


def asked_for(*, rule: str, scope: str, severity: str, minutes: int) -> SilenceRefused | None:
    """None: such a silence may be. Stars alone name nothing, nor does what fits every severity or kind of scope."""
    names_severity = not all(fits(severity, one) for one in Severity)
    if not (rule.strip("* ") or scope.strip("*: ") or names_severity):
        return SilenceRefused.EVERYTHING
    return SilenceRefused.TOO_LONG if minutes > LONGEST_MINUTES else None
