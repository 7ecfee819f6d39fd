"""What the live process tells rules every two seconds, by how many agents there are: time, longest step, bytes."""

import statistics
import time
import zlib
from collections.abc import Iterator, Mapping

from alerts.moment import SiteMoment
from monitor.moments import EVERY_S, MomentMaker, pack, unpack
from seat_map.generate import generate
from seat_map.picture import Picture
from streams.vocabulary.ids import Millis
from tests.bench._report import Json, cpu_seconds, machine, tell
from tests.bench._wall_floor import MovingFloor

AGENTS = (200, 1_000, 5_000)
NOW = Millis(1_795_291_200_000)
ROUNDS = 9
DAY_S = 86_400


def measured(agents: int) -> dict[str, Json]:
    floor = MovingFloor(agents, NOW).floor
    picture = Picture(generate(agents))
    picture.update(floor.agents, floor.agents, lambda agent: floor.doubt(agent, NOW))
    maker = MomentMaker(floor, picture=lambda: picture, hits=lambda now: (), gauges=lambda site: {})
    made: list[SiteMoment] = []

    def whole() -> Iterator[None]:
        made[:] = [(yield from maker.make(NOW))]

    making, packing, unpacking, longest = [], [], [], []
    for _ in range(ROUNDS):
        steps: list[float] = []
        making.append(cpu_seconds(lambda: steps.extend(_durations(whole()))))  # noqa: B023
        longest.append(max(steps))
        packing.append(cpu_seconds(lambda: pack(made[0])))
        blob = pack(made[0])
        unpacking.append(cpu_seconds(lambda: unpack(blob)))  # noqa: B023
    core = statistics.median(making) + statistics.median(packing)
    return {
        "make_ms": 1000 * statistics.median(making),
        "longest_step_ms": 1000 * statistics.median(longest),
        "pack_ms": 1000 * statistics.median(packing),
        "unpack_ms": 1000 * statistics.median(unpacking),
        "bytes": len(blob),
        "bytes_unpacked": len(zlib.decompress(blob)) if blob[:1] == b"\x78" else len(blob),
        "core_percent": 100 * core / EVERY_S,
        "bus_log_mb_a_day": len(blob) * DAY_S / EVERY_S / 1e6,
    }


def _durations(steps: Iterator[None]) -> Iterator[float]:
    while True:
        began = time.thread_time()
        try:
            next(steps)
        except StopIteration:
            return
        yield time.thread_time() - began


def measure() -> Mapping[str, Json]:
    return {"machine": machine(), **{f"agents_{agents}": measured(agents) for agents in AGENTS}}


if __name__ == "__main__":
    tell("moments", measure)
