"""Recordings laid into a watched folder while everything is killed. In: a seed, how many. Out: what became of all.

Real redis-server with its append-only file, real vosk, every role a process of its own; only its own processes are
killed.
"""

import json
import os
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil  # type: ignore[import-untyped]
import soundfile

from asr.models import DEMO_CALLS_DIR
from tests.faults.story import SOURCE
from tests.faults.world import PUSHED, TOKEN, World
from tests.servers import stop_process

SECTION = """
[recordings]
folder = "{folder}"
watch = ["in"]
stable_s = 1
secret = "{token}"
"""
KINDS = ("child", "transcribe", "live", "history", "bus")
SECONDS = 4
DONE_S = 240.0


@dataclass
class Recorders:
    """A world that also transcribes."""

    world: World
    folder: Path
    processes: dict[str, "subprocess.Popen[bytes]"] = field(default_factory=dict)
    killed: list[str] = field(default_factory=list)

    def start(self, name: str = "transcribe-0") -> None:
        config = str(self.world.config)
        command = (sys.executable, "-m", "monitor.cli", "serve", "-c", config, "--roles", "transcribe")
        with (self.world.folder / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(command, stdout=log, stderr=log)

    def keep(self) -> None:
        """What a supervisor does."""
        self.world.kept()
        for name, process in self.processes.items():
            if process.poll() is not None:
                self.start(name)

    def kill(self, kind: str) -> None:
        self.killed.append(kind)
        match kind:
            case "child":
                for child in psutil.Process(self.processes["transcribe-0"].pid).children(recursive=True):
                    child.kill()
            case "transcribe":
                self.processes["transcribe-0"].kill()
                self.processes["transcribe-0"].wait()
            case "bus":
                self.world.bus.kill()
                time.sleep(0.5)
                self.world.bus.start()
            case _:
                self.world.kill(kind)
                time.sleep(0.5)
                self.world.start(kind)

    def seen(self) -> dict[str, Any]:
        """The ledger as the command line tells it; {} while the bus is away."""
        command = (sys.executable, "-m", "monitor.cli", "recordings", "ledger", "-c", str(self.world.config), "--json")
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, env=dict(os.environ))
        found: dict[str, Any] = json.loads(done.stdout) if done.returncode in (0, 1) and done.stdout else {}
        return found

    def close(self) -> None:
        for process in self.processes.values():
            stop_process(process)
        self.world.close()


@contextmanager
def recorders(folder: Path, *, valkey: bool = False) -> Iterator[Recorders]:
    recordings = folder / "recordings"
    (recordings / "in").mkdir(parents=True)
    from streams.vocabulary.states import Order

    pushed = PUSHED.format(source=SOURCE, order=Order.NUMBERED, token=TOKEN)
    section = SECTION.format(folder=recordings, token="a-token-of-recordings-only")
    world = World(folder, valkey=valkey, clickhouse=False, sources=pushed + section)
    found = Recorders(world, recordings)
    try:
        world.open()
        found.start()
        yield found
    finally:
        found.close()


def short_audio(path: Path, *, seconds: int = SECONDS) -> Path:
    """The beginning of a demo call: two channels, a greeting."""
    samples, rate = soundfile.read(next(iter(sorted(DEMO_CALLS_DIR.glob("c01*.flac")))))
    soundfile.write(path, samples[: seconds * rate], rate, subtype="PCM_16")
    return path


def live_through(room: Recorders, *, seed: int, recordings: int, kills: int) -> list[str]:
    """Lays files in by renaming them, kills meanwhile; the contacts' ids."""
    chance = random.Random(seed)
    audio = short_audio(room.world.folder / "short.wav")
    base = int(time.time()) - 3_600
    contacts = [f"{base + number}.{number}" for number in range(recordings)]
    due = sorted(chance.uniform(0, recordings) for _ in range(kills))
    kinds = [KINDS[number % len(KINDS)] for number in range(kills)]
    chance.shuffle(kinds)
    for number, contact in enumerate(contacts):
        part = room.folder / "in" / f".{contact}.part"
        shutil.copyfile(audio, part)
        part.rename(part.with_name(f"{contact}.wav"))
        time.sleep(0.1)
        while due and due[0] <= number:
            due.pop(0)
            time.sleep(chance.uniform(0.3, 2.5))
            room.kill(kinds.pop())
            room.keep()
    for kind in kinds:
        time.sleep(chance.uniform(0.3, 2.5))
        room.kill(kind)
        room.keep()
    return contacts


def until_done(room: Recorders, recordings: int, *, within_s: float = DONE_S) -> dict[str, Any]:
    deadline = time.monotonic() + within_s
    seen: dict[str, Any] = {}
    while time.monotonic() < deadline:
        room.keep()
        seen = room.seen()
        if seen.get("arrived") == recordings and seen["done"] + seen["quarantined"] == recordings:
            return seen
        time.sleep(1)
    raise AssertionError(f"not done within {within_s} s after {room.killed}: {seen}\n{room.world.log_tail()}")
