"""Where the bus stood after it took something. In: nothing. Out: a value that a cursor can keep.

May not know: Redis.
"""

import msgspec


class Stood(msgspec.Struct, frozen=True):
    """Which server took the last entry, and under which id; empty: not known."""

    server: str = ""
    entry: str = ""
