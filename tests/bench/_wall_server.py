"""The real web over a floor that real events move, in a process of its own. In: arguments. Out: its port on stdout.

`create_app`, `Hub` with all it says, aiohttp on a loopback socket: what `floorwatch serve` runs, without Redis.
"""

import argparse
import asyncio
import json
import time
from pathlib import Path

from aiohttp import web

from asr.peaks import peaks_of_file
from dashboards.columns import Goals
from monitor import clock, garbage
from monitor.api.board import AlertBoard
from monitor.api.parts import Parts
from monitor.app import create_app
from monitor.attention_desk import AttentionDesk
from monitor.config_wall import QueueGroup, Scope
from monitor.hub import Hub, HubSettings
from monitor.hub_extras import Extras
from seat_map.generate import generate
from tests.bench._wall_floor import QUEUES, MovingFloor
from tests.browser.canned import CannedHistory

STEP_S = 0.02
"""How often the floor is fed, as by reads of a bus"""
GROUPS = (
    QueueGroup(name="voice", label_zh="热线", label_en="Hotlines", queues=QUEUES[:6]),
    QueueGroup(name="rest", label_zh="其他", label_en="Others", queues=QUEUES[6:]),
)
VIEWERS_MAX = 5_000


def scopes(seats: int, count: int) -> dict[str, Scope]:
    """`count` scopes that share the teams among them."""
    teams = [team.code for team in generate(seats).teams]
    return {
        f"s{number}": Scope(name=f"s{number}", label_zh="", label_en="", teams=tuple(teams[number::count]))
        for number in range(count)
    }


async def feed(moving: MovingFloor, hub: Hub, rate: float, spent: dict[str, float]) -> None:
    """`rate` steps a second, spread as a bus delivers them. `making_percent` of a core invents them: no part of the
    product."""
    began, done = time.monotonic(), 0
    moving.folding_s = 0.0
    while True:
        await asyncio.sleep(STEP_S)
        due = int((time.monotonic() - began) * rate)
        stepping = time.thread_time()
        for _ in range(done, due):
            for agent in moving.step(clock.now()):
                hub.changed(agent)
        done = due
        spent["stepping_s"] += time.thread_time() - stepping
        spent["making_percent"] = 100 * (spent["stepping_s"] - moving.folding_s) / (time.monotonic() - began)
        moving.floor.advance(clock.now())


async def serve(seats: int, rate: float, scope_count: int) -> None:
    moving = MovingFloor(seats, clock.now())
    board = AlertBoard()
    extras = Extras(groups=GROUPS, attention=AttentionDesk)
    settings = HubSettings(viewers_max=VIEWERS_MAX)
    hub = Hub(
        floor=moving.floor, plan=generate(seats), goals=Goals(), alerts=board, clock=clock.now,
        settings=settings, extras=extras,
    )  # fmt: skip
    parts = Parts(
        floor=moving.floor, hub=hub, history=CannedHistory(clock.now()), alerts=board, recordings=Path("."),
        site="bench", clock=clock.now, status=dict, peaks=peaks_of_file,
        scopes=scopes(seats, scope_count) if scope_count else {},
    )  # fmt: skip
    runner = web.AppRunner(create_app(parts), access_log=None, shutdown_timeout=0.5, auto_decompress=False)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, backlog=1024).start()
    garbage.look_seldom()
    spent = {"stepping_s": 0.0, "making_percent": 0.0}
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(hub.run())
        tasks.create_task(feed(moving, hub, rate, spent))
        print(json.dumps({"port": runner.addresses[0][1]}), flush=True)
        await asyncio.to_thread(input_ends)
        told = {"events": moving.events, "making_percent": round(spent["making_percent"], 2)}
        print(json.dumps({**told, "hub": {str(k): v for k, v in hub.counts.items()}}), flush=True)
        raise asyncio.CancelledError


def input_ends() -> None:
    """Whoever started this process ends it by closing its standard input, or by ending."""
    try:
        input()
    except EOFError:
        return


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seats", type=int, required=True)
    parser.add_argument("--rate", type=float, required=True)
    parser.add_argument("--scopes", type=int, default=0)
    asked = parser.parse_args()
    try:
        asyncio.run(serve(asked.seats, asked.rate, asked.scopes))
    except asyncio.CancelledError:
        return


if __name__ == "__main__":
    main()
