"""The whole suite in two pytest sessions side by side: what starts real services mostly waits for them.

    python -m tests.sessions

In: nothing. Out: the output of both, first the one that passed, and one closing line as pytest words it. The exit code
is 0 if both passed. With arguments of your own run pytest itself.
"""

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
CLOSING = re.compile(r"^(?:=+ )?((?:\d+ [a-z]+(?:, )?)+) in [\d.]+s\b", re.MULTILINE)
ORDER = ("failed", "passed", "skipped", "deselected", "xfailed", "xpassed", "warnings", "errors")


@dataclass(frozen=True, slots=True)
class Session:
    code: int
    output: str

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


def told(sessions: Sequence[Session], took_s: float) -> str:
    """What to print: outputs, the failures of both once more, the sum."""
    parts = [session.output.rstrip() for session in sorted(sessions, key=lambda one: not one.passed)]
    total: Counter[str] = Counter()
    for session in sessions:
        found = counts(session.output)
        total += found or Counter()
        if found is None:
            parts.append(f"ERROR pytest ended with code {session.code} and without a closing line")
    parts += [
        line for one in sessions for line in one.output.splitlines() if line.startswith(("FAILED ", "ERROR tests"))
    ]
    words = ", ".join(_counted(total[name], name) for name in ORDER if total[name]) or "no tests ran"
    clock = f"{took_s // 3600:.0f}:{took_s // 60 % 60:02.0f}:{took_s % 60:02.0f}"
    return "\n".join([*parts, f"{words} in {took_s:.2f}s ({clock})"])


def _counted(count: int, name: str) -> str:
    return f"{count} {name.removesuffix('s') if count == 1 else name}"


def started(arguments: Sequence[str], log: Path) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "pytest", f"--session-timeout={LIMIT_S}", "--durations=25", *arguments]
    with log.open("wb") as out:
        return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT)


def main() -> int:
    began = time.monotonic()
    work = {
        Path("build/pytest-services.log"): SERVICES,
        Path("build/pytest-others.log"): [f"--ignore={folder}" for folder in SERVICES],
    }
    Path("build").mkdir(exist_ok=True)
    print(f"Two sessions side by side; follow them in {' and '.join(map(str, work))}", flush=True)
    running = {log: started(arguments, log) for log, arguments in work.items()}
    try:
        ended = [Session(one.wait(), log.read_text(errors="replace")) for log, one in running.items()]
    finally:
        for one in running.values():
            one.terminate()
    print(told(ended, time.monotonic() - began))
    return 0 if all(one.passed for one in ended) else 1


if __name__ == "__main__":
    sys.exit(main())
