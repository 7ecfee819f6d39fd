"""Alerts on the real processes, as Alertmanager's acceptance tests have it: pushed at t, expected between t1 and t2.

What is told is told once, whoever dies or lies meanwhile. nightly/test_alerts_accept.py waits longer.
"""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.alert_room import HOLD_S, PAUSED_S, SILENT_S, SLOW_S, AlertRoom, alert_room, falling_switch
from tests.faults.room import until

pytestmark = [pytest.mark.servers, pytest.mark.slow, pytest.mark.timeout(240)]


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AlertRoom]:
    with alert_room(tmp_path_factory.mktemp("alerts")) as found:
        yield found


def test_the_healthy_receiver_is_told_once_whatever_the_others_do(room: AlertRoom) -> None:
    """One answers 500, one 200 with an error in the body, one nothing, one leads to the cloud's metadata service."""
    room.fires("plain")
    room.resolves("plain")
    until(lambda: len(room.hooks.told("broken", "firing", "queue:plain")) >= 3, "the broken one is tried again")
    until(lambda: len(room.hooks.told("mute", "firing", "queue:plain")) >= 2, "the mute one is tried again")
    assert room.times_told("plain") == (1, 1)
    assert len(room.ids("plain", "firing", receiver="broken")) == 1, "each try is the same message"
    assert len(room.hooks.told("away", "firing", "queue:plain")) == 1, "a redirect is neither followed nor tried again"
    assert len(room.hooks.requests("liar")) <= 2, "refused in the body: firing once, resolved at most once, no more"
    last = {
        one["name"]: one["last"]["reply"]["outcome"] for one in room.world.get("/api/v1/alerts/channels")["channels"]
    }
    assert last == {
        "good": "delivered",
        "broken": "server_error",
        "liar": "refused",
        "mute": "timed_out",
        "away": "redirected",
    }


def test_an_agent_who_pauses_for_too_long_is_told_by_name(room: AlertRoom) -> None:
    """What rules look at beside the queues' numbers comes from the live process every two seconds."""
    began = room.pauses("1002")
    told = room.hooks.until_told("good", "firing", "agent:1002", within_s=SLOW_S)
    assert told.at - began >= PAUSED_S - 0.5
    room.comes_back("1002")
    room.hooks.until_told("good", "resolved", "agent:1002", within_s=SLOW_S)
    assert len(room.hooks.told("good", "firing", "agent:1002")) == 1


def test_an_alerter_killed_while_firing_tells_the_end_and_nothing_twice(room: AlertRoom) -> None:
    """kill -9: what fired before goes on, and resolves when it is well."""
    room.fires("killed")
    time.sleep(1)  # that it was taken is written down by now; the next test kills before
    lives = room.lives("a")
    room.world.kill("a")
    room.world.start("a")
    until(lambda: room.lives("a") > lives, "the new one has taken over")
    time.sleep(HOLD_S + 2)  # what it had forgotten it would tell anew, or tell to be over
    assert room.times_told("killed") == (1, 0)
    room.resolves("killed")
    assert room.times_told("killed") == (1, 1)


def test_killed_before_the_receiver_could_answer_it_says_the_same_again(room: AlertRoom) -> None:
    """The receiver heard it, the alerter does not know: one repetition, with the same id, and never none."""
    room.hooks.held.set()
    room.falls("unsure")
    room.hooks.until_told("good", "firing", "queue:unsure", within_s=40)
    room.world.kill("a")
    room.hooks.held.clear()
    room.world.start("a")
    until(lambda: room.times_told("unsure") == (2, 0), "it is said again")
    room.resolves("unsure")
    assert room.times_told("unsure") == (2, 1)
    assert len(room.ids("unsure", "firing")) == 1


def test_of_two_alerters_one_tells_and_the_other_goes_on(room: AlertRoom) -> None:
    """Both follow the same floor; the one that tells is killed while it fires."""
    room.world.start("b")
    room.fires("pair")
    time.sleep(3)  # a second one would tell by now
    assert room.times_told("pair") == (1, 0)
    room.world.kill("a")
    room.resolves("pair")
    room.fires("pair2")
    assert (room.times_told("pair"), room.times_told("pair2")) == ((1, 1), (1, 0))


def test_a_source_cut_while_firing_resolves_nothing_and_is_told_in_35_seconds(tmp_path: Path) -> None:
    """The switch hangs up: what its queue's numbers were is no news any more, that they are missing is."""
    with falling_switch(tmp_path, queue="sales") as (switch, source), alert_room(tmp_path, more=source) as room:
        room.hooks.until_told("good", "firing", "queue:sales", within_s=40)
        cut = time.monotonic()
        switch.close()
        told = room.hooks.until_told("good", "firing", "site:gz", within_s=SILENT_S)
        assert told.at - cut >= 10
        assert room.times_told("sales") == (1, 0)
