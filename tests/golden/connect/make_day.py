"""Writes day.ndjson.zst and truth.json: two hours of four agents. `python -m tests.golden.connect.make_day`

The truth is worked out here from the plan's own times, by hand, not by any code of Floorwatch. Three in seven lines
come three times, and all lines come up to 20 s late, so that they are out of order.
"""

import json
import random
from pathlib import Path

import zstandard

from tests.golden.connect.stage import Agent, millis, record

FOLDER = Path(__file__).parent
CHAT = {"channel": "CHAT", "queue": "Chat"}


def plan() -> list[tuple[str, str]]:
    """(when it happened, line) in no order."""
    told: list[tuple[str, str]] = []
    wang = Agent(told, "wang", "小明", "王", ["Sales", "Support"])
    li = Agent(told, "li", "静", "李", ["Sales", "Support"])
    zhao = Agent(told, "zhao", "强", "赵", ["Support"])
    alice = Agent(told, "alice", "Alice", "Smith", ["Support", "Chat"])

    def note(when: str, name: str, **about: object) -> None:
        told.append((when, record(name, told=when, **about)))

    wang.login("9:00:00", "Offline")
    alice.login("9:00:10", "Available")
    wang.status("9:00:30", "Available")
    li.login("9:01:00", "Available")
    zhao.login("9:02:00", "培训")
    zhao.status("9:30:00", "Available")

    # a call with a hold and after-contact work
    wang.contact("9:05:05", "c1", "CONNECTING", queue="Sales", queued="9:05:00")
    wang.contact("9:05:12", "c1", "CONNECTED")
    wang.contact("9:06:00", "c1", "CONNECTED_ONHOLD")
    wang.contact("9:06:40", "c1", "CONNECTED")
    wang.contact("9:08:12", "c1", "ENDED")
    wang.clear("9:09:00", "c1")
    note(
        "9:09:30",
        "c1",
        queue="Sales",
        queued="9:05:00",
        agent="wang",
        connected="9:05:12",
        ended="9:08:12",
        hold_s=40,
        reason="CUSTOMER_DISCONNECT",
    )

    # missed by one agent, taken by the next
    li.contact("9:10:02", "c2", "CONNECTING", queue="Support", queued="9:10:00")
    li.contact("9:10:22", "c2", "MISSED")
    alice.contact("9:10:25", "c2", "CONNECTING", queue="Support", queued="9:10:00")
    alice.contact("9:10:30", "c2", "CONNECTED")
    li.clear("9:11:00", "c2")
    alice.contact("9:15:30", "c2", "ENDED")
    alice.clear("9:16:00", "c2")
    note(
        "9:16:20",
        "c2",
        queue="Support",
        queued="9:10:00",
        agent="alice",
        connected="9:10:30",
        ended="9:15:30",
        reason="AGENT_DISCONNECT",
    )

    # two chats at once
    alice.contact("9:20:04", "c3", "CONNECTING", queued="9:20:00", **CHAT)
    alice.contact("9:20:10", "c3", "CONNECTED")
    alice.contact("9:21:02", "c4", "CONNECTING", queued="9:21:00", **CHAT)
    alice.contact("9:21:05", "c4", "CONNECTED")
    alice.contact("9:30:10", "c3", "ENDED")
    alice.clear("9:31:00", "c3")
    alice.contact("9:35:05", "c4", "ENDED")
    alice.clear("9:36:00", "c4")
    note(
        "9:31:20",
        "c3",
        queued="9:20:00",
        agent="alice",
        connected="9:20:10",
        ended="9:30:10",
        reason="CUSTOMER_DISCONNECT",
        **CHAT,
    )
    note(
        "9:36:20",
        "c4",
        queued="9:21:00",
        agent="alice",
        connected="9:21:05",
        ended="9:35:05",
        reason="AGENT_DISCONNECT",
        **CHAT,
    )

    # the next status is set in mid-call
    wang.contact("9:40:03", "c5", "CONNECTING", queue="Sales", queued="9:40:00")
    wang.contact("9:40:10", "c5", "CONNECTED")
    wang.next_status("9:42:00", "Lunch")
    wang.contact("9:45:10", "c5", "ENDED")
    wang.clear("9:46:00", "c5", then="Lunch")
    wang.status("10:20:00", "Available")
    note(
        "9:46:30",
        "c5",
        queue="Sales",
        queued="9:40:00",
        agent="wang",
        connected="9:40:10",
        ended="9:45:10",
        reason="CUSTOMER_DISCONNECT",
    )

    # a transfer to another queue
    li.contact("9:50:01", "c6", "CONNECTING", queue="Sales", queued="9:50:00")
    li.contact("9:50:05", "c6", "CONNECTED")
    zhao.contact("9:53:02", "c7", "CONNECTING", queue="Support", queued="9:53:00", initial="c6", method="TRANSFER")
    zhao.contact("9:53:10", "c7", "CONNECTED")
    li.contact("9:53:12", "c6", "ENDED")
    li.clear("9:53:40", "c6")
    zhao.contact("10:00:10", "c7", "ENDED")
    zhao.clear("10:01:00", "c7")
    note("9:54:10", "c6", queue="Sales", queued="9:50:00", agent="li", connected="9:50:05", ended="9:53:12", next="c7")
    note(
        "10:01:20",
        "c7",
        queue="Support",
        queued="9:53:00",
        agent="zhao",
        connected="9:53:10",
        ended="10:00:10",
        initial="c6",
        method="TRANSFER",
        reason="CUSTOMER_DISCONNECT",
    )

    # abandoned in the queue, never seen by an agent: only the record knows
    note(
        "10:06:30",
        "c8",
        queue="Sales",
        queued="10:05:00",
        left="10:05:45",
        ended="10:05:45",
        reason="CUSTOMER_DISCONNECT",
    )

    # a chat rejected, then sent away by its flow
    alice.contact("10:06:02", "c9", "CONNECTING", queued="10:06:00", **CHAT)
    alice.contact("10:06:08", "c9", "REJECTED")
    alice.clear("10:06:30", "c9")
    note(
        "10:08:40", "c9", queued="10:06:00", left="10:08:00", ended="10:08:00", reason="CONTACT_FLOW_DISCONNECT", **CHAT
    )

    # outbound: one reached, one not
    wang.contact("10:30:00", "c10", "CONNECTING", queue="Sales", method="OUTBOUND")
    wang.contact("10:30:20", "c10", "CONNECTED")
    wang.contact("10:33:20", "c10", "ENDED")
    wang.clear("10:34:00", "c10")
    note(
        "10:34:30",
        "c10",
        queue="Sales",
        method="OUTBOUND",
        agent="wang",
        began="10:30:00",
        connected="10:30:20",
        reached="10:30:20",
        ended="10:33:20",
        reason="AGENT_DISCONNECT",
    )
    wang.contact("10:40:00", "c11", "CONNECTING", queue="Sales", method="OUTBOUND")
    wang.contact("10:40:30", "c11", "ERROR")
    wang.clear("10:40:40", "c11")

    # a supervisor listens in: no visit
    alice.contact("10:31:00", "m1", "CONNECTED", queue="Sales", method="MONITOR", initial="c10")
    alice.clear("10:33:20", "m1")

    for minute in range(42, 60, 2):
        for agent, second in ((wang, 1), (li, 2), (zhao, 3), (alice, 4)):
            agent.heartbeat(f"10:{minute}:{second:02d}")
    li.status("11:00:00", "Offline")
    li.logout("11:00:05")
    zhao.logout("11:00:10")  # still Available, and its heartbeats say so for an hour
    zhao.heartbeat("11:02:10")
    zhao.heartbeat("11:04:10")
    wang.heartbeat("11:05:00")
    alice.heartbeat("11:05:01")
    return told


