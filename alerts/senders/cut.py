"""Makes a text fit what a service takes. In: a text, a limit in UTF-8 bytes. Out: its beginning, ending in "…".

Services count bytes, people read characters: a cut never halves a character. May not know: any service.
"""

from collections.abc import Callable
from typing import Final

MARK: Final = "…"
_MARK_BYTES: Final = len(MARK.encode())


def cut(text: str, most: int) -> str:
    """`text` if it has at most `most` bytes, else as many whole characters as fit before the mark."""
    blob = text.encode("utf-8", "replace")
    if len(blob) <= most:
        return text
    return blob[: max(0, most - _MARK_BYTES)].decode("utf-8", "ignore").rstrip() + MARK


def fit(text: str, most: int, wrap: Callable[[str], bytes]) -> bytes:
    """`wrap` of as much of `text` as lets the whole be at most `most` bytes: quoting may make a text longer."""
    blob = wrap(text)
    while len(blob) > most and len(text.encode("utf-8", "replace")) > _MARK_BYTES:
        held = len(text.encode("utf-8", "replace"))
        text = cut(text, min(held - 1, max(_MARK_BYTES, held * most // len(blob))))
        blob = wrap(text)
    return blob
