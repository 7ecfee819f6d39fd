"""Schemes on the bus: versions that never change, drafts with revisions. In: a Redis that appends to disk. Out: values.

All versions stand in one hash whose length changes with every publication: what another process published is noticed
by asking for it. A comparison and its write are one script. May not know: what a scheme says, HTTP.
"""

import re
import zlib
from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Final, TypeVar

import msgspec

from monitor.plan_store import NoVersion, VersionDamaged
from streams.bus.patience import asked
from streams.vocabulary.codec import UNREADABLE
from streams.vocabulary.ids import Millis

T = TypeVar("T", bound=msgspec.Struct)
VERSIONS: Final = "schemes:versions"
DRAFTS: Final = "schemes:drafts"
TEXT_MAX: Final = 2_000_000
"""Bytes of a scheme, as scoring/library.py has it."""
GOLDEN_MAX: Final = 1_000_000
"""Characters of golden dialogues, as scoring/golden_read.py has it."""
NAME: Final = re.compile(r"\w[\w.-]{0,63}")
_VERSION: Final = re.compile(r"(.+)/([0-9]{6})")
_PUBLISH: Final = """
local latest = redis.call('HGET', KEYS[1], '@/' .. ARGV[1]) or '0'
if latest ~= ARGV[2] then return latest end
redis.call('HSET', KEYS[1], ARGV[1] .. '/' .. ARGV[3], ARGV[5], '@/' .. ARGV[1], ARGV[4])
return ''
"""
_SAVE: Final = """
local revision = redis.call('HGET', KEYS[1], '@/' .. ARGV[1]) or '0'
if revision ~= ARGV[2] then return revision end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[4], '@/' .. ARGV[1], ARGV[3])
return ''
"""
_DROP: Final = """
local revision = redis.call('HGET', KEYS[1], '@/' .. ARGV[1]) or '0'
if revision ~= ARGV[2] then return revision end
redis.call('HDEL', KEYS[1], ARGV[1])
redis.call('HINCRBY', KEYS[1], '@/' .. ARGV[1], 1)
return ''
"""
"""A dropped draft's revision goes on counting: who still holds it open may not save it back unawares."""


class SchemeOrigin(StrEnum):
    """Where a version came from."""

    PACKAGED = "packaged"
    CONFIGURED = "configured"
    EDITOR = "editor"
    ROLLED_BACK = "rolled_back"
    RETIRED = "retired"
    """Not scored any more: the text is that of the version before."""


class SchemeVersion(msgspec.Struct, frozen=True, kw_only=True):
    """What is told of a version without its text. `of`: the version whose text was published anew."""

    name: str
    version: int
    parent: int | None
    author: str
    at: Millis
    note: str
    origin: SchemeOrigin
    digest: str
    """SHA-256 of the text."""
    items: int
    rules: int
    in_use: bool
    scored_as: int
    """`scheme_version` of its scores."""
    of: int | None = None
    dialogues: int = 0
    """Its golden ones."""
    failing: int | None = 0
    """Of these, how many came out otherwise when it was published anyway; None: they did not come to an end."""


class KeptScheme(msgspec.Struct, frozen=True, kw_only=True):
    """`golden`: its dialogues as TOML; None: those that came with the packaged or configured text."""

    about: SchemeVersion
    text: str
    golden: str | None = None


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """What is being worked on; one for each scheme, whoever edits it. `base`: the version it began from."""

    name: str
    revision: int
    base: int
    author: str
    at: Millis
    text: str
    golden: str | None = None
    """None: those of the version it began from."""


class NewerScheme(Exception):
    """Somebody published in between."""

    def __init__(self, latest: int) -> None:
        super().__init__(f"version {latest} is newer")
        self.latest = latest


class NewerDraft(Exception):
    """Somebody saved or dropped the draft in between."""

    def __init__(self, revision: int) -> None:
        super().__init__(f"the draft is at revision {revision}")
        self.revision = revision


class SchemeStore:
    """Every call raises BusError where the bus does not answer."""

    def __init__(self, redis: Any) -> None:
        self._redis = redis

    async def seen(self) -> int:
        """What changes when anybody publishes."""
        return int(await asked(lambda: self._redis.hlen(VERSIONS), "asking for new schemes"))

    async def numbers(self) -> Mapping[str, list[int]]:
        """Every scheme's versions, oldest first."""
        fields = await asked(lambda: self._redis.hkeys(VERSIONS), "listing schemes")
        found: dict[str, list[int]] = {}
        for field in fields:
            if (match := _VERSION.fullmatch(field.decode())) is not None:
                found.setdefault(match[1], []).append(int(match[2]))
        return {name: sorted(numbers) for name, numbers in sorted(found.items())}

    async def read(self, name: str, number: int) -> KeptScheme:
        """Raises NoVersion, VersionDamaged."""
        field = f"{name}/{number:06d}"
        blob = await asked(lambda: self._redis.hget(VERSIONS, field), "reading a scheme")
        if blob is None:
            raise NoVersion(f"there is no version {number} of {name}")
        return _unpacked(blob, KeptScheme)

    async def publish(self, kept: KeptScheme, *, base: int) -> None:
        """`base`: the latest version the author saw, 0 before the first. Raises NewerScheme."""
        about = kept.about
        args = (about.name, str(base), f"{about.version:06d}", str(about.version), _packed(kept))
        answer = await asked(lambda: self._redis.eval(_PUBLISH, 1, VERSIONS, *args), "publishing a scheme")
        if answer:
            raise NewerScheme(int(answer))

    async def draft(self, name: str) -> Draft | None:
        """Raises VersionDamaged."""
        blob = await asked(lambda: self._redis.hget(DRAFTS, name), "reading a draft")
        return None if blob is None else _unpacked(blob, Draft)

    async def revision(self, name: str) -> int:
        """Of the last draft of this name, also of one that was dropped."""
        return int(await asked(lambda: self._redis.hget(DRAFTS, f"@/{name}"), "reading a draft") or 0)

    async def drafts(self) -> list[str]:
        fields = await asked(lambda: self._redis.hkeys(DRAFTS), "listing drafts")
        return sorted(field.decode() for field in fields if not field.startswith(b"@/"))

    async def save(self, draft: Draft) -> None:
        """Over revision `draft.revision - 1`, and no other. Raises NewerDraft."""
        before = draft.revision - 1
        args = (draft.name, str(before), str(draft.revision), _packed(draft))
        answer = await asked(lambda: self._redis.eval(_SAVE, 1, DRAFTS, *args), "saving a draft")
        if answer:
            raise NewerDraft(int(answer))

    async def drop(self, name: str, *, revision: int) -> None:
        """Raises NewerDraft."""
        answer = await asked(lambda: self._redis.eval(_DROP, 1, DRAFTS, name, str(revision)), "dropping a draft")
        if answer:
            raise NewerDraft(int(answer))


def _packed(value: msgspec.Struct) -> bytes:
    """Texts shrink to a fifth: versions are kept for ever in the bus's memory."""
    return zlib.compress(msgspec.msgpack.encode(value), 6)


def _unpacked(blob: bytes, kind: type[T]) -> T:
    try:
        reader = zlib.decompressobj()
        return msgspec.msgpack.decode(reader.decompress(blob, 4 * TEXT_MAX), type=kind)
    except (zlib.error, *UNREADABLE) as error:
        raise VersionDamaged(str(error)) from error
