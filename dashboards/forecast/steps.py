"""Long reckoning in small steps. In: a generator that yields wherever it may be interrupted. Out: what it returns."""

from collections.abc import Generator
from typing import TypeVar

T = TypeVar("T")


def finished(steps: Generator[None, None, T]) -> T:
    """All of it at once: for who has the thread to itself."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            found: T = end.value
            return found
