"""What tests of one fault share. In: a world. Out: it opened and closed, waited for, told a story."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import redis

from streams.bus import names
from streams.vocabulary import events as ev
from streams.vocabulary.ids import Millis
from tests.faults.story import AGENTS, SITE, Story
from tests.faults.world import World

NIGHTLY = "FAULT_SCHEDULES" in os.environ
"""`make nightly`: the sizes of the fault matrix; otherwise small ones that show the same."""
FIRST_SEED = int(os.environ.get("FAULT_FIRST_SEED", "1"))

STREAM = names.events(SITE)


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

    def __init__(self, seed: int, *, seconds: float = 120, agents: int = AGENTS) -> None:
        self._start = Millis(now() - round(seconds * 1000))
        self._until = self._start
        self.story = Story(seed, start=self._start, agents=agents)
        self.told: list[ev.Event] = []

    def next(self, seconds: float) -> list[ev.Event]:
        """In small steps: only so do agents who are free again take the next contact."""
        fresh: list[ev.Event] = []
        for _ in range(round(seconds * 10)):
            self._until = Millis(self._until + 100)
            fresh += self.story.until(self._until)
        assert self._until <= now(), "the story is longer than it said"
        self.told += fresh
        return fresh


def owed(client: redis.Redis) -> int:
    """How many entries the archive still has to be done with; -1: it has not begun."""
    if not client.exists(STREAM):
        return -1
    for group in client.xinfo_groups(STREAM):
        if group["name"] == b"archive":
            return int(group["pending"]) + int(group["lag"] or 0)
    return -1


def stored(world: World) -> int:
    rows = world.rows("SELECT count() FROM events FINAL WHERE kind != 'source_connected'")
    return int(rows[0][0]) if rows else -1


def rss_mb(pid: int) -> float:
    return int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]) * 4096 / 1e6
