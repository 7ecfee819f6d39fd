"""Whose recording is it? By time over the real warehouse, by a person over HTTP; history balances like the ledger."""

import json
import os
import time
import urllib.error
import urllib.request
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from asr.intake_states import State
from streams.vocabulary import events as ev
from streams.vocabulary.codec import encode_json_lines
from streams.vocabulary.ids import Millis
from tests.faults.recordings import Recorders, recorders, short_audio
from tests.faults.story import SITE, SOURCE

TOKEN = "a-token-of-recordings-only"
ROWS = "SELECT contact, state, matched FROM recordings FINAL WHERE state != 'matched' ORDER BY contact LIMIT 99"


def talked(room: Recorders, contacts: dict[str, str], *, answered: Millis) -> None:
    """Each contact was answered by its agent then, and is over."""
    events: list[ev.Event] = []
    for contact, agent in contacts.items():
        told: dict[str, Any] = {"site": SITE, "source": SOURCE, "contact": contact, "leg": 1, "queue": "vip"}
        steps: tuple[tuple[int, Any, dict[str, str]], ...] = (
            (-9_000, ev.ContactQueued, {}),
            (-2_000, ev.ContactOffered, {"agent": agent}),
            (0, ev.ContactAnswered, {"agent": agent}),
            (30_000, ev.ContactEnded, {"agent": agent, "ended_by": "customer"}),
        )
        for after, kind, more in steps:
            events.append(kind(at=Millis(answered + after), seq=len(events) + 1, **told, **more))
    assert room.world.push(encode_json_lines(sorted(events, key=lambda one: (one.at, one.seq))).splitlines())


def asked(room: Recorders, path: str, body: bytes | None = None) -> Any:
    headers = {"Authorization": f"Bearer {TOKEN}", "X-Floorwatch": "1"}
    url = f"http://127.0.0.1:{room.world.web}/api/v1/recordings{path}"
    with urllib.request.urlopen(urllib.request.Request(url, data=body, headers=headers), timeout=20) as answer:
        return json.load(answer)


def archived(room: Recorders) -> int:
    try:
        return len(room.world.get("/api/v1/contacts")["contacts"])
    except urllib.error.HTTPError as error:
        if error.code != 503:  # history begins later than the pages
            raise
        return 0


def until(room: Recorders, holds: Any, *, within_s: float = 120.0) -> Any:
    deadline = time.monotonic() + within_s
    while not (found := holds()):
        room.keep()
        assert time.monotonic() < deadline, f"{room.seen()}\n{room.world.log_tail()}"
        time.sleep(0.5)
    return found


@pytest.mark.servers
@pytest.mark.vosk
@pytest.mark.slow
@pytest.mark.timeout(300)
def test_recordings_find_their_contacts_and_history_balances(tmp_path: Path) -> None:
    """One by its agent's time, marked so; one by a person, from what was near; one by nobody: in history too."""
    answered = Millis((time.time_ns() // 10**9 - 600) * 1000)
    base = answered // 1000 - 9
    contacts = {f"{base}.1": "8001", f"{base}.2": "8002"}
    with recorders(tmp_path) as room:
        talked(room, contacts, answered=answered)
        until(room, lambda: archived(room) == len(contacts))
        audio = short_audio(tmp_path / "short.wav", seconds=2)
        written = datetime.fromtimestamp(answered / 1000 + 3, UTC)
        os.rename(audio, room.folder / "in" / f"8001-{written:%Y%m%d-%H%M%S}.wav")
        body = short_audio(tmp_path / "short.wav", seconds=2).read_bytes()
        waits = asked(room, f"?name=x.wav&agent=8002&at={answered + 140_000}", body)
        assert asked(room, f"?name=y.wav&at={answered + 5_000}", body + b"\0\0")["state"] == "waits"
        near = asked(room, f"/near?site={SITE}&recording={waits['recording']}")
        (offered,) = near["contacts"]
        assert (offered["contact"], offered["away_ms"]) == (f"{base}.2", -140_000)
        query = f"site={SITE}&recording={waits['recording']}&contact={offered['contact']}"
        assert asked(room, f"/act/match?{query}", b"{}") == {"done": "match"}
        seen = until(room, lambda: one if (one := asked(room, "")["seen"])["done"] == 2 else None)
        assert (seen["arrived"], seen["open"], seen["quarantined"], seen["arrived_off"]) == (3, 1, 0, 0)
        rows = until(room, lambda: kept if _states(kept := room.world.rows(ROWS)) == seen["states"] else None)
        assert {(state, matched) for _, state, matched in rows} == {
            ("done", "time"),
            ("done", "hand"),
            ("arrived", "none"),
        }
        assert {contact for contact, state, _ in rows if state == "done"} == set(contacts)


def _states(rows: list[list[Any]]) -> dict[str, int]:
    """As the ledger counts them."""
    return {str(state): sum(row[1] == state for row in rows) for state in State}
