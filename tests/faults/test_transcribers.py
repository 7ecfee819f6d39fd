"""Two machines transcribe over one bus: each recording once, a dead one's is taken over, no site starves another."""

from pathlib import Path

import pytest

from tests.faults.transcribers import transcribers


@pytest.mark.servers
@pytest.mark.vosk
@pytest.mark.slow
@pytest.mark.timeout(240)
def test_two_machines_share_the_work_and_one_takes_over_from_the_other(tmp_path: Path) -> None:
    """kill -9 of one that has a recording in hand; the site with few is not behind the one with many."""
    with transcribers(tmp_path, ["a", "b"]) as room:
        room.until(lambda: all(map(room.counts, "ab")))
        many, few = room.announce("gz", 14), room.announce("sz", 3)
        room.until(lambda: bool(room.done()))
        lost = room.kill_with_work("a")
        room.until(lambda: len(room.done()) >= len(many) + len(few))
        ended = room.done()
        assert sorted(ended) == sorted([*many, *few])
        attempts = {str(one.contact): one.attempts for one in room.facts() if one.state == "done"}
        assert {one for one, times in attempts.items() if times != 1} == set(lost)
        # by turns: those of the small site are in the first half, though they came last
        assert max(ended.index(one) for one in few if one not in lost) <= len(ended) // 2
        room.until(lambda: room.counts("b").get("taken_over") == len(lost))
