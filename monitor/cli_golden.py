"""Golden dialogues at a terminal: rules test. In: schemes. Out: a table, the first difference of each, or JSON.

May not know: a running service.
"""

from collections.abc import Sequence
from pathlib import Path

import msgspec
from rich.table import Table

from monitor.cli_text import complain, out, plain
from monitor.cli_worded import reads_chinese, worded
from scoring.golden import Difference, Result, What, read_golden, run
from scoring.library import golden_text, read_file, scheme_and_golden
from scoring.parse import SchemeFaults
from streams.toml_lines import Fault


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """A difference."""

    line: int
    what: str
    item: str
    word: str
    expected: str
    found: str
    why: str
    why_zh: str


class Failed(msgspec.Struct, frozen=True, kw_only=True):
    dialogue: str
    line: int
    differences: tuple[Told, ...]


class Ran(msgspec.Struct, frozen=True, kw_only=True):
    """`fault`s: nothing was tried."""

    file: str
    scheme: str = ""
    dialogues: int = 0
    passed: int = 0
    words: int = 0
    unproven: tuple[str, ...] = ()
    failed: tuple[Failed, ...] = ()
    faults: tuple[str, ...] = ()
    """In the words of the terminal's locale."""

    @property
    def ok(self) -> bool:
        return not self.faults and not self.failed


def test(schemes: Sequence[str | Path]) -> list[Ran]:
    return [_one(str(one)) for one in schemes]


def _one(name: str) -> Ran:
    scheme_file, golden_file = scheme_and_golden(name)
    reading = read_file(scheme_file)
    if reading.scheme is None:
        return _faulty(name, reading.faults)
    try:
        text = golden_text(golden_file)
    except SchemeFaults as error:
        return _faulty(name, error.faults)
    golden = read_golden(text, file=str(golden_file), scheme=reading.scheme)
    if golden.faults:
        return _faulty(name, golden.faults)
    return _ran(name, run(reading.scheme, golden.dialogues))


def _faulty(name: str, faults: Sequence[Fault]) -> Ran:
    return Ran(file=name, faults=tuple(map(worded, faults)))


def _ran(name: str, result: Result) -> Ran:
    return Ran(
        file=name,
        scheme=result.scheme.name,
        dialogues=len(result.tested),
        passed=len(result.tested) - len(result.failed),
        words=result.words,
        unproven=result.unproven,
        failed=tuple(
            Failed(
                dialogue=one.dialogue.id,
                line=one.dialogue.line,
                differences=tuple(_told(each) for each in one.differences),
            )
            for one in result.failed
        ),
    )


def _told(one: Difference) -> Told:
    return Told(
        line=one.line,
        what=one.what.value,
        item=one.item,
        word=one.word,
        expected=one.expected,
        found=one.found,
        why="" if one.why is None else one.why.en,
        why_zh="" if one.why is None else one.why.zh,
    )


def show(each: Sequence[Ran]) -> None:
    table = Table()
    table.add_column("scheme")
    for name in ("dialogues", "passed", "failed", "words changed"):
        table.add_column(name, justify="right")
    for one in each:
        counts = (one.dialogues, one.passed, len(one.failed), one.words)
        table.add_row(plain(one.scheme or one.file), *map(str, counts))
    out.print(table)
    for one in each:
        for fault in one.faults:
            complain(fault)
        for failed in one.failed:
            _explain(one, failed)
        if one.unproven and not one.faults:
            complain(f"{one.file}: no dialogue shows both ways of: {', '.join(one.unproven)}")


def _explain(one: Ran, failed: Failed) -> None:
    """The first difference; how many there are."""
    first = failed.differences[0]
    where = f" with “{first.word}” changed" if first.word else " live" if first.what == What.LIVE else ""
    complain(f"{one.file}: {failed.dialogue} (line {first.line}), {first.item}{where}:")
    why = first.why_zh if reads_chinese() and first.why_zh else first.why
    complain(f"    expected {first.expected}, found {first.found}: {why}")
    if len(failed.differences) > 1:
        complain(f"    and {len(failed.differences) - 1} more: --json tells all")
