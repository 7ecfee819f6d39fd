"""The only reader of a clock. In: nothing. Out: `now` (UTC epoch ms), `monotonic_ms` (to measure how long)."""

import time

from streams.vocabulary.ids import Millis


def now() -> Millis:
    return Millis(time.time_ns() // 1_000_000)


def monotonic_ms() -> int:
    """Never goes back; its zero means nothing."""
    return time.monotonic_ns() // 1_000_000
