"""What tests of one fault share. In: a world. Out: it opened and closed, waited for, told a story."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from streams.vocabulary import events as ev
from streams.vocabulary.ids import Millis
from tests.faults.story import Story
from tests.faults.world import World

NIGHTLY = "FAULT_SCHEDULES" in os.environ
"""`make nightly`: the sizes of the fault matrix; otherwise small ones that show the same."""


def now() -> Millis:
    return Millis(round(time.time() * 1000))


@contextmanager
def opened(world: World) -> Iterator[World]:
    """Closed whatever happens; a failure shows the last words of its processes."""
    try:
        yield world.open()
    except AssertionError as error:
        raise AssertionError(f"{error}\n{world.log_tail()}") from error
    finally:
        world.close()


def until(holds: Callable[[], bool], what: str, *, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
        time.sleep(0.1)


class Telling:
    """A story in parts, each as long as it is asked for, at `every_ms` between contacts. Mutable.

    It begins in the past and never reaches now, so that any part may be told at once.
    """

    def __init__(self, seed: int, *, seconds: float = 120) -> None:
        self._start = Millis(now() - round(seconds * 1000))
        self._until = self._start
        self.story = Story(seed, start=self._start)
        self.told: list[ev.Event] = []

    def next(self, seconds: float) -> list[ev.Event]:
        self._until = Millis(self._until + round(seconds * 1000))
        assert self._until <= now(), "the story is longer than it said"
        fresh = self.story.until(self._until)
        self.told += fresh
        return fresh


def rss_mb(pid: int) -> float:
    return int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]) * 4096 / 1e6
