"""Who hears of an alert that nobody acknowledges. In: how long people have known of it. Out: the steps that are due.

May not know: channels, clocks; `known_ms` is time of the book, which no clock can step.
"""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """`after_ms`: since somebody was first told, or since it fired where nobody is told at once."""

    after_ms: int
    channels: tuple[str, ...] = ()
    rotas: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Escalation:
    """`steps` by growing `after_ms`."""

    name: str
    steps: tuple[Step, ...]


def due(escalation: Escalation, *, known_ms: int) -> Sequence[tuple[int, Step]]:
    """Every step that is due, by its number from 1: who came in at an earlier one stays in."""
    return [(number, step) for number, step in enumerate(escalation.steps, 1) if known_ms >= step.after_ms]
