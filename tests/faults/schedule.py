"""What goes wrong, and when. In: a seed. Out: a list of moments and faults; the same seed gives the same list.

Each fault is told to the world at its moment and mended after its length. May not know: what a test expects.
"""

from dataclasses import dataclass
from enum import StrEnum
from random import Random


class FaultKind(StrEnum):
    """In brackets: the rows of the fault matrix (docs/faults.md)."""

    KILL_LIVE = "kill_live"  # F1: collector, spool, floor
    KILL_HISTORY = "kill_history"  # F2: writer between insert and acknowledgement
    KILL_BUS = "kill_bus"  # F6
    FREEZE_BUS = "freeze_bus"
    FILL_BUS = "fill_bus"  # F8
    FREEZE_STORE = "freeze_store"  # F11
    KILL_STORE = "kill_store"  # F10
    DUPLICATES = "duplicates"  # F17
    DISORDER = "disorder"  # F17
    GARBAGE = "garbage"  # F18
    BURST = "burst"  # F19


@dataclass(frozen=True, slots=True)
class Fault:
    kind: FaultKind
    at_s: float
    lasts_s: float


def schedule(
    seed: int, *, seconds: float, clickhouse: bool, kinds: tuple[FaultKind, ...] = tuple(FaultKind)
) -> list[Fault]:
    """Three to six faults, some of them at once. Only a store of its own process can be frozen or killed."""
    random = Random(seed)
    possible = [kind for kind in kinds if clickhouse or kind not in (FaultKind.FREEZE_STORE, FaultKind.KILL_STORE)]
    chosen = [random.choice(possible) for _ in range(random.randint(3, 6))]
    found = [Fault(kind, random.uniform(0.5, seconds - 1), random.uniform(0.3, 3.0)) for kind in chosen]
    return sorted(found, key=lambda one: one.at_s)
