"""A machine's clock is set while an alert is on its way: nobody is told twice, too early, or an hour too late.

The engine with its real store; the two clocks are the alerter's own and the floor's, whose time the numbers carry.
"""

import asyncio
import itertools
import os
from collections.abc import Sequence
from dataclasses import dataclass, replace

import pytest

from alerts.delivery import Delivery
from alerts.engine import AlertEngine
from alerts.routing import Route, Routing
from alerts.rules import Timing
from alerts.store import RedisAlertStore
from streams.bus.connection import client
from streams.vocabulary.facts import AlertFact
from streams.vocabulary.ids import Millis, SiteId
from tests.alerts_floor import RULE as SL
from tests.alerts_floor import SILENT, SITE, START, Feed, HandClock, RememberingChannel, numbers, until

pytestmark = pytest.mark.servers

HOUR_S = 3_600
HOLD_S, WELL, END = 20, 45, 80
"""Seconds: bad from the first on, good from the 45th. A look each second."""
LEAP_S = 15
"""What a floor's leap may count for at most (alerts/evaluate.py)."""
RULE = replace(SL, timing=Timing(hold_ms=1_000 * HOLD_S, keep_firing_ms=1_000 * HOLD_S))
PROMPT = Routing(routes=(Route(name="all", group_by=("rule", "scope"), group_wait_ms=1_000, group_interval_ms=1_000),))
_sites = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Told:
    second: int
    id: str


async def lived(url: str, *, at: int, engine_s: int, floor_s: int) -> list[Told]:
    """A minute in which the clocks are set at one second. Out: what the receiver was told, by the true second."""
    redis, site = client(url), SiteId(f"{SITE}-clock-{os.getpid()}-{next(_sites)}")
    clock, passing, feed, duty, told = HandClock(), HandClock(), Feed(), RememberingChannel("duty"), list[Told]()
    store = RedisAlertStore(redis, site=site)

    async def emit(facts: Sequence[AlertFact]) -> None:
        """Kept by nobody here."""

    engine = AlertEngine(
        site=site, rules=(RULE, SILENT), numbers=feed.numbers, store=store, emit=emit, clock=clock.now,
        passing=passing.now, deliveries={"duty": Delivery(duty, store=store, clock=clock.now)}, routing=PROMPT,
        tick_ms=5,
    )  # fmt: skip
    task = asyncio.create_task(engine.run())
    try:
        for second in range(END):
            set_now = second >= at
            passing.at = START + 1_000 * second
            clock.at = passing.at + (1_000 * engine_s if set_now else 0)
            if second == at:
                await engine.look()  # the set clock is seen before the next numbers are
            floor = second + (floor_s if set_now else 0)
            feed.put(numbers(floor, 70 if second < WELL else 95))
            seen = Millis(START + 1_000 * floor)
            await until(lambda: engine._batch is not None and engine._batch[0].at == seen)  # noqa: B023
            await engine.look()
            await until(lambda: not engine._deliveries["duty"].waiting)
            await asyncio.sleep(0.002)
            told += [Told(second, one.id) for one in duty.got[len(told) :]]
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await redis.aclose()
    return told


@pytest.mark.parametrize("hours", [1, -1], ids=["forwards", "backwards"])
@pytest.mark.parametrize("whose", ["engine", "floor", "both"])
@pytest.mark.parametrize("at", [5, 35, 50], ids=["pending", "firing", "recovering"])
def test_a_clock_that_is_set_tells_nothing_and_keeps_nothing_back(
    debian_redis_url: str, at: int, whose: str, hours: int
) -> None:
    """Fired 20 s after it fell and resolved 20 s after it was well, whatever the clocks do; of a floor whose own time
    leaps by an hour, 15 s are believed."""
    step = hours * HOUR_S
    engine_s, floor_s = step if whose != "floor" else 0, step if whose != "engine" else 0
    fired, resolved = asyncio.run(lived(debian_redis_url, at=at, engine_s=engine_s, floor_s=floor_s))
    assert fired.id.startswith("sl/queue:sales/")
    assert fired.id.endswith("/firing")
    assert resolved.id == fired.id.replace("firing", "resolved")
    early = LEAP_S if floor_s > 0 else 0
    assert HOLD_S - (early if at < HOLD_S else 0) <= fired.second <= HOLD_S + 4
    assert HOLD_S - (early if at > WELL else 0) <= resolved.second - WELL <= HOLD_S + 4
