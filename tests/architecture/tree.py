"""The project's files as values. In: nothing. Out: our modules with their syntax trees, and every tracked file.

Kinds of file are named here once: which are shells, which single file reads the clock.
"""

import ast
import configparser
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROOMS = ("streams", "asr", "scoring", "alerts", "seat_map", "dashboards", "monitor")
CLOCK = "monitor/clock.py"

SHELLS = (
    "streams/collect/*",
    "streams/bus/*",
    "streams/warehouse/*",
    "asr/audio.py",
    "asr/beep.py",
    "asr/beep_child.py",
    "asr/child.py",
    "asr/decode_child.py",
    "asr/ledger.py",
    "asr/limits.py",
    "asr/models.py",
    "asr/peaks.py",
    "asr/pipeline.py",
    "asr/recognizer.py",
    "asr/recognisers.py",
    "asr/recognizer_process.py",
    "asr/sound_files.py",
    "asr/vad.py",
    "asr/worker.py",
    "scoring/library.py",
    "scoring/service.py",
    "alerts/delivery.py",
    "alerts/engine.py",
    "alerts/outbox.py",
    "alerts/store.py",
    "alerts/senders/*",
    "seat_map/figure.py",
    "dashboards/figures.py",
    "dashboards/pages.py",
    "monitor/*",
)
"""Every other file is pure. `*` crosses folders. Shells may measure durations and draw random numbers; the time of day
is `CLOCK`'s alone. The import contracts name the same shells, see .importlinter."""


@dataclass(frozen=True, slots=True)
class Module:
    path: str
    """Relative, with forward slashes."""
    lines: int
    tree: ast.Module

    @property
    def is_shell(self) -> bool:
        return is_shell(self.path)

    def names(self) -> Iterator[tuple[int, str]]:
        """Every outside name that is read, fully spelt: `(line, "time.monotonic")`, through any alias."""
        known = dict(self._imported_as())
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Load):
                spelt = _dotted(node)
                head, _, rest = spelt.partition(".")
                if head in known:
                    yield node.lineno, f"{known[head]}.{rest}" if rest else known[head]

    def imports(self) -> Iterator[tuple[int, str]]:
        """What is imported, also inside functions: `(line, "os.path")`; `from a import b` may be module a or a.b."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                yield from ((node.lineno, alias.name) for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module is not None:
                yield node.lineno, node.module
                yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)

    def _imported_as(self) -> Iterator[tuple[str, str]]:
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    yield (alias.asname, alias.name) if alias.asname else (alias.name.partition(".")[0],) * 2
            elif isinstance(node, ast.ImportFrom) and node.module is not None:
                for alias in node.names:
                    yield alias.asname or alias.name, f"{node.module}.{alias.name}"


def _dotted(node: ast.expr) -> str:
    """`a.b.c` for a plain chain of names, else an empty string."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        head = _dotted(node.value)
        return f"{head}.{node.attr}" if head else ""
    return ""


def is_shell(path: str) -> bool:
    return any(fnmatchcase(path, pattern) for pattern in SHELLS)


def module_of(path: str, source: str) -> Module:
    return Module(path, source.count("\n"), ast.parse(source, filename=path))


@cache
def our_modules() -> tuple[Module, ...]:
    files = sorted(file for room in ROOMS for file in (ROOT / room).rglob("*.py"))
    return tuple(module_of(file.relative_to(ROOT).as_posix(), file.read_text(encoding="utf-8")) for file in files)


@cache
def tracked_files() -> tuple[Path, ...]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, stdout=subprocess.PIPE, check=True, timeout=60)
    return tuple(ROOT / name for name in listed.stdout.decode("utf-8").split("\0") if name)


def contract(name: str, field: str) -> list[str]:
    """One list of one contract of .importlinter."""
    parser = configparser.ConfigParser()
    parser.read(ROOT / ".importlinter", encoding="utf-8")
    return parser[f"importlinter:contract:{name}"][field].strip().splitlines()


def report(faults: list[str]) -> str:
    return "\n  ".join(["", *faults])
