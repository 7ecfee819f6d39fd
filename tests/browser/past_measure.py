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

from monitor.api.past_door import UNKNOWN_SEATING, PastQuestion
from monitor.past_picture import unpacked
from seat_map.frames import decode
from streams.vocabulary.ids import Millis
from streams.warehouse.opening import open_warehouse
from tests.browser.past_wall import PastWall
from tests.browser.serve import now
from tests.past_day import SITE

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


class Desk:
    """The desk's own work, in this thread: no web, no socket. CPU milliseconds, so that other load matters less."""

    def __init__(self, wall: PastWall) -> None:
        self._warehouse = open_warehouse(wall.url_of_store, database=f"past_{wall.begins}")
        self._past = wall.past()
        self._people = 0
        self._places = {str(agent): row for row, agent in enumerate(wall.live.agents)}

    def go(self, at: int) -> float:
        began = time.process_time()
        question = PastQuestion(kind="frame", site=SITE, at=Millis(at), people=self._people, seating="m")
        while (answer := self._past.answer(self._warehouse, question, now())).status != 200:
            if answer.status == UNKNOWN_SEATING:
                question.places, question.size = self._places, len(self._places)
        took = (time.process_time() - began) * 1000
        self._people = decode(unpacked(decompress(answer.body) if answer.encoding else answer.body)[1]).revision
        self._past.prepare()
        return took

    def close(self) -> None:
        self._warehouse.close()


def spread(times: list[float]) -> dict[str, float]:
    ordered = sorted(times)
    return {"p50_ms": round(median(ordered), 1), "p95_ms": round(ordered[int(0.95 * (len(ordered) - 1))], 1)}


def walk(go: Callable[[int], float], at: int, step_ms: int, count: int, hand_s: float) -> list[float]:
    """`hand_s`: how long a hand takes between two steps."""
    go(at)
    times = []
    for _ in range(count):
        time.sleep(hand_s)
        at += step_ms
        times.append(go(at))
    return times


def journeys(go: Callable[[int], float], wall: PastWall, hand_s: float) -> dict[str, dict[str, float]]:
    draw = random.Random(5)

    def anywhere() -> int:
        return draw.randrange(wall.begins + 11 * MINUTE, wall.ends - MINUTE) // 1000 * 1000

    far = [go(anywhere()) for _ in range(12)]
    near = anywhere()
    go(near + 30_000)
    around = [go(near + draw.randrange(-20, 20) * 1000) for _ in range(40)]
    return {
        "jump_anywhere": spread(far),
        "jump_nearby": spread(around),
        "step_second": spread(walk(go, near, 1_000, 60, hand_s)),
        "step_ten_seconds": spread(walk(go, near, 10_000, 12, hand_s)),
        "step_back": spread(walk(go, near, -1_000, 30, hand_s)),
        "play_60x_tick": spread(walk(go, near, 12_000, 12, hand_s)),
    }


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--agents", type=int, default=5_000)
    parser.add_argument("--minutes", type=int, default=30)
    parser.add_argument("--per-second", type=float, default=8.0)
    asked = parser.parse_args()
    given = {"agents": asked.agents, "minutes": asked.minutes, "contacts_per_s": asked.per_second}
    with tempfile.TemporaryDirectory() as folder:
        wall = PastWall(agents=asked.agents, minutes=asked.minutes, per_second=asked.per_second, folder=Path(folder))
        desk = Desk(wall)
        alone = journeys(desk.go, wall, 0.0)
        desk.close()
        with wall:
            viewer = Viewer(wall.url)
            through = journeys(viewer.go, wall, HAND_S)
        load = os.getloadavg()[0]
    shown = {
        "machine": {"cpus": os.cpu_count(), "load": round(load, 1)},
        "input": {**given, "events": len(wall.events()), "checkpoint_minutes": 10},
        "desk_cpu": alone,
        "through_the_web_in_one_process": through,
        "bytes_of_a_step": viewer.bytes,
        "rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }
    print(json.dumps(shown))


if __name__ == "__main__":
    main()
