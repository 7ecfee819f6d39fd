"""What a dead letter holds, for a person's eye. In: any bytes. Out: one line of printable text, cut, safe to show.

Characters that would hide or turn others (control, bidirectional, without width) are spelt out. May not know: HTML.
"""

import unicodedata
from typing import Final

import msgspec

PREVIEW_CHARACTERS: Final = 600
DECODED_BYTES: Final = 64 * 1024
"""A larger blob is shown by its beginning only."""


def preview(blob: bytes) -> str:
    if len(blob) <= DECODED_BYTES:
        text = _as_json(blob) or _as_msgpack(blob)
        if text:
            return _cut(text)
    return _cut(_as_text(blob))


def _as_json(blob: bytes) -> str:
    if blob[:1] not in (b"{", b"["):
        return ""
    try:
        msgspec.json.decode(blob)
        return blob.decode("utf-8")
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return ""


def _as_msgpack(blob: bytes) -> str:
    """Only a map or a list: any byte by itself would be a number."""
    try:
        told = msgspec.msgpack.decode(blob)
        return msgspec.json.encode(told).decode() if isinstance(told, dict | list) else ""
    except (msgspec.DecodeError, UnicodeError, RecursionError, TypeError, ValueError):
        return ""  # TypeError, ValueError: what JSON has no words for


def _as_text(blob: bytes) -> str:
    head = blob[:PREVIEW_CHARACTERS]
    try:
        return head.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.end == len(head) and len(head) < len(blob):
            return head[: error.start].decode("utf-8")  # cut within a character
        return f"0x{head[: PREVIEW_CHARACTERS // 2].hex(' ')}"


def _cut(text: str) -> str:
    shown = "".join(map(_visible, text[: PREVIEW_CHARACTERS + 1]))
    return shown if len(shown) <= PREVIEW_CHARACTERS else shown[:PREVIEW_CHARACTERS] + "…"


def _visible(character: str) -> str:
    if unicodedata.category(character)[0] != "C" and character not in "\u2028\u2029":
        return character
    return f"\\u{ord(character):04x}" if ord(character) < 0x1_0000 else f"\\U{ord(character):08x}"
