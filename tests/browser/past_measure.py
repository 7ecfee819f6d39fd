"""How long the past takes: jumps and steps at many seats, through web, socket, desk, store and fold.

    python -m tests.browser.past_measure --agents 5000 --minutes 30 --per-second 8

Prints one JSON object; the figures of docs/time_travel.md come from here.
"""

import argparse
import json
import os
import random
import resource
import tempfile
import time
from collections.abc import Callable
from gzip import decompress
from pathlib import Path
from statistics import median
from urllib.request import Request, urlopen

from monitor.past_picture import unpacked
from seat_map.frames import decode
from streams.vocabulary.ids import Millis
from tests.browser.past_wall import PastWall

MINUTE = 60_000
HAND_S = 0.2


class Viewer:
    """A browser without a screen. Mutable; one owner."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._people = 0
        self.bytes = 0

    def go(self, at: int) -> float:
        """Milliseconds until the map of `at` is here."""
        began = time.perf_counter()
        while True:
            asked = Request(
                f"{self._url}/api/v1/past/frame?at={at}&people={self._people}", headers={"Accept-Encoding": "gzip"}
            )
            with urlopen(asked, timeout=60) as answer:
                body = answer.read()
                if answer.status == 200:
                    self.bytes = len(body)
                    plain = decompress(body) if answer.headers.get("Content-Encoding") == "gzip" else body
                    break
            time.sleep(0.06)
        took = (time.perf_counter() - began) * 1000
        frame = decode(unpacked(plain)[1])
        assert frame.at == at
        self._people = frame.revision
        return took


def spread(times: list[float]) -> dict[str, float]:
    ordered = sorted(times)
    return {
        "p50_ms": round(median(ordered), 1),
        "p95_ms": round(ordered[int(0.95 * (len(ordered) - 1))], 1),
        "n": len(ordered),
    }


def walk(viewer: Viewer, at: int, next_at: Callable[[int], int], count: int) -> list[float]:
    """As fast as a hand may be."""
    viewer.go(at)
    times = []
    for _ in range(count):
        time.sleep(HAND_S)
        at = next_at(at)
        times.append(viewer.go(at))
    return times


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--agents", type=int, default=5_000)
    parser.add_argument("--minutes", type=int, default=30)
    parser.add_argument("--per-second", type=float, default=8.0)
    asked = parser.parse_args()
    draw = random.Random(5)
    with tempfile.TemporaryDirectory() as folder:
        wall = PastWall(agents=asked.agents, minutes=asked.minutes, per_second=asked.per_second, folder=Path(folder))
        with wall:
            viewer = Viewer(wall.url)

            def anywhere() -> int:
                return Millis(draw.randrange(wall.begins + 11 * MINUTE, wall.ends - MINUTE) // 1000 * 1000)

            cold = [viewer.go(anywhere()) for _ in range(12)]
            near = anywhere()
            around = [near + draw.randrange(-20_000, 20_000) // 1000 * 1000 for _ in range(40)]
            viewer.go(near + 30_000)
            warm = [viewer.go(at) for at in around]
            second = walk(viewer, near, lambda at: at + 1_000, 60)
            ten = walk(viewer, near, lambda at: at + 10_000, 12)
            back = walk(viewer, near, lambda at: at - 1_000, 30)
            played = walk(viewer, near, lambda at: at + 12_000, 12)
            print(
                json.dumps(
                    {
                        "machine": {"cpus": os.cpu_count(), "load": os.getloadavg()[0]},
                        "input": {"agents": asked.agents, "minutes": asked.minutes, "contacts_per_s": asked.per_second,
                                  "events": len(wall.events()), "checkpoint_minutes": 10},
                        "jump_anywhere": spread(cold),
                        "jump_nearby": spread(warm),
                        "step_second": spread(second),
                        "step_ten_seconds": spread(ten),
                        "step_back": spread(back),
                        "play_60x_tick": spread(played),
                        "bytes_of_a_step": viewer.bytes,
                        "rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
                        "kept": wall.desk.status(),
                    }
                )
            )  # fmt: skip


if __name__ == "__main__":
    main()
