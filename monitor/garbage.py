"""How often Python looks for cyclic garbage. In: nothing. Out: nothing; changes this process.

A live floor is a large heap of small values that stay, and our values form no cycles: the collector walks it over and
over and finds nothing (measured: a fifth of the CPU of the whole chain, docs/benchmarks.md).
"""

import gc
from typing import Final

YOUNG: Final = 50_000
"""New container objects before a look at them; Python's own 700 comes several times in each batch of events."""


def look_seldom() -> None:
    """After the imports, before the work. What is loaded is never looked at again; new cycles are found later."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, 20, 20)
