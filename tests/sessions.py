"""The whole suite in two pytest sessions side by side: what starts real services mostly waits for them.

    python -m tests.sessions

In: nothing. Out: the output of both, first the one that passed, and one closing line as pytest words it. A few tests
that failed beside the other session are run once more alone, and named if they pass there. Exit code 0: all passed.
"""

import os
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

SERVICES = ("tests/integration", "tests/faults")
"""The other session has everything else; both take about as long."""
LIMIT_S = 3_600
ALONE_MOST = 5
"""More failures than these are no accident of a busy machine."""
CLOSING = re.compile(r"^(?:=+ )?((?:\d+ [a-z]+(?:, )?)+) in [\d.]+s\b", re.MULTILINE)
ORDER = ("failed", "passed", "skipped", "deselected", "xfailed", "xpassed", "warnings", "errors")


@dataclass(frozen=True, slots=True)
class Session:
    code: int
    output: str
    failures: tuple[str, ...] = ()
    """`setup`, `call` or `teardown`, a space, a test's id; tests/conftest.py tells them"""

    @property
    def passed(self) -> bool:
        return self.code == 0 and counts(self.output) is not None


def counts(output: str) -> Counter[str] | None:
    """How many of each outcome, by its plural; None: there is no closing line, so pytest itself did not end well."""
    closing = CLOSING.findall(output)
    if not closing:
        return None
    pairs = (part.split() for part in closing[-1].split(", "))
    return Counter({name if name.endswith(("ed", "s")) else f"{name}s": int(count) for count, name in pairs})


def again(sessions: Sequence[Session]) -> list[str]:
    """The tests worth another run alone: all that failed, where they are few and nothing else went wrong."""
    found = [counts(one.output) for one in sessions]
    if any(one is None for one in found):
        return []
    failures = [failure for one in sessions for failure in one.failures]
    wrong = sum(one["failed"] + one["errors"] for one in found if one is not None)
    tests = sorted({failure.partition(" ")[2] for failure in failures})
    return tests if wrong == len(failures) and len(tests) <= ALONE_MOST else []


def added(sessions: Sequence[Session], alone: Session | None) -> Counter[str]:
    """The sum; a test that was run again counts as it ended alone."""
    total: Counter[str] = Counter()
    for session in sessions:
        total += counts(session.output) or Counter()
    if alone is not None:
        failures = {failure for one in sessions for failure in one.failures}
        early = {failure.partition(" ")[2] for failure in failures if not failure.startswith("teardown ")}
        late = {failure.partition(" ")[2] for failure in failures} - early
        total.subtract({"failed": total["failed"], "errors": total["errors"], "passed": len(late)})
        total.update(counts(alone.output) or Counter())
    return total


def told(sessions: Sequence[Session], took_s: float, alone: Session | None = None) -> str:
    """What to print: outputs, what failed in any but the last of them once more, the sum."""
    ordered = sorted(sessions, key=lambda one: not one.passed)
    ordered += [] if alone is None else [alone]
    parts = [session.output.rstrip() for session in ordered]
    for session in ordered:
        if counts(session.output) is None:
            parts.append(f"ERROR pytest ended with code {session.code} and without a closing line")
    if alone is None:
        before = [line for one in ordered[:-1] for line in one.output.splitlines()]
        parts += [line for line in before if line.startswith(("FAILED ", "ERROR tests"))]
    elif alone.passed:
        parts.append(f"Passed only when run alone: {', '.join(again(sessions))}")
    total = added(sessions, alone)
    words = ", ".join(_counted(total[name], name) for name in ORDER if total[name]) or "no tests ran"
    clock = f"{took_s // 3600:.0f}:{took_s // 60 % 60:02.0f}:{took_s % 60:02.0f}"
    return "\n".join([*parts, f"{words} in {took_s:.2f}s ({clock})"])


def _counted(count: int, name: str) -> str:
    return f"{count} {name.removesuffix('s') if count == 1 else name}"


def started(arguments: Sequence[str], log: Path) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "pytest", f"--session-timeout={LIMIT_S}", "--durations=25", *arguments]
    failures = log.with_suffix(".failed")
    failures.unlink(missing_ok=True)
    with log.open("wb") as out:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            env=os.environ | {"FAILURES_TO": str(failures.absolute())},
        )


def ended(process: "subprocess.Popen[bytes]", log: Path) -> Session:
    code, failures = process.wait(), log.with_suffix(".failed")
    lines = failures.read_text(encoding="utf-8").splitlines() if failures.exists() else []
    return Session(code, log.read_text(encoding="utf-8", errors="replace"), tuple(lines))


def main() -> int:
    began = time.monotonic()
    folder = Path("build")
    folder.mkdir(exist_ok=True)
    work = {
        folder / "pytest-services.log": SERVICES,
        folder / "pytest-others.log": [f"--ignore={one}" for one in SERVICES],
    }
    print(f"Two sessions side by side; follow them in {' and '.join(map(str, work))}", flush=True)
    running = {log: started(arguments, log) for log, arguments in work.items()}
    try:
        sessions = [ended(one, log) for log, one in running.items()]
    finally:
        for one in running.values():
            one.terminate()
    alone = None
    if tests := again(sessions):
        log = folder / "pytest-alone.log"
        alone = ended(started(tests, log), log)
    print(told(sessions, time.monotonic() - began, alone))
    passed = all(one.passed for one in sessions) if alone is None else alone.passed
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main())