def truth() -> dict[str, object]:
    """By hand, from the plan above."""
    return {
        "queues": {
            "Sales": {
                "offered": 4,
                "answered": 3,
                "abandoned": 1,
                "overflowed": {},
                "wait_ms": (12 + 10 + 5) * 1000,
                "talk_ms": (140 + 300 + 187) * 1000,
                "hold_ms": 40_000,
            },
            "Support": {
                "offered": 2,
                "answered": 2,
                "abandoned": 0,
                "overflowed": {},
                "wait_ms": (30 + 10) * 1000,
                "talk_ms": (300 + 420) * 1000,
                "hold_ms": 0,
            },
            "Chat": {
                "offered": 3,
                "answered": 2,
                "abandoned": 0,
                "overflowed": {"withdrawn": 1},
                "wait_ms": (10 + 5) * 1000,
                "talk_ms": (600 + 840) * 1000,
                "hold_ms": 0,
            },
        },
        "transferred_out": {"Sales": 1, "Support": 0, "Chat": 0},
        "outbound": {"queue": "Sales", "reached": 1, "not_reached": 1, "talk_ms": 180_000},
        "agents": {
            "wang": {"name": "王小明", "state": "ready", "reason": "", "inbound_answered": 2},
            "li": {"name": "李静", "state": "signed_out", "reason": "", "inbound_answered": 1},
            "zhao": {"name": "赵强", "state": "signed_out", "reason": "", "inbound_answered": 1},
            "alice": {"name": "Alice Smith", "state": "ready", "reason": "", "inbound_answered": 3},
        },
        "states": [
            # (agent, state, reason, from, to): stretches that must be told so
            ["wang", "on_hold", "", millis("9:06:00"), millis("9:06:40")],
            ["wang", "wrap_up", "", millis("9:08:12"), millis("9:09:00")],
            ["wang", "not_ready", "Lunch", millis("9:46:00"), millis("10:20:00")],
            ["li", "not_ready", "missed", millis("9:10:22"), millis("9:11:00")],
            ["zhao", "not_ready", "培训", millis("9:02:00"), millis("9:30:00")],
            ["alice", "not_ready", "rejected", millis("10:06:08"), millis("10:06:30")],
        ],
    }


def main() -> None:
    chance = random.Random(7)
    lines: list[tuple[float, str]] = []
    for number, (when, text) in enumerate(sorted(plan(), key=lambda one: millis(one[0]))):
        for _ in range(3 if number % 7 in (1, 3, 6) else 1):
            lines.append((millis(when) + chance.uniform(0, 20_000), text))
    text = "".join(f"{line}\n" for _, line in sorted(lines))
    (FOLDER / "day.ndjson.zst").write_bytes(zstandard.ZstdCompressor(level=19).compress(text.encode()))
    (FOLDER / "truth.json").write_text(json.dumps(truth(), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
