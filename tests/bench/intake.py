"""1,000 queued recordings: how fast they come in, go through the queue, and what stays in memory. Out: one JSON object.

In: the real ledger and lanes on a real redis-server, files in a watched folder; the worker only hands jobs back, for
recognising is measured by tests.bench.asr. Run: python -m tests.bench.intake --json
"""

import asyncio
import json
import statistics
import sys
import tempfile
import time
from pathlib import Path
from zoneinfo import ZoneInfo

import psutil  # type: ignore[import-untyped]
from redis.asyncio import Redis

from asr.intake_names import DEFAULTS
from asr.ledger import Step, recording_fact
from asr.transcript import Transcript
from monitor import clock
from monitor.intake import Intake
from monitor.intake_files import Surroundings, job_of_file
from monitor.intake_watch import FolderWatch
from monitor.transcription import BusPort
from streams.bus import names
from streams.bus.connection import client
from streams.vocabulary.ids import Millis, SiteId
from tests.servers import DebianRedis

RECORDINGS = 1_000
SITE = SiteId("gz")


async def measured(folder: Path, url: str, recordings: int) -> dict[str, object]:
    import re

    redis = client(url)
    around = Surroundings(
        folder=folder, sites={SITE: ZoneInfo("UTC")}, names=[re.compile(one) for one in DEFAULTS], agent_channel=0
    )
    intake = Intake(redis, clock=clock.now)
    watch = FolderWatch(folder, (".",), stable_ms=1)
    process = psutil.Process()
    before = process.memory_info().rss
    watch.look(clock.now())
    began = time.perf_counter()
    latencies: list[float] = []
    await asyncio.sleep(0.01)
    while whole := watch.look(clock.now()):
        for one in whole:
            at = time.perf_counter()
            await intake.announce(job_of_file(one.path, around, changed_at=one.changed_at, now=clock.now()))
            latencies.append((time.perf_counter() - at) * 1000)
    came_s = time.perf_counter() - began
    port = BusPort(redis, name="bench")
    await port.open()
    began = time.perf_counter()
    cpu = process.cpu_times()
    done = 0
    halves: list[int] = []
    while done < recordings:
        taken = await port.take()
        if taken is None:
            continue
        job = taken.job
        heard = Transcript(
            site=job.site, contact=job.contact, contact_at=job.contact_at, model="m", duration_ms=1, channels=2,
            utterances=(),
        )  # fmt: skip
        await port.done(taken.token, [recording_fact(job, Step.DONE, attempts=taken.attempts, of=heard)], heard)
        done += 1
        if done in (recordings // 2, recordings):
            halves.append(process.memory_info().rss)
    through_s = time.perf_counter() - began
    spent = process.cpu_times()
    balance = await intake.store.balance(SITE)
    ledger = sum([await held(redis, key) for key in await redis.keys("asr:*")])
    streams = sum([await held(redis, key) for key in (names.FACTS, names.JOBS_SCORE)])
    await redis.aclose()
    latencies.sort()
    return {
        "recordings": recordings,
        "intake_p50_ms": round(statistics.median(latencies), 2),
        "intake_p99_ms": round(latencies[int(len(latencies) * 0.99)], 2),
        "intake_per_s": round(recordings / came_s),
        "queue_per_s": round(recordings / through_s),
        "queue_cpu_ms_each": round((spent.user + spent.system - cpu.user - cpu.system) * 1000 / recordings, 2),
        "rss_growth_mb": round((halves[-1] - before) / 1e6, 1),
        "rss_second_half_mb": round((halves[-1] - halves[0]) / 1e6, 1),
        "ledger_bytes_each": ledger // recordings,
        "streams_bytes_each": streams // recordings,
        "balanced": not (balance.arrived_off or balance.created_off) and balance.done == recordings,
    }


async def held(redis: Redis, key: str | bytes) -> int:
    return int(await redis.memory_usage(key, samples=0) or 0)


def main() -> None:
    with tempfile.TemporaryDirectory() as place:
        folder, bus_folder = Path(place) / "in", Path(place) / "bus"
        folder.mkdir()
        bus_folder.mkdir()
        base = Millis(clock.now()) // 1000 - 3_600
        for number in range(RECORDINGS):
            (folder / f"{base + number}.{number}.wav").write_bytes(b"x" * 100)
        bus = DebianRedis(bus_folder).start()
        try:
            told = asyncio.run(measured(folder, bus.url, RECORDINGS))
        finally:
            bus.stop()
    told["machine"] = {"cores": psutil.cpu_count(), "load": psutil.getloadavg()[0]}
    print(json.dumps(told) if "--json" in sys.argv else "\n".join(f"{name}: {value}" for name, value in told.items()))


if __name__ == "__main__":
    main()
