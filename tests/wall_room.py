"""A hub without sockets, and a browser without a screen. In: a floor, scopes. Out: what each viewer was told.

`Line` is a transport that keeps what is written; `Browser` takes apart frames and words as seats.js and words.js do.
"""

import asyncio
import json
from struct import unpack_from
from typing import Any

from dashboards.columns import Goals
from monitor.api.board import AlertBoard
from monitor.api.live import LiveFloor
from monitor.api.viewers import Viewer
from monitor.api.wall_news import apply, attend, thin, whole
from monitor.config_wall import EVERYTHING, Scope
from monitor.hub import Hub, HubSettings
from monitor.hub_extras import Extras
from seat_map.columns import SeatColumns
from seat_map.frames import View, decode
from seat_map.plan import Plan
from streams.vocabulary.ids import Millis


class Line(asyncio.Transport):
    """Takes everything at once; `full` makes it a browser that does not read."""

    def __init__(self) -> None:
        super().__init__()
        self.written: list[bytes] = []
        self.full = False
        self.ended = False

    def is_closing(self) -> bool:
        return self.ended

    def get_write_buffer_size(self) -> int:
        return 1 if self.full else 0

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.written.append(bytes(data))

    def abort(self) -> None:
        self.ended = True


def messages(data: bytes) -> list[tuple[int, bytes]]:
    """WebSocket frames as the server writes them: (opcode, payload)."""
    found, at = [], 0
    while at < len(data):
        size, head = data[at + 1], 2
        if size == 126:
            (size,), head = unpack_from("!H", data, at + 2), 4
        elif size == 127:
            (size,), head = unpack_from("!Q", data, at + 2), 10
        found.append((data[at] & 0x0F, data[at + head : at + head + size]))
        at += head + size
    return found


class Browser:
    """Mutable. `everything` is each byte it was ever sent."""

    def __init__(self) -> None:
        self.line = Line()
        self.view = View(SeatColumns(0))
        self.people: dict[str, Any] = {}
        self.tiers: dict[int, str] = {}
        self.said: dict[str, Any] = {}
        self.everything = b""
        self._rows: dict[str, dict[str, Any]] = {"queues": {}, "groups": {}}
        self._total: dict[str, Any] = {}

    def viewer(self) -> Viewer:
        return Viewer(self.line, send_timeout_ms=86_400_000)

    def read(self) -> None:
        for data in self.line.written:
            self.everything += data
            for opcode, payload in messages(data):
                if opcode == 2:
                    self.view.apply(decode(payload))
                else:
                    self.hear(json.loads(payload))
        self.line.written.clear()

    def hear(self, word: dict[str, Any]) -> None:
        match word["t"]:
            case "numbers":
                self._rows["queues"] = {row["queue"]: thin(row, word["at"]) for row in word["queues"]}
                self._total = thin(word["total"], word["at"])
                self.said["numbers"] = word
            case "news":
                self._news(word)
            case "persons":
                self.people |= word["people"]
            case "tiers":
                self.tiers = {row: tier for tier, rows in word["rows"].items() for row in rows}
            case "tiered":
                self.tiers |= {row: tier for tier, rows in word["rows"].items() for row in rows}
                self.tiers = {row: tier for row, tier in self.tiers.items() if tier}
            case "attending":
                items = attend(self.said["attention"]["items"], word)
                self.said["attention"] = {**self.said["attention"], "items": items}
            case name:
                self.said[name] = word

    def _news(self, word: dict[str, Any]) -> None:
        for name, rows in self._rows.items():
            apply(rows, word.get(name, {}), word.get(f"{name}_gone", ()))
        apply({"total": self._total}, {"total": word.get("total", {})}, ())
        queues = [whole(row, word["at"]) for row in self._rows["queues"].values()]
        total = {key: value for key, value in whole(self._total, word["at"]).items() if key != "at"}
        self.said["numbers"] = {"at": word["at"], "queues": queues, "total": total}


def hub_over(floor: LiveFloor, plan: Plan, board: AlertBoard | None = None, extras: Extras | None = None) -> Hub:
    """Its clock is the `now` of each tick."""
    return Hub(
        floor=floor, plan=plan, goals=Goals(), alerts=board or AlertBoard(), clock=lambda: Millis(0),
        settings=HubSettings(), extras=extras,
    )  # fmt: skip


def watching(hub: Hub, scope: Scope = EVERYTHING) -> Browser:
    browser = Browser()
    hub.attach(browser.viewer(), scope)
    return browser
