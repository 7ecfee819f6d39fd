"""Which messages of one large read may be wanted, judged on whole arrays. In: bytes. Out: where those messages stand.

A busy switch sends thirteen messages for each wanted one; here none of the others becomes an object. It may let through
what is not wanted, never hold back what is: streams/wire/ami.py judges each survivor in full, as it does small reads.
May not know: what a message means.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

LEAST_BYTES: Final = 112 * 1024
"""A smaller read is judged faster message by message (measured: the two meet between 64 and 100 KiB)."""
MOST_BYTES: Final = 192 * 1024
"""A larger one is taken in pieces small enough that memory is used again (measured: 256 KiB costs twice as much)."""
_LF: Final = 10
_FOUR: Final = np.uint64(0xFFFFFFFF)
_BLANK: Final = np.uint64(int.from_bytes(b"\r\n\r\n", "little"))
_PAD: Final = bytes(64)
_WORD: Final = 8
_EVENT: Final = b"Event: "
_Places = npt.NDArray[np.intp]
_Words = npt.NDArray[np.uint64]
_Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Selected:
    """`total` messages end in the buffer, `spans` are those to be judged; what begins at `tail` has not ended."""

    total: int
    spans: list[tuple[int, int]]
    tail: int


@dataclass(frozen=True, slots=True)
class _Starts:
    """Texts of up to 8 bytes each, to compare with the words that stand somewhere."""

    long: _Words
    """those of 8 bytes, sorted"""
    short: tuple[tuple[np.uint64, np.uint64], ...]
    """(mask, word under that mask)"""

    def meet(self, words: _Words) -> _Flags:
        long = self.long
        if len(long) == 1:
            found: _Flags = words == long[0]
        elif len(long):
            found = long.take(long.searchsorted(words), mode="clip") == words
        else:
            found = np.zeros(len(words), np.bool_)
        for mask, word in self.short:
            found |= (words & mask) == word
        return found


@dataclass(frozen=True, slots=True)
class _Line:
    """A message is wanted only if its last line but one is a mark + a value with one of these beginnings."""

    name: _Starts
    size: int
    head: _Starts
    end: _Starts
    values: _Starts


def _starts(*texts: bytes) -> _Starts:
    words = {(len(text[:_WORD]), int.from_bytes(text[:_WORD], "little")) for text in texts}
    return _Starts(
        long=np.array(sorted(word for size, word in words if size == _WORD), np.uint64),
        short=tuple((np.uint64((1 << 8 * size) - 1), np.uint64(word)) for size, word in words if size < _WORD),
    )


class Selector:
    """`wanted`: event name -> None (every one) or (field, values): only where that field has one of these values."""

    def __init__(self, wanted: Mapping[bytes, tuple[bytes, frozenset[bytes]] | None]) -> None:
        self._lines: list[_Line] = []
        always = []
        for name, where in wanted.items():
            mark = where[0] + b": " if where is not None else b""
            if where is None or len(mark) < _WORD:
                always.append(name + b"\r\n")
                continue
            self._lines.append(
                _Line(
                    name=_starts(name + b"\r\n"),
                    size=len(mark),
                    head=_starts(mark),
                    end=_starts(mark[-_WORD:]),
                    values=_starts(*(value + b"\r" for value in where[1])),
                )
            )
        self._always = _starts(*always)
        self._event = _starts(_EVENT)

    def select(self, buffer: bytes) -> Selected | None:
        """None: blank lines stand one upon another, which only the slow way takes apart."""
        data = buffer + _PAD
        octets = np.frombuffer(data, np.uint8)
        words: _Words = np.ndarray((len(buffer) + len(_PAD) - _WORD + 1,), "<u8", data, 0, (1,))
        feeds = (octets == _LF).nonzero()[0]
        last = _blank_lines(words, feeds)
        if not len(last):
            return Selected(0, [], 0)
        if len(last) > 1 and (last[1:] - last[:-1]).min() < 2:
            return None
        starts = np.concatenate((np.zeros(1, np.intp), feeds[last[:-1] + 1] + 1))
        ends = feeds[last] - 1
        name = words[starts + len(_EVENT)]
        keep = self._always.meet(name) | ~self._event.meet(words[starts])
        for line in self._lines:
            self._judge_line(line, keep, name, words, feeds, last, starts)
        which = keep.nonzero()[0]
        spans = list(zip(starts[which].tolist(), ends[which].tolist(), strict=True))
        return Selected(len(last), spans, int(feeds[last[-1] + 1]) + 1)

    def _judge_line(
        self,
        line: _Line,
        keep: _Flags,
        name: _Words,
        words: _Words,
        feeds: _Places,
        last: _Places,
        starts: _Places,
    ) -> None:
        """Sets `keep` for messages of this name; one built otherwise than Asterisk does is judged later."""
        which = line.name.meet(name).nonzero()[0]
        if not len(which):
            return
        ends = last[which]
        before = feeds[np.maximum(ends - 2, 0)] + 1
        as_built = (before > starts[which]) & line.head.meet(words[before])
        as_built &= line.end.meet(words[before + (line.size - _WORD)])
        as_built &= ~line.head.meet(words[feeds[np.maximum(ends - 1, 0)] + 1])
        keep[which] |= ~as_built | line.values.meet(words[before + line.size])


def _blank_lines(words: _Words, feeds: _Places) -> _Places:
    """Index into `feeds` of each line break that a blank line follows: CR LF CR LF, nothing else."""
    close = (feeds[1:] - feeds[:-1] == 2).nonzero()[0]
    at = feeds[close]
    blank: _Places = close[(words[np.maximum(at - 1, 0)] & _FOUR == _BLANK) & (at > 0)]
    return blank
