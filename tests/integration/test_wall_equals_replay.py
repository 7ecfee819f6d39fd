"""What stands on the screen is what `floorwatch replay --json` says of the same stream at the same instant.

The recorded Asterisk, cut off at several instants: the command replays the cut folder; a browser without a screen has
watched the same bytes since their first, second by second, through the hub's changes.
"""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from monitor.cli import app
from seat_map.generate import generate
from seat_map.palette import SeatCode
from streams.collect.capture import events_of, open_capture, read_file
from streams.floor.fold import Floor
from streams.floor.outputs import AgentChange
from streams.translate.asterisk import AsteriskTranslator
from streams.vocabulary.ids import Millis, SiteId, SourceId
from tests.wall_room import Browser, hub_over, watching

DEV = Path(__file__).parents[1] / "golden/asterisk/dev"
SHOWN = {
    SeatCode.READY: "ready",
    SeatCode.OFFERED: "offered",
    SeatCode.ON_CONTACT: "on_contact",
    SeatCode.ON_HOLD: "on_hold",
    SeatCode.WRAP_UP: "wrap_up",
    SeatCode.NOT_READY: "not_ready",
    SeatCode.TROUBLE: "not_ready",
    SeatCode.SIGNED_OUT: "signed_out",
    SeatCode.UNKNOWN: "unknown",
}
TICK_MS = 1000


def cut(folder: Path, seconds: int) -> Path:
    """The capture as if it had ended `seconds` after it began."""
    head, row, *_ = read_file(DEV / "ami.conns.tsv").decode().split("\n")
    fields = row.split("\t")
    end = min(int(fields[2]) + 1000 * seconds, int(fields[3]))
    names, *times = read_file(DEV / "ami.times.tsv").decode().rstrip("\n").split("\n")
    kept = [line for line in times if int(line.split("\t")[2]) <= end]
    raw = read_file(DEV / "ami.raw")
    size = int(times[len(kept)].split("\t")[1]) if len(kept) < len(times) else len(raw)
    fields[3], fields[4] = str(end), str(size)
    (folder / "ami.raw").write_bytes(raw[:size])
    (folder / "ami.times.tsv").write_text("\n".join([names, *kept]) + "\n", "utf-8")
    (folder / "ami.conns.tsv").write_text("\n".join([head, "\t".join(fields)]) + "\n", "utf-8")
    shutil.copytree(DEV / "etc", folder / "etc")
    return folder


def watched(folder: Path) -> tuple[Browser, Millis]:
    """A browser that has been there since the first byte."""
    capture = open_capture(folder)
    floor = Floor(SiteId("replay"), targets_ms=capture.settings.targets_ms())
    hub = hub_over(floor, generate(60))
    browser = watching(hub)
    translator = AsteriskTranslator(site=floor.site, source=SourceId("asterisk"), settings=capture.settings)
    due = capture.connections[0].connected_at
    for event in events_of(capture, translator):
        while event.at > due:
            hub.tick(due)
            browser.read()
            due = Millis(due + TICK_MS)
        for out in floor.apply(event):
            if isinstance(out, AgentChange):
                hub.changed(out.agent)
    end = Millis(max(capture.connections[-1].disconnected_at, due))
    for out in floor.advance(end):
        if isinstance(out, AgentChange):
            hub.changed(out.agent)
    hub.tick(end)
    hub.tick(Millis(end + TICK_MS))
    browser.read()
    return browser, end


@pytest.mark.timeout(120)
@pytest.mark.parametrize("seconds", [40, 125, 300, 10_000])
def test_the_wall_shows_what_replay_prints(tmp_path: Path, seconds: int) -> None:
    folder = cut(tmp_path, seconds)
    printed = CliRunner().invoke(app, ["replay", "asterisk", str(folder), "--json"])
    assert printed.exit_code == 0, printed.stderr
    replayed: dict[str, Any] = json.loads(printed.stdout)
    browser, _ = watched(folder)
    assert len(browser.said["numbers"]["queues"]) == len(replayed["queues"]) > 0
    for row in browser.said["numbers"]["queues"]:
        same_queue(row, replayed["queues"][row["queue"]])
    same_total(browser.said["numbers"]["total"], replayed)
    same_seats(browser, replayed["agents"])


def same_queue(row: dict[str, Any], queue: dict[str, Any]) -> None:
    """The capture is shorter than a tile's half hour, so its window holds all of it."""
    level = queue["service_level"][row["formula"]]
    assert row["level"] == row["today_level"] == [level["numerator"], level["denominator"]]
    assert (row["waiting"], row["talking"]) == (queue["waiting"], queue["talking"])
    assert (row["offered"], row["answered"]) == (queue["offered"], queue["answered"])
    assert row["abandon"] == [queue["abandoned"], queue["offered"]]
    assert row["threshold_ms"] == queue["target_ms"]


def same_total(total: dict[str, Any], replayed: dict[str, Any]) -> None:
    queues, agents = replayed["queues"].values(), replayed["agents"].values()
    levels = [queue["service_level"]["answered_abandoned"] for queue in queues]
    assert total["waiting"] == sum(queue["waiting"] for queue in queues)
    assert total["talking"] == sum(queue["talking"] for queue in queues)
    assert total["level"] == [sum(one[part] for one in levels) for part in ("numerator", "denominator")]
    handling = sum(agent["state"] in ("on_contact", "on_hold", "wrap_up") for agent in agents)
    assert total["occupancy"] == [handling, handling + sum(agent["state"] == "ready" for agent in agents)]


def same_seats(browser: Browser, agents: dict[str, Any]) -> None:
    codes = browser.view.columns.counts()
    shown: dict[str, int] = {}
    for code, state in SHOWN.items():
        shown[state] = shown.get(state, 0) + int(codes[code])
    told: dict[str, int] = {}
    for agent in agents.values():
        told[agent["state"]] = told.get(agent["state"], 0) + 1
    assert {state: count for state, count in shown.items() if count} == told
