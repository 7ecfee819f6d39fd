"""The wall under load: what the server's process costs, how old a change is when a browser can read it.

In: seats, viewers, changes per second. Out: one JSON object. The real application and hub in one process over a floor
that real events move, the viewers' sockets read in another. CPU is the server process's own, the floor's fold included,
without what inventing the events costs (`server.making_percent`, measured beside it);
`socket_*_ms` is from the event's moment (`since` of the row) to the read of the bytes, the tick's 50 ms included.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil  # type: ignore[import-untyped]

from tests.bench import _report

ROOT = Path(__file__).parents[2]
SETTLE_S = 4.0
STOPPED = 20
STOPPED_S = 5.0
WANTED = {"server_cpu_percent": 5.0, "socket_p99_ms": 100.0, "rss_mb": 300.0, "rss_mb_per_stopped_viewer": 1.0}


class Child:
    """A process that takes commands as lines and answers with JSON lines. Mutable; ends with its `with`."""

    def __init__(self, module: str, *arguments: str) -> None:
        command = [sys.executable, "-m", module, *arguments]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT, bufsize=1
        )

    def __enter__(self) -> "Child":
        return self

    def __exit__(self, *_: object) -> None:
        assert self.process.stdin is not None
        if not self.process.stdin.closed:
            self.process.stdin.close()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def say(self, line: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def hear(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit(f"{self.process.args!r} ended before it answered")
        answer: dict[str, Any] = json.loads(line)
        return answer


@contextmanager
def crowded(asked: argparse.Namespace) -> Iterator[tuple[Child, Child]]:
    scopes = ["--scopes", str(asked.scopes)]
    plain = ["--plain"] if asked.plain else []
    with Child(
        "tests.bench._wall_server", "--seats", str(asked.seats), "--rate", str(asked.rate), *scopes
    ) as server:  # fmt: skip
        port = str(server.hear()["port"])
        with Child(
            "tests.bench._wall_viewers", "--port", port, "--viewers", str(asked.viewers), *scopes, *plain
        ) as viewers:  # fmt: skip
            viewers.hear()
            time.sleep(SETTLE_S)
            yield server, viewers


def measured(asked: argparse.Namespace) -> dict[str, _report.Json]:
    with crowded(asked) as (server, viewers):
        process = psutil.Process(server.process.pid)
        load_before = os.getloadavg()[0]
        viewers.say("forget")
        before, began = process.cpu_times(), time.monotonic()
        time.sleep(asked.seconds)
        took_s, after = time.monotonic() - began, process.cpu_times()
        user_s, system_s = after.user - before.user, after.system - before.system
        viewers.say("tell")
        seen = viewers.hear()
        rss = process.memory_info().rss
        viewers.say(f"stop {STOPPED}")
        time.sleep(STOPPED_S)
        grown = process.memory_info().rss - rss
        viewers.say("end")
        server.say("")
        told = server.hear()
    return {
        "machine": _report.machine(),
        "input": {"seats": asked.seats, "viewers": asked.viewers, "rate": asked.rate, "scopes": asked.scopes,
                  "plain": asked.plain, "seconds": asked.seconds},
        "load": [round(load_before, 1), round(os.getloadavg()[0], 1)],
        "server_cpu_percent": round(100 * (user_s + system_s) / took_s - told["making_percent"], 2),
        "server_cpu_percent_in_kernel": round(100 * system_s / took_s, 2),
        "socket_p50_ms": round(seen["p50_ms"], 1),
        "socket_p99_ms": round(seen["p99_ms"], 1),
        "socket_max_ms": round(seen["max_ms"], 1),
        "bytes_per_viewer_second": round(seen["bytes"] / took_s / asked.viewers),
        "text_bytes_per_viewer_second": round(seen["text_bytes"] / took_s / seen["sampled"]),
        "frames_per_viewer_second": round(seen["frames"] / took_s / seen["sampled"], 1),
        "rss_mb": round(rss / 1e6, 1),
        "rss_mb_per_stopped_viewer": round(max(0, grown) / 1e6 / STOPPED, 3),
        "changes_read": seen["changes_read"],
        "gaps": seen["gaps"],
        "bytes_of_words_of_one_viewer": seen["kinds"],
        "server": told,
    }  # fmt: skip


def missed(result: Mapping[str, Any]) -> list[str]:
    """Which of the wanted figures were not reached."""
    return [f"{key} {result[key]} > {most}" for key, most in WANTED.items() if result[key] > most]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.wall")
    parser.add_argument("--json", action="store_true", help="one JSON object, for machines")
    parser.add_argument("--seats", type=int, default=5_000)
    parser.add_argument("--viewers", type=int, default=100)
    parser.add_argument("--rate", type=float, default=167.0)
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--scopes", type=int, default=0, help="share the viewers among so many scopes; 0: all see all")
    parser.add_argument("--plain", action="store_true", help="viewers that offer no permessage-deflate")
    asked = parser.parse_args()
    result = measured(asked)
    if asked.json:
        print(json.dumps(result, ensure_ascii=False))
        return
    for key, value in result.items():
        print(f"{key}: {value}")
    print("not reached:", ", ".join(missed(result)) or "nothing")


if __name__ == "__main__":
    main()
