"""Numbers for events whose source has none. In: what a message is known by. Out: numbers that a redelivery repeats.

May not know: what the message says.
"""

import hashlib
from typing import Final

_INDEX_BITS: Final = 10
MOST_TOLD: Final = 1 << _INDEX_BITS
"""So many events of one message have a number of their own."""


def seq_of(key: str, index: int) -> int:
    """Below 2**62; what one message tells is numbered upwards, so events of one moment keep their order."""
    return (stable_hash(key) >> 12) << _INDEX_BITS | index


def stable_hash(text: str) -> int:
    """64 bits, the same in every process."""
    return int.from_bytes(hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big")
