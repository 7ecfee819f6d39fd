"""kill -9 of the whole service in mid-demo: what was acknowledged is there once, and the floor's facts are its fold."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import msgspec
import pytest
import redis

from streams.bus.embedded import url_of
from streams.floor.fold import Floor
from streams.floor.outputs import Output
from streams.vocabulary.codec import decode_event, decode_event_json
from streams.vocabulary.facts import ContactLeg
from streams.vocabulary.ids import SiteId
from tests.servers import free_port

DEMO = (sys.executable, "-m", "monitor.cli", "demo")
EVENTS = "events:{demo}"


def start_demo(data: Path, *, seconds: int) -> subprocess.Popen[bytes]:
    """In a session of its own, so that one signal reaches every process of it."""
    arguments = (*DEMO, "--data", str(data), "--port", str(free_port()), "--seats", "60", "--speed", "4")
    return subprocess.Popen((*arguments, "--for", str(seconds)), start_new_session=True, stdout=subprocess.DEVNULL)


def kill_all(demo: subprocess.Popen[bytes]) -> None:
    """kill -9 of every process of the session at once, children of children included."""
    session = os.getsid(demo.pid)
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                if os.getsid(int(entry.name)) == session:
                    os.kill(int(entry.name), signal.SIGKILL)
            except (ProcessLookupError, PermissionError):
                continue
    demo.wait()


def acknowledged(data: Path, *, at_least: int, timeout_s: float = 120) -> set[str]:
    """Ids of the events that the bus has accepted, read as an outsider while the service runs."""
    deadline = time.monotonic() + timeout_s
    seen: set[str] = set()
    position = b"0-0"
    while len(seen) < at_least:
        assert time.monotonic() < deadline, f"only {len(seen)} events within {timeout_s} s"
        try:
            with redis.Redis.from_url(url_of(data / "valkey")) as bus:
                for identity, fields in bus.xrange(EVENTS, b"(" + position, "+"):
                    seen.add(decode_event(fields[b"b"]).id)
                    position = identity
        except redis.exceptions.ConnectionError:
            time.sleep(0.2)
        time.sleep(0.2)
    return seen


def rows(data: Path, sql: str) -> list[list[Any]]:
    """Through `floorwatch sql`, as ops would ask once the service is down."""
    command = (sys.executable, "-m", "monitor.cli", "sql", sql, "-c", str(data / "floorwatch.toml"), "--json")
    answer = subprocess.run(command, capture_output=True, check=True, text=True)
    found: list[list[Any]] = json.loads(answer.stdout)["rows"]
    return found


def folded_legs(bodies: list[str]) -> dict[tuple[str, int, str], tuple[str, int, int]]:
    """The legs that these events mean: (contact, leg, queue) -> (outcome, wait, talk and hold)."""
    floor = Floor(SiteId("demo"))
    outputs: list[Output] = []
    for body in bodies:
        outputs += floor.apply(decode_event_json(msgspec.json.format(body.encode())))
    legs = [one for one in outputs if isinstance(one, ContactLeg)]
    legs.sort(key=lambda leg: leg.ver)
    return {(leg.contact, leg.leg, leg.queue): (leg.outcome, leg.wait_ms, leg.talk_ms + leg.hold_ms) for leg in legs}


@pytest.mark.servers
@pytest.mark.slow
@pytest.mark.timeout(480)
def test_kill_9_of_everything_loses_and_doubles_nothing(tmp_path: Path) -> None:
    """Killed twice in mid-work, then run to its end: every acknowledged event is stored once, facts are its fold."""
    data = tmp_path / "d"
    promised: set[str] = set()
    for least in (900, 1_400):
        demo = start_demo(data, seconds=120)
        try:
            promised |= acknowledged(data, at_least=least)
        finally:
            kill_all(demo)
    last = start_demo(data, seconds=12)
    assert last.wait(timeout=150) == 0

    stored = rows(data, "SELECT concat(site, '/', source, '/', toString(seq)) FROM events FINAL")
    ids = [row[0] for row in stored]
    assert len(ids) == len(set(ids))
    assert promised - set(ids) == set()

    bodies = [row[0] for row in rows(data, "SELECT body FROM events FINAL ORDER BY source, seq")]
    expected = folded_legs(bodies)
    legs = rows(data, "SELECT contact, leg, queue, outcome, wait_ms, talk_ms + hold_ms FROM contact_legs FINAL")
    assert len(legs) == len({(row[0], row[1], row[2]) for row in legs})
    assert {(row[0], row[1], row[2]): (row[3], row[4], row[5]) for row in legs} == expected
    assert sum(row[3] == "answered" for row in legs) > 20
