"""Versions of the alert rules' text on the bus; none ever changes. In: a Redis that appends to disk. Out: values.

All stand in one hash whose length changes with every publication: what another process published is noticed by asking
for it. A comparison and its write are one script. May not know: what a text says, HTTP.
"""

import re
import zlib
from enum import StrEnum
from typing import Any, Final

import msgspec

from monitor.plan_store import NoVersion, VersionDamaged
from streams.bus.patience import asked
from streams.vocabulary.codec import UNREADABLE
from streams.vocabulary.ids import Millis

VERSIONS: Final = "alert-rules:versions"
TEXT_MAX: Final = 256 * 1024
"""Bytes: some thousand rules."""
NOTE_MAX: Final = 500
_NUMBER: Final = re.compile(r"[0-9]{6}")
_PUBLISH: Final = """
local latest = redis.call('HGET', KEYS[1], '@') or '0'
if latest ~= ARGV[1] then return latest end
redis.call('HSET', KEYS[1], ARGV[2], ARGV[4], '@', ARGV[3])
return ''
"""


class RulesOrigin(StrEnum):
    """Where a version came from."""

    PACKAGED = "packaged"
    CONFIGURED = "configured"
    EDITOR = "editor"
    ROLLED_BACK = "rolled_back"


class RulesVersion(msgspec.Struct, frozen=True, kw_only=True):
    """What is told of a version without its text. `of`: the version whose text was published anew."""

    version: int
    parent: int | None
    by: str
    at: Millis
    note: str
    origin: RulesOrigin
    digest: str
    """SHA-256 of the text."""
    rules: int
    of: int | None = None


class KeptRules(msgspec.Struct, frozen=True, kw_only=True):
    about: RulesVersion
    text: str


class NewerRules(Exception):
    """Somebody published in between."""

    def __init__(self, latest: int) -> None:
        super().__init__(f"version {latest} is newer")
        self.latest = latest


class RulesStore:
    """Every call raises BusError where the bus does not answer."""

    def __init__(self, redis: Any) -> None:
        self._redis = redis

    async def seen(self) -> int:
        """What changes when anybody publishes."""
        return int(await asked(lambda: self._redis.hlen(VERSIONS), "asking for new alert rules"))

    async def numbers(self) -> list[int]:
        """Oldest first."""
        fields = await asked(lambda: self._redis.hkeys(VERSIONS), "listing alert rules")
        return sorted(int(field) for field in fields if _NUMBER.fullmatch(field.decode(errors="replace")))

    async def read(self, number: int) -> KeptRules:
        """Raises NoVersion, VersionDamaged."""
        blob = await asked(lambda: self._redis.hget(VERSIONS, f"{number:06d}"), "reading alert rules")
        if blob is None:
            raise NoVersion(f"there is no version {number} of the alert rules")
        try:
            text = zlib.decompressobj().decompress(blob, 4 * TEXT_MAX)
            return msgspec.msgpack.decode(text, type=KeptRules)
        except (zlib.error, *UNREADABLE) as error:
            raise VersionDamaged(str(error)) from error

    async def publish(self, kept: KeptRules, *, base: int) -> None:
        """`base`: the latest version the author saw, 0 before the first. Raises NewerRules."""
        number = kept.about.version
        args = (str(base), f"{number:06d}", str(number), zlib.compress(msgspec.msgpack.encode(kept), 6))
        answer = await asked(lambda: self._redis.eval(_PUBLISH, 1, VERSIONS, *args), "publishing alert rules")
        if answer:
            raise NewerRules(int(answer))
