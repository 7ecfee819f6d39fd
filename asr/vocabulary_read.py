"""A model's list of words out of its files' bytes. In: words.txt, or an OpenFst graph. Out: the words, or BadWords.

Small models of alphacephei keep no words.txt: their words are the symbol table in the head of graph/Gr.fst.
May not know: where the bytes lie.
"""

import struct
from collections.abc import Iterator

_FST = 2_125_659_606
_SYMBOLS = 2_125_658_996
_HAS_INPUT, _HAS_OUTPUT = 1, 2
_LONGEST_SYMBOL = 1_000
_MOST_SYMBOLS = 20_000_000


class BadWords(Exception):
    """The bytes are no list of words; the text says why."""


def words_of_text(blob: bytes) -> list[str]:
    """Kaldi's words.txt: a word and its number on each line."""
    words = []
    for number, line in enumerate(blob.decode("utf-8", errors="replace").splitlines(), start=1):
        parts = line.split()
        if not parts:
            continue
        if len(parts) != 2 or not parts[1].isdigit():
            raise BadWords(f"line {number} is no word with its number")
        words.append(parts[0])
    return words


def words_of_graph(blob: bytes | memoryview) -> list[str]:
    """The output symbols (else the input ones) in an OpenFst file's head; only that head is looked at."""
    reader = _Reader(blob)
    if reader.number("<i") != _FST:
        raise BadWords("it is no OpenFst file")
    reader.text(), reader.text()  # the kinds of graph and of arc
    reader.number("<i")
    flags = reader.number("<i")
    for _ in range(4):  # properties, start, states, arcs
        reader.number("<q")
    tables = [list(_symbols(reader)) for flag in (_HAS_INPUT, _HAS_OUTPUT) if flags & flag]
    if not tables:
        raise BadWords("its head holds no symbols")
    return tables[-1]


class _Reader:
    """Walks the bytes; owns its place. Keeps slices of nobody's memory, so a mapped file can be closed."""

    def __init__(self, blob: bytes | memoryview) -> None:
        self._blob = blob
        self._at = 0

    def number(self, kind: str) -> int:
        size = struct.calcsize(kind)
        if self._at + size > len(self._blob):
            raise BadWords("it ends in the middle of its head")
        (value,) = struct.unpack_from(kind, self._blob, self._at)
        self._at += size
        return int(value)

    def text(self) -> str:
        size = self.number("<i")
        if not 0 <= size <= _LONGEST_SYMBOL or self._at + size > len(self._blob):
            raise BadWords("a text in its head has no true length")
        found = bytes(self._blob[self._at : self._at + size])
        self._at += size
        return found.decode("utf-8", errors="replace")


def _symbols(reader: _Reader) -> Iterator[str]:
    if reader.number("<i") != _SYMBOLS:
        raise BadWords("its head announces symbols and holds none")
    reader.text()
    reader.number("<q")
    size = reader.number("<q")
    if not 0 <= size <= _MOST_SYMBOLS:
        raise BadWords(f"its head announces {size} symbols")
    for _ in range(size):
        yield reader.text()
        reader.number("<q")
