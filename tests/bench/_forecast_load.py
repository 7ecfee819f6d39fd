"""What the forecast costs beside a hub. In: a bench floor. Out: CPU of a core, and how late 50 ms ticks become.

A tick writes to a hundred sockets as the hub does: each write lets go of the interpreter, so a thread that computes
shows there first.
"""

import asyncio
import socket
import time
from collections.abc import Awaitable, Callable
from statistics import quantiles

from dashboards.columns import Goals
from dashboards.forecast.steps import finished
from monitor.forecast import EVERY_S, PAUSE_S, Forecaster, in_slices
from tests.bench._forecast_floor import BenchFloor
from tests.bench._report import Json

BEGIN_S, SPAN_S = 3 * 3600.0, 1800.0
TICK_S, VIEWERS, FRAME = 0.05, 100, b"x" * 200
WATCHED_S = 6.0
Work = Callable[[], Awaitable[object]]


def forecaster(floor: BenchFloor) -> Forecaster:
    """Warm: it has heard of the last three hours."""
    one = Forecaster(floor=floor, minutes=floor.minutes, goals=Goals(), clock=lambda: floor.at(BEGIN_S))
    for second in range(3600, int(BEGIN_S), 3600):
        finished(one.reckon(floor.at(float(second))))
    return one


def cpu(queues: int) -> dict[str, Json]:
    """Half an hour of forecasts, as often as the service makes them."""
    floor = BenchFloor(queues)
    one, spent, steps = forecaster(floor), 0.0, []
    one.counts.clear()
    for k in range(int(SPAN_S / EVERY_S)):
        now = floor.at(BEGIN_S + k * EVERY_S + 7)
        began = time.process_time()
        work, last = one.reckon(now), time.perf_counter()
        for _ in work:
            steps.append(time.perf_counter() - last)
            last = time.perf_counter()
        spent += time.process_time() - began
    return {
        f"cpu_percent_{queues}_queues": 100 * spent / SPAN_S,
        "agents": len(floor.agents),
        "searches_per_reckoning": one.counts["searched"] / one.counts["reckoned"],
        "step_ms_p50_p99": [1000 * quantiles(steps, n=100)[k] for k in (49, 98)],
    }


def lateness(queues: int) -> dict[str, Json]:
    """p50 and p99 of (last write of the tick - when it was due), ms, while forecasts are made without a pause."""
    floor = BenchFloor(queues)
    one = forecaster(floor)
    now = floor.at(BEGIN_S + 307)

    def anew() -> Forecaster:
        one._searched.clear()  # the worst case: all are searched
        return one

    async def nothing() -> None:
        await asyncio.sleep(1)

    async def slices() -> None:
        await in_slices(anew().reckon(now), pause_s=PAUSE_S)

    async def thread() -> None:
        await asyncio.to_thread(lambda: finished(anew().reckon(now)))

    kinds: dict[str, Work] = {"without": nothing, "in_slices": slices, "in_a_thread": thread}
    return {name: asyncio.run(_watched(work)) for name, work in kinds.items()}


async def _watched(work: Work) -> list[float]:
    pairs = [socket.socketpair() for _ in range(VIEWERS)]
    for one, other in pairs:
        one.setblocking(False)
        other.setblocking(False)
    again = asyncio.create_task(_again(work))
    late: list[float] = []
    loop = asyncio.get_running_loop()
    due = end = loop.time()
    end += WATCHED_S
    while due < end:
        due += TICK_S
        await asyncio.sleep(due - loop.time())
        for one, other in pairs:
            one.send(FRAME)
            other.recv(len(FRAME))
        late.append(1000 * (loop.time() - due))
    again.cancel()
    for pair in pairs:
        for side in pair:
            side.close()
    cuts = quantiles(late, n=100)
    return [cuts[49], cuts[98]]


async def _again(work: Work) -> None:
    while True:
        await work()
