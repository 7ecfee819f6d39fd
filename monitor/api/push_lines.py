"""A pushed body as lines, and what is kept of a refused one. In: bytes. Out: one JSON text a line, ids, samples.

May not know: tokens, sockets, what an event means.
"""

import zlib
from collections.abc import Sequence
from typing import Final, get_args

import msgspec
from msgspec.structs import fields

from monitor.api.push_chat import hide
from streams.vocabulary.events import Event
from streams.vocabulary.ids import SiteId, SourceId

SAMPLE_CHARACTERS: Final = 300
_GZIP: Final = 31
"""zlib's name for: a gzip header is required"""
_MEMBERS_MOST: Final = 64
"""What follows a member is copied: a body of nothing but members would cost its square."""
_MARK: Final = b"\xef\xbb\xbf"
"""Some systems begin UTF-8 with it."""
_FLAT: Final = bytes.maketrans(b"\n\r", b"  ")
"""A JSON text may break lines only between its tokens, where a blank does as well."""

FREE_TEXT: Final = frozenset({"text"})
KNOWN_FIELDS: Final = frozenset(field.name for kind in get_args(Event) for field in fields(kind)) - FREE_TEXT | {"kind"}


class NotABatch(ValueError):
    """What is wrong with the body as a whole."""


class NotGzip(ValueError):
    """The body says it is gzip and is not, or is cut short: half a batch must not pass for a whole one."""


class TooLarge(ValueError):
    """More than may be unpacked."""


def gunzip(body: bytes, *, most: int) -> bytes:
    """Unpacks at most `most` bytes, of any number of gzip members. Raises NotGzip, TooLarge."""
    parts: list[bytes] = []
    rest = body
    while rest or not parts:
        if len(parts) == _MEMBERS_MOST:
            raise NotGzip(f"more than {_MEMBERS_MOST} gzip members")
        member = zlib.decompressobj(_GZIP)
        try:
            part = member.decompress(rest, most + 1)
        except zlib.error as error:
            raise NotGzip(str(error)) from error
        most -= len(part)
        if most < 0:
            raise TooLarge
        if not member.eof:
            raise NotGzip("it is cut short")
        parts.append(part)
        rest = member.unused_data
    return b"".join(parts)


def body_lines(body: bytes) -> Sequence[bytes]:
    """NDJSON as it came, or the elements of one JSON array; the place of a line is its number less one."""
    body = body.removeprefix(_MARK)
    return array_lines(body) if body.lstrip().startswith(b"[") else body.split(b"\n")


def array_lines(body: bytes) -> Sequence[bytes]:
    try:
        rows = msgspec.json.decode(body, type=list[msgspec.Raw])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise NotABatch(f"the body begins like a JSON array but is none: {error}") from error
    return [one_line(bytes(row)) for row in rows]


def one_line(text: bytes) -> bytes:
    return text.translate(_FLAT)


class _Named(msgspec.Struct, frozen=True):
    """What makes an event's id; everything else is left aside."""

    site: SiteId
    source: SourceId
    seq: int


_decode_named = msgspec.json.Decoder(_Named).decode


def event_id(line: bytes) -> str:
    """The id a refused line would have had, "" when it does not say."""
    try:
        named = _decode_named(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return ""
    return f"{named.site}/{named.source}/{named.seq}"[:300]


def kept_object(line: bytes) -> bytes | None:
    """The line as it may be kept to be tried again: chat text and unknown texts redacted. None: no JSON object.

    A line that is no object can never become an event, whatever is mended on our side; nor can one that is nested as
    deep as no event is: the decoder takes more levels than we can walk.
    """
    try:
        told = msgspec.json.decode(line)
        if not isinstance(told, dict):
            return None
        kept = {key: value if _plainly_known(key, value) else _hidden(value) for key, value in told.items()}
        return msgspec.json.encode(kept)
    except (msgspec.MsgspecError, UnicodeError, RecursionError, ValueError, OverflowError):
        return None


def kept_text(line: bytes) -> bytes:
    """The beginning of what nobody can read, digits hidden, for a person to see what was sent."""
    text = line[: 2 * SAMPLE_CHARACTERS].decode("utf-8", "backslashreplace")[:SAMPLE_CHARACTERS]
    return hide(text).encode()


def _plainly_known(key: str, value: object) -> bool:
    """`{"contact": {"text": …}}` is nobody's known field."""
    return key in KNOWN_FIELDS and not isinstance(value, list | dict)


def _hidden(value: object) -> object:
    if isinstance(value, str):
        return hide(value)
    if isinstance(value, list):
        return [_hidden(one) for one in value]
    if isinstance(value, dict):
        return {key: _hidden(one) for key, one in value.items()}
    return value
