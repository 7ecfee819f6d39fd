"""Alerts on the real processes, for as long as it takes to be wrong: minutes of darkness, many kills at any moment."""

import time
from pathlib import Path
from random import Random

import pytest

from tests.faults.alert_room import PAUSED_S, SILENT_S, SLOW_S, AlertRoom, alert_room, falling_switch
from tests.faults.schedule import Fault, FaultKind

pytestmark = [pytest.mark.servers, pytest.mark.slow, pytest.mark.timeout(900)]


def ends_once(room: AlertRoom, queue: str, *, most: int = 1) -> None:
    """Told, and told to be over; nobody was told more often than `most` times, always with the same id."""
    fired, resolved = room.times_told(queue)
    assert 1 <= fired <= most, f"{queue}: fired {fired} times"
    assert 1 <= resolved <= most, f"{queue}: resolved {resolved} times"
    assert (len(room.ids(queue, "firing")), len(room.ids(queue, "resolved"))) == (1, 1)


def test_a_live_process_that_is_gone_resolves_nothing_and_is_told_in_35_seconds(tmp_path: Path) -> None:
    """No numbers, no agents, for a minute and a half, an alerter that begins anew in it: then all is back, and what is
    well by now ends."""
    with alert_room(tmp_path, window_minutes=1) as room:
        room.fires("dark")
        room.pauses("1002")
        room.hooks.until_told("good", "firing", "agent:1002", within_s=SLOW_S + PAUSED_S)
        gone = time.monotonic()
        room.world.kill("live")
        told = room.hooks.until_told("good", "firing", "site:gz", within_s=SILENT_S)
        assert told.at - gone >= 20, "10 s without numbers, 15 s of hold"
        room.world.kill("a")
        room.world.start("a")
        time.sleep(max(0.0, gone + 90 - time.monotonic()))
        assert not room.hooks.told("good", "resolved", "agent:1002")
        assert room.times_told("dark") == (1, 0)
        room.world.start("live")
        room.world.until_ready()
        room.resolves("dark")
        room.hooks.until_told("good", "resolved", "site:gz", within_s=SLOW_S)
        assert room.times_told("dark") == (1, 1)
        assert len({one.id for one in room.hooks.told("good", "firing", "site:gz")}) == 1


def test_a_source_that_stays_dark_longer_than_the_window_resolves_nothing(tmp_path: Path) -> None:
    """After a minute the window is empty: too few contacts, which would be quiet if it were not darkness."""
    with (
        falling_switch(tmp_path, queue="sales") as (switch, source),
        alert_room(tmp_path, more=source, window_minutes=1) as room,
    ):
        room.hooks.until_told("good", "firing", "queue:sales", within_s=SLOW_S)
        switch.close()
        room.hooks.until_told("good", "firing", "site:gz", within_s=SILENT_S)
        time.sleep(100)
        assert room.times_told("sales") == (1, 0)


def test_an_end_by_request_tells_nothing_again(tmp_path: Path) -> None:
    with alert_room(tmp_path) as room:
        room.fires("ended")
        room.world.roles["a"].terminate()
        assert room.world.roles["a"].wait(30) == 0
        room.world.start("a")
        room.resolves("ended")
        ends_once(room, "ended")


def test_a_bus_that_dies_while_an_alert_fires_delays_its_end_and_nothing_more(tmp_path: Path) -> None:
    fault = Fault(FaultKind.KILL_BUS, 0, 0)
    with alert_room(tmp_path) as room:
        room.fires("bus")
        time.sleep(2)  # the append-only file is synced each second
        room.world.turn(fault, begins=True)
        time.sleep(5)
        room.world.turn(fault, begins=False)
        room.resolves("bus")
        ends_once(room, "bus", most=2)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_two_alerters_killed_at_any_moment_miss_nothing_and_repeat_only_with_the_same_id(
    tmp_path: Path, seed: int
) -> None:
    """Eight alerts; within each a kill -9 of one alerter or of both, anywhere between the fall and the end."""
    random = Random(seed)
    with alert_room(tmp_path) as room:
        room.world.start("b")
        for number in range(8):
            queue = f"q{number}"
            room.falls(queue)
            _kill_sometime(room, random)
            room.hooks.until_told("good", "firing", f"queue:{queue}", within_s=2 * SLOW_S)
            room.recovers(queue)
            _kill_sometime(room, random)
            room.hooks.until_told("good", "resolved", f"queue:{queue}", within_s=2 * SLOW_S)
        time.sleep(10)
        for number in range(8):
            ends_once(room, f"q{number}", most=3)  # two kills lie in its way


def _kill_sometime(room: AlertRoom, random: Random) -> None:
    time.sleep(random.uniform(0, 5))
    names = random.choice((("a",), ("b",), ("a", "b")))
    for name in names:
        room.world.kill(name)
    for name in names:
        room.world.start(name)
