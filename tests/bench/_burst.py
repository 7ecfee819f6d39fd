"""5,000 simulated seats at ten times their normal rate through the real service: what is lost, how late, how large.

In: seconds of play. A capture of the demo's switch is made first, then played over TCP to `floorwatch serve` with its
embedded stores. Out: lag, memory, and every count of the warehouse beside the count of the bytes themselves.
"""

import json
import math
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections import Counter
from pathlib import Path
from typing import Any

from streams.collect.capture import events_of, open_capture
from streams.translate.asterisk import AsteriskTranslator
from streams.vocabulary.ids import SiteId, SourceId
from tests.bench.demo import session_memory_mb, until_ready
from tests.servers import free_port

SEATS = 5_000
FACTOR = 10
CAUGHT_UP_S = 30
COUNTED = (
    "contact_queued",
    "contact_offered",
    "contact_accepted",
    "contact_answered",
    "contact_abandoned",
    "contact_overflowed",
    "contact_ended",
    "agent_not_ready",
    "agent_ready",
)
"""Kinds of which the bytes alone decide how many there are, whenever they are read."""

LAG = "floorwatch_lag_seconds"
CONFIG = """[site]
id = "burst"
seats = {seats}
timezone = "UTC"
[store]
data = "data"
[web]
port = {web}
[[source]]
kind = "asterisk"
id = "asterisk"
host = "127.0.0.1"
port = {ami}
username = "floorwatch"
secret = "bench"
queues_conf = "etc/queues.conf"
"""


def measure(seconds: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="fw-") as place:
        folder = Path(place)
        making = ("monitor.demo.switch", "--agents", str(SEATS), "--capture", place)
        minutes = str(seconds * FACTOR / 60)
        subprocess.run([sys.executable, "-m", *making, "--minutes", minutes], check=True, timeout=900)
        wanted = counts_of(folder)
        player = subprocess.Popen(
            [sys.executable, "-m", "tests.bench._player", place, str(FACTOR), f"{place}/port", f"{place}/played"]
        )
        try:
            return _run(folder, wanted, seconds)
        finally:
            player.terminate()
            player.wait(10)


def counts_of(folder: Path) -> Counter[str]:
    capture = open_capture(folder)
    translator = AsteriskTranslator(site=SiteId("burst"), source=SourceId("asterisk"), settings=capture.settings)
    return Counter(event.__struct_config__.tag for event in events_of(capture, translator))


def _run(folder: Path, wanted: Counter[str], seconds: int) -> dict[str, Any]:
    web = free_port()
    config = folder / "floorwatch.toml"
    config.write_text(CONFIG.format(seats=SEATS, web=web, ami=_soon(folder / "port")))
    command = (sys.executable, "-m", "monitor.cli", "serve", "-c", str(config))
    with (folder / "serve.log").open("wb") as log:
        service = subprocess.Popen(command, start_new_session=True, stdout=log, stderr=log)
    try:
        until_ready(f"http://127.0.0.1:{web}", timeout_s=120)
        seen = _watch(folder, f"http://127.0.0.1:{web}", service.pid, seconds)
        stored = _stored(config, wanted)
    finally:
        service.terminate()
        service.wait(60)
    played = json.loads((folder / "played").read_text())
    missing = {kind: wanted[kind] - stored[kind] for kind in COUNTED if wanted[kind] != stored[kind]}
    return {
        "seats": SEATS,
        "factor": FACTOR,
        "seconds": round(played["seconds"], 1),
        "events": sum(wanted.values()),
        "events_per_second": round(sum(wanted.values()) / played["seconds"]),
        "ami_bytes_per_second": round(played["bytes"] / played["seconds"]),
        "latest_write_s": round(played["latest_write_s"], 2),
        "missing": missing,
        "nothing_lost": not missing,
        **seen,
    }


def _watch(folder: Path, url: str, session: int, seconds: int) -> dict[str, Any]:
    """Looks twice a second until everything that was played is folded and stored."""
    highest: Counter[str] = Counter()
    history: list[float] = []
    worst_lag_s, worst_store_lag_s, caught_up_s = 0.0, 0.0, None
    deadline = time.monotonic() + seconds + 240
    while time.monotonic() < deadline:
        memory = session_memory_mb(session)
        for kind, mb in memory.items():
            highest[kind] = max(highest[kind], round(mb))
        history.append(memory.get("history", 0.0))
        lag_s, slowest_s = lag_of(url)
        worst_lag_s = max(worst_lag_s, lag_s)
        worst_store_lag_s = max(worst_store_lag_s, slowest_s if math.isfinite(slowest_s) else 0.0)
        if (folder / "played").exists():
            ended = json.loads((folder / "played").read_text())["ended"]
            if slowest_s < 1:
                caught_up_s = max(0.0, time.time() - ended)
                break
        time.sleep(0.5)
    half = len(history) // 2
    return {
        "worst_lag_s": round(worst_lag_s, 2),
        "worst_store_lag_s": round(worst_store_lag_s, 2),
        "caught_up_s": None if caught_up_s is None else round(caught_up_s, 1),
        "rss_mb_highest": dict(highest),
        "history_mb_half_way": round(max(history[: half or 1])),
        "history_mb_highest": round(max(history)),
    }


def lag_of(url: str) -> tuple[float, float]:
    """(how far the floor is behind the switch, how far the slowest reader is), seconds."""
    with urllib.request.urlopen(f"{url}/metrics", timeout=10) as answer:
        rows = answer.read().decode().splitlines()
    lags = [row for row in rows if row.startswith("floorwatch_lag_seconds{")]
    if not lags:  # the service has not looked yet
        return 0.0, math.inf
    unsent_s = _figure([row for row in rows if row.startswith("floorwatch_spool_oldest_unsent_seconds{")], "spool")
    floor_s = _figure([row for row in lags if 'reader="floor"' in row], LAG)
    return unsent_s + floor_s, unsent_s + _figure(lags, LAG)


def _figure(rows: list[str], name: str) -> float:
    """The largest of these series."""
    found = [float(row.rpartition(" ")[2]) for row in rows]
    if not found:
        raise RuntimeError(f"/metrics has no {name}")
    return max(found)


def _stored(config: Path, wanted: Counter[str]) -> Counter[str]:
    """What the warehouse has, once it has it all or stops growing."""
    sql = "SELECT kind, count() FROM events FINAL GROUP BY kind"
    command = (sys.executable, "-m", "monitor.cli", "sql", sql, "-c", str(config), "--json")
    stored: Counter[str] = Counter()
    for _ in range(CAUGHT_UP_S):
        done = subprocess.run(command, capture_output=True, check=True, timeout=60)
        before, stored = stored, Counter({kind: int(count) for kind, count in json.loads(done.stdout)["rows"]})
        if all(stored[kind] >= wanted[kind] for kind in COUNTED) or stored == before:
            return stored
        time.sleep(1)
    return stored


def _soon(path: Path) -> int:
    for _ in range(200):
        if path.exists():
            return int(path.read_text())
        time.sleep(0.05)
    raise RuntimeError("the player did not start")


if __name__ == "__main__":
    try:
        print(json.dumps(measure(int(sys.argv[1]) if len(sys.argv) > 1 else 60), indent=1))
    except urllib.error.URLError as error:
        raise SystemExit(f"the service does not answer: {error}") from error
