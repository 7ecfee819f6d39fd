"""What the wall's socket costs: bytes per viewer and second, the time from a frame's making to a viewer, CPU.

    python -m tests.browser.wall_measure --agents 5000 --rate 167 --viewers 20 --seconds 20

Prints one JSON object; the figures of docs/wall.md come from here. Viewers live in the same process and share its core.
"""

import argparse
import asyncio
import json
import os
import time
from statistics import median

import aiohttp

from seat_map.frames import HEADER, FrameKind
from tests.browser.serve import Wall, now


class Watching:
    """A browser without a screen. Mutable; one owner."""

    def __init__(self) -> None:
        self.bytes = 0
        self.frames = 0
        self.took_ms: list[float] = []

    async def watch(self, session: aiohttp.ClientSession, url: str) -> None:
        async with session.ws_connect(url, max_msg_size=0) as line:
            async for message in line:
                if message.type is aiohttp.WSMsgType.TEXT:
                    self.bytes += len(message.data.encode())
                elif message.type is aiohttp.WSMsgType.BINARY:
                    self.bytes += len(message.data)
                    self.frames += 1
                    kind, *_, at = HEADER.unpack_from(message.data)
                    if kind == FrameKind.DELTA:
                        self.took_ms.append(now() - at)

    def forget(self) -> None:
        self.bytes, self.frames, self.took_ms = 0, 0, []


async def measured(wall: Wall, viewers: int, seconds: float) -> dict[str, object]:
    started = asyncio.Event()
    serving = asyncio.create_task(wall.run(started.set))
    await started.wait()
    watching = [Watching() for _ in range(viewers)]
    async with aiohttp.ClientSession() as session:
        tasks = [asyncio.create_task(one.watch(session, f"{wall.url}/ws/floor")) for one in watching]
        await asyncio.sleep(2)
        for one in watching:
            one.forget()
        sent, cpu, began = wall.hub.counts["bytes_sent"], time.process_time(), time.monotonic()
        await asyncio.sleep(seconds)
        took_s, cpu_s = time.monotonic() - began, time.process_time() - cpu
        sent = wall.hub.counts["bytes_sent"] - sent
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    serving.cancel()
    await asyncio.gather(serving, return_exceptions=True)
    ticks = sorted(one for watcher in watching for one in watcher.took_ms)
    return {
        "bytes_per_viewer_s": round(sent / took_s / viewers) if viewers else 0,
        "received_per_viewer_s": round(sum(one.bytes for one in watching) / took_s / viewers) if viewers else 0,
        "frames_per_s": round(sum(one.frames for one in watching) / took_s / viewers, 1) if viewers else 0,
        "to_viewer_ms": {"p50": median(ticks), "p99": ticks[int(0.99 * (len(ticks) - 1))]} if ticks else None,
        "cpu_percent_viewers_included": round(100 * cpu_s / took_s, 1),
        "hub": {str(name): count for name, count in wall.hub.counts.items()},
    }


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--agents", type=int, default=5_000)
    parser.add_argument("--rate", type=float, default=167.0)
    parser.add_argument("--viewers", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=20.0)
    asked = parser.parse_args()
    wall = Wall(agents=asked.agents, rate=asked.rate)
    found = asyncio.run(measured(wall, asked.viewers, asked.seconds))
    print(json.dumps({**vars(asked), **found, "load": round(os.getloadavg()[0], 1)}))


if __name__ == "__main__":
    main()
