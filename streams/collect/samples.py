"""What a source said that was refused, for people to look at. In: refusal counts, the bytes at hand. Out: the newest.

In memory only, bounded per reason, so that a flood of one does not hide the others. What a switch said cannot be said
again by us: these are shown, not re-driven. May not know: what a message means.
"""

from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from streams.vocabulary.ids import Millis

KEPT_PER_REASON: Final = 10
REASONS_KEPT: Final = 40
SAMPLE_BYTES: Final = 2_000


@dataclass(frozen=True, slots=True)
class RefusedSample:
    """`blob`: the beginning of what was at hand when it was counted: the message itself, or the read it came in."""

    at: Millis
    reason: str
    blob: bytes


class RefusedSamples:
    """Mutable; one per source, owned by its collector."""

    def __init__(self) -> None:
        self._kept: dict[str, deque[RefusedSample]] = {}
        self._before: Counter[str] = Counter()

    def note(self, refused: Mapping[str, int], blob: bytes | str, at: Millis) -> None:
        """After counting: whatever reason has risen since the last call gets this sample."""
        if refused == self._before:
            return
        now = Counter(refused)
        data = blob.encode("utf-8", "backslashreplace") if isinstance(blob, str) else blob
        for reason in now - self._before:
            if reason in self._kept or len(self._kept) < REASONS_KEPT:
                kept = self._kept.setdefault(reason, deque(maxlen=KEPT_PER_REASON))
                kept.append(RefusedSample(at, reason, data[:SAMPLE_BYTES]))
        self._before = now

    def newest_first(self) -> list[RefusedSample]:
        found = [sample for kept in self._kept.values() for sample in kept]
        return sorted(found, key=lambda sample: sample.at, reverse=True)
