"""What every benchmark shares: the machine's name plate, fair rounds, one JSON object, and the table in the docs.

`python -m tests.bench._report [NAME…]` runs each benchmark in a process of its own and rewrites docs/benchmarks.md
between its two marks. A benchmark is a module here that calls `tell` when it is run.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

BENCH = Path(__file__).parent
PAGE = BENCH.parent.parent / "docs" / "benchmarks.md"
BEGIN, END = "<!-- last run: begin -->", "<!-- last run: end -->"

Json = str | int | float | bool | None | Sequence["Json"] | Mapping[str, "Json"]


def machine() -> dict[str, Json]:
    """Enough to judge a figure by, nothing that names a host."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20
    return {
        "cpu": _cpu_name(),
        "cores": os.cpu_count() or 0,
        "memory_mib": memory,
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "system": f"{platform.system()} {platform.machine()}",
    }


def _cpu_name() -> str:
    listing = Path("/proc/cpuinfo")
    if listing.exists():
        for line in listing.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or "unknown"


def cpu_seconds(work: Callable[[], object]) -> float:
    """CPU time of this process, so that a busy neighbour does not count against either side."""
    began = time.process_time()
    work()
    return time.process_time() - began


def alternate(rounds: int, sides: Mapping[str, Callable[[], object]]) -> dict[str, list[float]]:
    """CPU seconds of each side, round by round; who begins changes every round."""
    seconds: dict[str, list[float]] = {name: [] for name in sides}
    order = list(sides)
    for _ in range(rounds):
        for name in order:
            seconds[name].append(cpu_seconds(sides[name]))
        order.reverse()
    return seconds


def median(values: Sequence[float]) -> float:
    return statistics.median(values)


def tell(name: str, measure: Callable[[], Mapping[str, Json]], *, argv: Sequence[str] | None = None) -> None:
    """Measure and print: a JSON object with `--json`, else one line for each key."""
    parser = argparse.ArgumentParser(prog=f"python -m tests.bench.{name}")
    parser.add_argument("--json", action="store_true", help="one JSON object, for machines")
    as_json = parser.parse_args(argv).json
    result = measure()
    if as_json:
        print(json.dumps(result, ensure_ascii=False))
        return
    for key, value in result.items():
        print(f"{key}: {value}")


# --- the table in the docs ------------------------------------------------------------------------------------------


def bench_names() -> list[str]:
    return sorted(path.stem for path in BENCH.glob("[!_]*.py"))


def run_one(name: str) -> dict[str, Json]:
    """Raises CalledProcessError, after the benchmark's own words, when it fails."""
    done = subprocess.run(
        [sys.executable, "-m", f"tests.bench.{name}", "--json"],
        stdout=subprocess.PIPE,
        check=True,
        timeout=3600,
        cwd=BENCH.parent.parent,
    )
    result: dict[str, Json] = json.loads(done.stdout)
    return result


def table(results: Mapping[str, Mapping[str, Json]], *, day: str) -> str:
    plate = machine()
    lines = [
        f"Last run: {day}, {plate['cpu']}, {plate['cores']} cores, {plate['memory_mib']} MiB, {plate['python']}.",
        "",
        "| benchmark | figure | value |",
        "|---|---|---|",
    ]
    for name, result in results.items():
        lines += [
            f"| {name} | `{key}` | {_cell(value)} |"
            for key, value in _flat(result)
            if not key.startswith(("machine", "input"))
        ]
    return "\n".join(lines)


def _flat(result: Mapping[str, Json], prefix: str = "") -> list[tuple[str, Json]]:
    rows: list[tuple[str, Json]] = []
    for key, value in result.items():
        rows += _flat(value, f"{prefix}{key}.") if isinstance(value, Mapping) else [(prefix + key, value)]
    return rows


def _cell(value: Json) -> str:
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)


def rewrite(page: str, content: str) -> str:
    """The page with what stands between the marks replaced. Raises ValueError when a mark is missing."""
    head, begin, rest = page.partition(BEGIN)
    _, end, tail = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{BEGIN} … {END} are missing: put both marks back")
    return f"{head}{BEGIN}\n{content}\n{END}{tail}"


def main(argv: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench._report")
    parser.add_argument("names", nargs="*", help="which benchmarks; all when none is named")
    names = parser.parse_args(argv).names or bench_names()
    results: dict[str, Mapping[str, Json]] = {}
    for name in names:
        print(f"{name} …", flush=True)
        results[name] = run_one(name)
        print(json.dumps(results[name], ensure_ascii=False), flush=True)
    content = table(results, day=datetime.now(tz=UTC).date().isoformat())
    PAGE.write_text(rewrite(PAGE.read_text(encoding="utf-8"), content), encoding="utf-8")


if __name__ == "__main__":
    main()
