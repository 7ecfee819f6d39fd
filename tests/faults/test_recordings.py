"""Everything is killed while recordings come: each has exactly one transcript, and the ledger balances."""

import time
from pathlib import Path

import pytest

from tests.faults.recordings import Recorders, live_through, recorders, until_done

DONE = "SELECT contact, count() FROM recordings FINAL WHERE state = 'done' GROUP BY contact LIMIT 9999"
SAID = (
    "SELECT contact, count(), uniqExact(channel, number), max(end_ms) FROM utterances FINAL GROUP BY contact LIMIT 9999"
)


def judged(room: Recorders, contacts: list[str]) -> None:
    seen = until_done(room, len(contacts))
    assert (seen["done"], seen["open"], seen["quarantined"], seen["missing"]) == (len(contacts), 0, 0, 0), seen
    assert (seen["arrived_off"], seen["created_off"]) == (0, 0)
    deadline = time.monotonic() + 60
    while len(stored := room.world.rows(DONE)) < len(contacts) and time.monotonic() < deadline:
        room.keep()
        time.sleep(1)
    assert sorted(map(tuple, stored)) == sorted((contact, 1) for contact in contacts)
    said = room.world.rows(SAID)
    assert sorted(row[0] for row in said) == sorted(contacts)
    # the same audio everywhere: one transcript each is the same rows each
    assert len({tuple(row[1:]) for row in said}) == 1, said
    assert all(row[1] == row[2] for row in said)


@pytest.mark.servers
@pytest.mark.vosk
@pytest.mark.slow
@pytest.mark.timeout(420)
def test_each_recording_has_one_transcript_whatever_is_killed(tmp_path: Path) -> None:
    """A recogniser's child, its process, the live and the history process, redis-server: each once, kill -9."""
    with recorders(tmp_path) as room:
        contacts = live_through(room, seed=5, recordings=30, kills=5)
        judged(room, contacts)
