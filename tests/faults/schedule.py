"""What goes wrong, and when. In: a seed. Out: a list of moments and faults; the same seed gives the same list.

Each fault is told to the world at its moment and mended after its length. May not know: what a test expects.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from random import Random


class FaultKind(StrEnum):
    """In brackets: the rows of the fault matrix (docs/faults.md)."""

    KILL_LIVE = "kill_live"  # F1: collector, spool, floor
    KILL_HISTORY = "kill_history"  # F2: writer between insert and acknowledgement
    KILL_BUS = "kill_bus"  # F6
    LOSE_TAIL = "lose_tail"  # F7: killed, and the end of its append-only file is gone
    FREEZE_BUS = "freeze_bus"
    FILL_BUS = "fill_bus"  # F8
    FREEZE_STORE = "freeze_store"  # F11
    KILL_STORE = "kill_store"  # F10
    DUPLICATES = "duplicates"  # F17
    DISORDER = "disorder"  # F17
    GARBAGE = "garbage"  # F18
    BURST = "burst"  # F19


OF_A_SERVER = (FaultKind.FREEZE_STORE, FaultKind.KILL_STORE)
"""Only a store in a process of its own can be frozen or killed."""


@dataclass(frozen=True, slots=True)
class Fault:
    """`size`: between 0 and 1, how much of it, for a kind that has more and less."""

    kind: FaultKind
    at_s: float
    lasts_s: float
    size: float = 0.5

    @property
    def until_s(self) -> float:
        return self.at_s + self.lasts_s

    def __str__(self) -> str:
        return f"{self.kind} {self.at_s:.1f}-{self.until_s:.1f}"


def schedule(
    seed: int, *, seconds: float, clickhouse: bool, kinds: Sequence[FaultKind] = tuple(FaultKind)
) -> list[Fault]:
    """Three to six faults, some of them at once."""
    random = Random(seed)
    possible = [kind for kind in kinds if clickhouse or kind not in OF_A_SERVER]
    chosen = [random.choice(possible) for _ in range(random.randint(3, 6))]
    found = [
        Fault(kind, random.uniform(0.5, seconds - 1), random.uniform(0.3, 3.0), random.random()) for kind in chosen
    ]
    return sorted(found, key=lambda one: one.at_s)


def active(faults: Sequence[Fault], kind: FaultKind, at_s: float) -> bool:
    return any(one.kind is kind and one.at_s <= at_s < one.until_s for one in faults)
