"""Several machines that transcribe over one bus. In: how many recordings of each site. Out: processes, facts.

Each machine has a data folder of its own and sees the recordings under the same path. Nothing else runs: what they tell
stays on the bus.
"""

import hashlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
import psutil  # type: ignore[import-untyped]
import redis

from asr.intake_states import IN_HAND
from asr.jobs import RecordingJob
from monitor.intake_desk import WORKERS_KEY
from monitor.intake_store import prefix
from streams.bus import names
from streams.vocabulary.codec import decode_fact
from streams.vocabulary.facts import RecordingFact
from streams.vocabulary.ids import ContactId, Millis, SiteId
from tests.faults.recordings import short_audio
from tests.servers import DebianRedis, stop_process

LEASE_S = 5
SECONDS = 2
SITES = ("gz", "sz")
CONFIG = """[site]
id = "gz"
timezone = "UTC"
[[branch]]
id = "sz"
[store]
data = "{data}"
[redis]
url = "{redis}"
[recordings]
folder = "{folder}"
lease_s = {lease}
"""


@dataclass
class Transcribers:
    folder: Path
    bus: DebianRedis
    audio: Path
    processes: dict[str, "subprocess.Popen[bytes]"] = field(default_factory=dict)

    def start(self, machine: str) -> None:
        config = self.folder / f"{machine}.toml"
        text = CONFIG.format(data=self.folder / machine, redis=self.bus.url, folder=self.audio.parent, lease=LEASE_S)
        config.write_text(text, encoding="utf-8")
        command = (sys.executable, "-m", "monitor.cli", "serve", "-c", str(config), "--roles", "transcribe")
        with (self.folder / f"{machine}.log").open("ab") as log:
            self.processes[machine] = subprocess.Popen(command, stdout=log, stderr=log, env=dict(os.environ))

    def kill_with_work(self, machine: str) -> list[str]:
        """-9, with its recogniser's child, at a moment when it has recordings in hand: which."""
        process = self.processes[machine]
        held: list[str] = []
        while not held:
            process.send_signal(signal.SIGCONT)
            time.sleep(0.1)
            process.send_signal(signal.SIGSTOP)
            held = self.in_hand(machine)
        for one in (*psutil.Process(process.pid).children(recursive=True), process):
            one.kill()
        process.wait()
        return held

    def announce(self, site: str, recordings: int) -> list[str]:
        """As a switch does: the same audio for all."""
        base = int(time.time()) - 3_600
        contacts = [f"{base + number}.{site}{number}" for number in range(recordings)]
        with self.client() as client:
            for contact in contacts:
                path = self.audio.with_name(f"{contact}.wav")
                os.link(self.audio, path)
                job = RecordingJob(
                    site=SiteId(site), contact=ContactId(contact), contact_at=Millis(base * 1000), path=str(path)
                )
                client.xadd(names.JOBS_ASR, {"b": msgspec.msgpack.encode(job)})
        return contacts

    def client(self) -> Any:
        return redis.Redis.from_url(self.bus.url)

    def facts(self) -> list[RecordingFact]:
        with self.client() as client:
            told = [decode_fact(fields[b"b"]) for _, fields in client.xrange(names.FACTS)]
        return [one for one in told if isinstance(one, RecordingFact)]

    def done(self) -> list[str]:
        """In the order in which they ended."""
        return [one.contact for one in self.facts() if one.state == "done"]

    def in_hand(self, machine: str) -> list[str]:
        keys = [(prefix(SiteId(site)), state) for site in SITES for state in IN_HAND]
        with self.client() as client:
            busy = [(key, one.decode()) for key, state in keys for one in client.zrange(f"{key}in:{state}", 0, -1)]
            holders = [(one, client.hget(f"{key}r:{one}", "h") or b"") for key, one in busy]
        return [one for one, holder in holders if self.is_of(holder.decode(), machine)]

    def is_of(self, member: str, machine: str) -> bool:
        """A process is named after its role, its host and its data folder's digest."""
        place = hashlib.sha256(os.fsencode((self.folder / machine).resolve())).hexdigest()[:4]
        return f"-{place}-" in member

    def counts(self, machine: str) -> dict[str, int]:
        """As it last told them; {}: it has not begun."""
        with self.client() as client:
            told = client.hgetall(WORKERS_KEY)
        counts = {name.decode(): msgspec.msgpack.decode(blob)[1] for name, blob in told.items()}
        return next((one for name, one in counts.items() if self.is_of(name, machine)), {})

    def until(self, holds: Callable[[], bool], *, within_s: float = 120.0) -> None:
        deadline = time.monotonic() + within_s
        while not holds():
            dead = [name for name, one in self.processes.items() if one.poll() not in (None, -9)]
            assert not dead, f"{dead} ended by themselves\n{self.tails()}"
            assert time.monotonic() < deadline, f"not within {within_s} s: {self.tails()}"
            time.sleep(0.05)

    def tails(self) -> str:
        return "\n".join(path.read_text(errors="replace")[-1500:] for path in sorted(self.folder.glob("*.log")))


@contextmanager
def transcribers(folder: Path, machines: Sequence[str]) -> Iterator[Transcribers]:
    (folder / "bus").mkdir()
    (folder / "recordings").mkdir()
    audio = short_audio(folder / "recordings" / "short.wav", seconds=SECONDS)
    found = Transcribers(folder, DebianRedis(folder / "bus").start(), audio)
    try:
        for machine in machines:
            found.start(machine)
        yield found
    finally:
        for process in found.processes.values():
            stop_process(process)
        found.bus.stop()
