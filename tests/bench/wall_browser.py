"""The floor page in a real Chromium: how soon a change is a pixel, what it costs, panning, loading, a long watch.

    python -m tests.bench.wall_browser --json [--seats 5000] [--rate 167] [--soak-minutes 30]

In: seats, changes per second. Out: one JSON object. The real hub and web over a synthetic floor, in a thread of this
process; Chromium paints in software. A probe sets one agent's state and waits for the colour of that seat's pixel.
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Sequence
from statistics import median, quantiles

import psutil  # type: ignore[import-untyped]
from playwright.sync_api import CDPSession, Page, sync_playwright

from seat_map.palette import THEMES, SeatCode
from streams.vocabulary.states import AgentState
from tests.bench import _report
from tests.bench._report import Json
from tests.browser.chromium import start
from tests.browser.serve import Wall, now
from tests.browser.walls import open_floor, until

WATCH = """([row, wanted]) => new Promise((done) => {
  const { painter, geometry } = floorwatch.map, near = (a, b) => Math.abs(a - b) < 6, began = performance.now();
  const look = () => {
    painter.place();
    const x = painter.px(geometry.x[row]) - Math.round(painter.scale * 0.2), y = painter.py(geometry.y[row]);
    const pixel = painter.primary.ctx.getImageData(x, y, 1, 1).data;
    if (wanted.every((part, k) => near(part, pixel[k]))) done(Date.now());
    else if (performance.now() - began > 8000) done(0); else requestAnimationFrame(look);
  };
  window.floorwatchWatching = true;
  look();
})"""
PAN = """(ms) => new Promise((done) => {
  const { view, stats } = floorwatch.map, before = { ...stats }, gaps = [], began = performance.now();
  let last = began;
  const step = (at) => {
    gaps.push(at - last);
    last = at;
    view.by(6 * Math.sin(gaps.length / 17), 4 * Math.cos(gaps.length / 13));
    if (at - began < ms) { requestAnimationFrame(step); return; }
    const pictures = stats.whole - before.whole, seatsMs = (stats.wholeMs - before.wholeMs) / pictures;
    done({ gaps: gaps.slice(1), pictures, seatsMs, seconds: (at - began) / 1000 });
  };
  requestAnimationFrame(step);
})"""
PROBE_STATES = ((AgentState.ON_HOLD, SeatCode.ON_HOLD), (AgentState.READY, SeatCode.READY))
UPDATES_S, PAN_S, SAMPLE_S = 12.0, 6.0, 15.0


def spread(values: Sequence[float]) -> dict[str, Json]:
    cuts = quantiles(values, n=100, method="inclusive")
    return {"p50": round(median(values), 1), "p95": round(cuts[94], 1), "p99": round(cuts[98], 1), "n": len(values)}


def colour(code: SeatCode) -> list[int]:
    text = THEMES["dark"].seats[code]
    return [int(text[i : i + 2], 16) for i in (1, 3, 5)]


def probes(wall: Wall, page: Page, count: int) -> list[float]:
    """Ms from the floor's change to the seat's pixel, all over the floor. Raises SystemExit when one never comes."""
    agents = list(wall.floor.agents)
    took = []
    for number in range(count):
        row = (number * 37) % len(agents)
        for state, _ in PROBE_STATES:  # the other state first, so that there is a change to see
            wall.put(agents[row], state)
        state, code = PROBE_STATES[number % 2]
        other = PROBE_STATES[1 - number % 2]
        wall.put(agents[row], other[0])
        page.evaluate(WATCH, [row, colour(other[1])])
        wanted = page.evaluate_handle(
            "(asked) => { const found = (" + WATCH + ")(asked); return { found }; }", [row, colour(code)]
        )
        began = now()
        wall.put(agents[row], state)
        seen = wanted.evaluate("(one) => one.found")
        if not seen:
            raise SystemExit(f"seat {row} never showed {code.word}: another change came in between, or the wall stands")
        took.append(float(seen - began))
    return took


def metrics(cdp: CDPSession) -> dict[str, float]:
    return {one["name"]: one["value"] for one in cdp.send("Performance.getMetrics")["metrics"]}


def update_cost(page: Page, cdp: CDPSession) -> dict[str, Json]:
    """Everything the main thread does, painting in software and the work of each second included, per update."""
    stats = "floorwatch.map.stats"
    before, told = metrics(cdp), page.evaluate(f"({{...{stats}}})")
    time.sleep(UPDATES_S)
    after, now_told = metrics(cdp), page.evaluate(f"({{...{stats}}})")
    updates = now_told["flushes"] - told["flushes"]

    def per_update(name: str) -> float:
        return float(round(1000 * (after[name] - before[name]) / max(1, updates), 2))

    return {
        "updates_per_second": round(updates / UPDATES_S, 1),
        "main_thread_ms_per_update": per_update("TaskDuration"),
        "script_ms_per_update": per_update("ScriptDuration"),
        "layout_and_style_ms_per_update": round(per_update("LayoutDuration") + per_update("RecalcStyleDuration"), 2),
        "seats_painted_ms_per_update": round((now_told["someMs"] - told["someMs"]) / max(1, updates), 2),
        "whole_paintings": now_told["whole"] - told["whole"],
        "main_thread_percent": round(100 * (after["TaskDuration"] - before["TaskDuration"]) / UPDATES_S, 1),
    }


def panning(page: Page) -> dict[str, Json]:
    """The zoomed map moves a few pixels with every frame: pictures of all seats per second, gaps between frames."""
    page.evaluate("floorwatch.map.fit()")
    page.keyboard.press("+")
    time.sleep(0.6)
    seen = page.evaluate(PAN, PAN_S * 1000)
    page.evaluate("floorwatch.map.fit()")
    return {
        "pictures_per_second": round(seen["pictures"] / seen["seconds"], 1),
        "frame_ms": spread(seen["gaps"]),
        "seats_ms_per_picture": round(seen["seatsMs"], 2),
    }


def resident(pid: int) -> float:
    """MB of Chromium, all of its processes; shared pages count once each."""
    total = 0.0
    for process in psutil.Process(pid).children(recursive=True):
        try:
            if "chrom" in process.name():
                total += float(process.memory_full_info().pss) / 1e6
        except psutil.Error:
            continue  # it ended between listing and asking
    return total


def sample(cdp: CDPSession) -> dict[str, float]:
    cdp.send("HeapProfiler.collectGarbage")
    found = metrics(cdp)
    return {
        "heap_mb": found["JSHeapUsedSize"] / 1e6,
        "nodes": found["Nodes"],
        "listeners": found["JSEventListeners"],
        "documents": found["Documents"],
        "chromium_mb": resident(os.getpid()),
        "load": os.getloadavg()[0],
    }


def soak(page: Page, cdp: CDPSession, minutes: float) -> dict[str, Json]:
    """First and last quarter of a long watch: what grows would show."""
    taken = []
    end = time.monotonic() + minutes * 60
    while time.monotonic() < end:
        page.wait_for_timeout(SAMPLE_S * 1000)
        taken.append(sample(cdp))
        print(json.dumps({name: round(value, 1) for name, value in taken[-1].items()}), file=sys.stderr, flush=True)
    quarter = max(1, len(taken) // 4)
    told: dict[str, Json] = {"minutes": minutes, "samples": len(taken)}
    for name in taken[0]:
        first, last = (median(one[name] for one in part) for part in (taken[:quarter], taken[-quarter:]))
        told[name] = {"first_quarter": round(first, 1), "last_quarter": round(last, 1)}
    return told


def measure(asked: argparse.Namespace) -> dict[str, Json]:
    loads = [os.getloadavg()[0]]
    with Wall(agents=asked.seats, rate=asked.rate) as wall, sync_playwright() as playwright:
        chromium = start(playwright)
        page = chromium.new_page(viewport={"width": 1440, "height": 900}, locale="zh-CN")
        loading = []
        for _ in range(asked.loads):
            open_floor(page, wall.url + "/floor?theme=dark")
            assert until(lambda: page.evaluate("floorwatch.map.stats.firstAt"), seconds=30)
            loading.append(page.evaluate("floorwatch.map.stats.firstAt"))
        cdp = page.context.new_cdp_session(page)
        cdp.send("Performance.enable")
        cdp.send("HeapProfiler.enable")
        time.sleep(3)
        result: dict[str, Json] = {
            "machine": _report.machine(),
            "input": {"seats": asked.seats, "changes_per_second": asked.rate, "viewport": "1440x900", "gpu": False},
            "first_seat_painted_ms": {"cold": round(loading[0]), "again": round(median(loading[1:] or loading))},
            "update": update_cost(page, cdp),
            "change_to_pixel_ms": spread(probes(wall, page, asked.probes)),
            "pan": panning(page),
        }
        loads.append(os.getloadavg()[0])
        if asked.soak_minutes:
            result["soak"] = soak(page, cdp, asked.soak_minutes)
            loads.append(os.getloadavg()[0])
        chromium.close()
    return {**result, "load": [round(load, 1) for load in loads]}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.wall_browser")
    parser.add_argument("--json", action="store_true", help="one JSON object, for machines")
    parser.add_argument("--seats", type=int, default=5_000)
    parser.add_argument("--rate", type=float, default=167.0)
    parser.add_argument("--probes", type=int, default=100)
    parser.add_argument("--loads", type=int, default=3)
    parser.add_argument("--soak-minutes", type=float, default=0.0)
    asked = parser.parse_args()
    result = measure(asked)
    if asked.json:
        print(json.dumps(result, ensure_ascii=False))
        return
    for key, value in result.items():
        print(f"{key}: {value}")


if __name__ == "__main__":
    main()
