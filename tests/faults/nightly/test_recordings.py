"""200 recordings, many kills: each recording has exactly one transcript, and the ledger balances."""

from pathlib import Path

import pytest

from tests.faults.recordings import live_through, recorders
from tests.faults.test_recordings import judged


@pytest.mark.servers
@pytest.mark.vosk
@pytest.mark.slow
@pytest.mark.timeout(1_800)
@pytest.mark.parametrize(("seed", "valkey"), [(11, False), (12, True), (13, False)])
def test_two_hundred_recordings_survive_twenty_kills(tmp_path: Path, seed: int, *, valkey: bool) -> None:
    with recorders(tmp_path, valkey=valkey) as room:
        contacts = live_through(room, seed=seed, recordings=200, kills=20)
        judged(room, contacts)
