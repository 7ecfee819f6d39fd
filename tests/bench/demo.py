"""The whole demo: how soon its page is usable, how much memory each process holds, what came of its calls.

In: `BENCH_DEMO_SECONDS` (default 660: the issue's ten minutes and a bit). Out: RSS in MB by process, highest and last,
seconds from the command to /readyz, the summary line. Page-shared memory counts in each process: the sum overstates.
"""

import os
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections import defaultdict
from pathlib import Path

from tests.bench import _report
from tests.servers import free_port

SECONDS = int(os.environ.get("BENCH_DEMO_SECONDS", "660"))
EVERY_S = 5.0
NAMES = (
    ("--roles collect", "live"),
    ("--roles archive", "history"),
    ("--roles transcribe", "transcribe"),
    ("asr.recognizer", "recogniser"),
    ("asr.decode_child", "decode"),
    ("monitor.demo.switch", "switch"),
    ("valkey-server", "valkey"),
    ("monitor.cli demo", "parent"),
)


def session_memory_mb(session: int) -> dict[str, float]:
    """RSS by kind of process over everything that the demo started."""
    found: dict[str, float] = defaultdict(float)
    page_mb = os.sysconf("SC_PAGE_SIZE") / 2**20
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            if os.getsid(int(entry.name)) != session:
                continue
            command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
            pages = int((entry / "statm").read_text().split()[1])
        except (OSError, IndexError):
            continue  # it ended between two looks
        kind = next((name for mark, name in NAMES if mark in command), "other")
        found[kind] += pages * page_mb
    return found


def until_ready(url: str, *, timeout_s: float) -> float:
    began = time.monotonic()
    while time.monotonic() - began < timeout_s:
        try:
            with urllib.request.urlopen(f"{url}/readyz", timeout=1) as answer:
                if answer.status == 200:
                    return time.monotonic() - began
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise RuntimeError(f"the demo is not ready after {timeout_s} s")


def measure() -> dict[str, _report.Json]:
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="fw-") as data:
        command = (sys.executable, "-m", "monitor.cli", "demo", "--data", data, "--port", str(port))
        demo = subprocess.Popen(
            (*command, "--for", str(SECONDS)), start_new_session=True, stdout=subprocess.PIPE, text=True
        )
        ready_s = until_ready(f"http://127.0.0.1:{port}", timeout_s=120)
        highest: dict[str, float] = defaultdict(float)
        highest_sum = 0.0
        last: dict[str, float] = {}
        ends = time.monotonic() + SECONDS - 2
        while time.monotonic() < ends:
            last = dict(session_memory_mb(demo.pid))
            highest_sum = max(highest_sum, sum(last.values()))
            for kind, mb in last.items():
                highest[kind] = max(highest[kind], mb)
            time.sleep(EVERY_S)
        output, _ = demo.communicate(timeout=120)
    summary = next((line for line in output.splitlines() if line.startswith("events=")), "")
    return {
        "seconds": SECONDS,
        "ready_seconds": round(ready_s, 1),
        "exit_code": demo.returncode,
        "summary": summary,
        "rss_mb_all": round(highest_sum),
        "rss_mb_highest": {kind: round(mb) for kind, mb in sorted(highest.items())},
        "rss_mb_last": {kind: round(mb) for kind, mb in sorted(last.items())},
        "load": round(os.getloadavg()[1], 1),
        "machine": _report.machine(),
    }


if __name__ == "__main__":
    _report.tell("demo", measure)
