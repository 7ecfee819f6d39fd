"""An installation whose alerts a test may push about. In: queues that do badly and well. Out: what receivers were told.

`live` (collect, floor, web) and two alerters, `a` and `b`, are processes of their own; `b` runs only where it is
started. Each test takes a queue of its own, so that they share the room. May not know: how alerts are decided.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

from streams.vocabulary import events as ev
from streams.vocabulary.ids import Millis
from tests.faults.alert_hooks import Hooks
from tests.faults.room import now, opened
from tests.faults.run import tell
from tests.faults.story import SITE, SOURCE
from tests.faults.switch import Switch
from tests.faults.tape import SOURCE as ASTERISK
from tests.faults.tape import UNTIL_MS, Tape
from tests.faults.world import PUSHED, TOKEN, World

ROLES = {"live": "collect,floor,web", "a": "alert", "b": "alert"}
HOLD_S = 2.0
PAUSED_S = 4.0
SLOW_S = 40.0
"""A loaded machine's patience; what must not come too early is the rule's own."""
SILENT_S = 35.0
"""A silent source is told within 15 s of hold and what a loaded machine takes; a silent floor within 10 s more."""
CHANNELS = ("good", "broken", "liar", "mute", "away")

ALERTS = """[[alerts.rule]]
kind = "service_level"
name = "sl"
window_minutes = {window_minutes}
fire_below = 60
clear_above = 80
hold_s = {hold_s:g}
keep_firing_s = {hold_s:g}
min_sample = 5
channels = ["good", "broken", "liar", "mute", "away"]
[[alerts.rule]]
kind = "threshold"
name = "paused"
metric = "state_time"
state = "not_ready"
fire = {paused_s:g}
hold_s = 0
keep_firing_s = 0
channels = ["good"]
[[alerts.rule]]
kind = "source_silent"
name = "source_silent"
channels = ["good"]
[[alerts.route]]
group_by = ["rule", "scope"]
group_wait_s = 1
group_interval_s = 1
[[alerts.channel]]
kind = "wecom"
name = "liar"
key = "of-this-test-only"
url = "{liar}"
allow_private = true
{webhooks}
"""
WEBHOOK = """[[alerts.webhook]]
name = "{name}"
url = "{url}"
allow_private = true
timeout_s = 2
"""


class AlertRoom:
    """Owns the world and its receivers."""

    def __init__(self, folder: Path, *, more: str = "", window_minutes: int = 15) -> None:
        """`more`: further tables of the configuration. `window_minutes`: of the service level."""
        self.hooks = Hooks()
        webhooks = "".join(WEBHOOK.format(name=name, url=self.hooks.url(name)) for name in CHANNELS if name != "liar")
        alerts = ALERTS.format(
            hold_s=HOLD_S,
            paused_s=PAUSED_S,
            window_minutes=window_minutes,
            liar=self.hooks.url("liar"),
            webhooks=webhooks,
        )
        pushed = PUSHED.format(source=SOURCE, order="arrival", token=TOKEN)
        self.world = World(folder, valkey=True, clickhouse=False, sources=pushed + more + alerts, roles=ROLES)
        self.world.down.add("b")
        self._seq = count(1)
        self._contact = count(1)

    def close(self) -> None:
        self.world.close()
        self.hooks.close()

    # --- what happens on the floor -----------------------------------------------------------------------------------

    def falls(self, queue: str) -> float:
        """Six abandon: 0 of 6. Out: when it was pushed."""
        return self._push(event for number in range(6) for event in self._abandoned(queue, now() - 60 + 10 * number))

    def recovers(self, queue: str) -> float:
        """Sixty are answered at once: 60 of 66."""
        return self._push(event for number in range(60) for event in self._answered(queue, now() - 1_000 + 10 * number))

    def pauses(self, agent: str) -> float:
        """Signs in and is not ready at once."""
        events = [
            self._event(now() - 10, ev.AgentJoinedQueue, agent=agent, queue="paused"),
            self._event(now(), ev.AgentNotReady, agent=agent, reason="小休"),
        ]
        return self._push(iter(events))

    def comes_back(self, agent: str) -> float:
        return self._push(iter([self._event(now(), ev.AgentReady, agent=agent)]))

    def _push(self, events: Iterator[ev.Event]) -> float:
        tell(self.world, list(events))
        return time.monotonic()

    def _abandoned(self, queue: str, at: int) -> Iterator[ev.Event]:
        contact = {"contact": f"c{next(self._contact)}", "leg": 1, "queue": queue}
        yield self._event(at, ev.ContactQueued, **contact)
        yield self._event(at + 5, ev.ContactAbandoned, **contact)

    def _answered(self, queue: str, at: int) -> Iterator[ev.Event]:
        contact = {"contact": f"c{next(self._contact)}", "leg": 1, "queue": queue}
        yield self._event(at, ev.ContactQueued, **contact)
        yield self._event(at + 2, ev.ContactAnswered, **contact, agent="1001")
        yield self._event(at + 5, ev.ContactEnded, **contact, agent="1001")

    def _event(self, at: int, kind: Callable[..., ev.Event], **fields: Any) -> ev.Event:
        return kind(at=Millis(at), site=SITE, source=SOURCE, seq=next(self._seq), **fields)

    # --- what is expected --------------------------------------------------------------------------------------------

    def fires(self, queue: str) -> float:
        """It does badly, and exactly then the healthy receiver is told: not before the hold, and once."""
        fell = self.falls(queue)
        told = self.hooks.until_told("good", "firing", f"queue:{queue}", within_s=SLOW_S)
        # pushed in less than a second, judged once a second
        assert told.at - fell >= HOLD_S - 1.0, f"{queue} was told {told.at - fell:.1f} s after it fell"
        return told.at

    def resolves(self, queue: str) -> float:
        well = self.recovers(queue)
        told = self.hooks.until_told("good", "resolved", f"queue:{queue}", within_s=SLOW_S)
        assert told.at - well >= HOLD_S - 1.0, f"{queue} was resolved {told.at - well:.1f} s after it recovered"
        return told.at

    def times_told(self, queue: str, *, receiver: str = "good") -> tuple[int, int]:
        """(firing, resolved)"""
        scope = f"queue:{queue}"
        return len(self.hooks.told(receiver, "firing", scope)), len(self.hooks.told(receiver, "resolved", scope))

    def lives(self, alerter: str) -> int:
        """How often it took over so far."""
        return (self.world.folder / f"{alerter}.log").read_text(errors="replace").count("alerts_restored")

    def ids(self, queue: str, status: str, *, receiver: str = "good") -> set[str]:
        return {one.id for one in self.hooks.told(receiver, status, f"queue:{queue}")}


@contextmanager
def alert_room(folder: Path, **choices: Any) -> Iterator[AlertRoom]:
    room = AlertRoom(folder, **choices)
    try:
        with opened(room.world):
            yield room
    finally:
        room.close()


@contextmanager
def falling_switch(folder: Path, *, queue: str) -> Iterator[tuple[Switch, str]]:
    """A switch in whose queue six callers abandon as soon as somebody listens; and the source's configuration."""
    tape = Tape()
    tape.picture(100, waiting={})
    for number in range(6):
        at_ms, caller = 500 + 100 * number, f"1795291300.{number}"
        tape.say(at_ms, "QueueCallerJoin", Queue=queue, Uniqueid=caller, Position=1)
        tape.say(at_ms + 50, "QueueCallerAbandon", Queue=queue, Uniqueid=caller, HoldTime=0)
        tape.say(at_ms + 60, "QueueCallerLeave", Queue=queue, Uniqueid=caller)
        tape.say(at_ms + 70, "Hangup", Uniqueid=caller, Linkedid=caller, Cause=16)
    for at_ms in range(2_000, UNTIL_MS - 1_000, 2_000):
        tape.picture(at_ms, waiting={})
    wire = tape.save(folder / "wire")
    switch = Switch(wire)
    switch.open()
    try:
        yield switch, ASTERISK.format(port=switch.port, queues=wire / "etc" / "queues.conf")
    finally:
        switch.close()
