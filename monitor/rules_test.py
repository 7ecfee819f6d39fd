"""A text's golden dialogues, run from the page. In: a Scheme, its dialogues' text. Out: `GoldenRun`.

May not know: HTTP, where dialogues are kept.
"""

from collections.abc import Sequence
from typing import Final

import msgspec

from monitor.rules_faults import TextFault, rows
from scoring.case import Case
from scoring.golden import Difference, Result, read_golden, run
from scoring.golden_write import Kept, dialogue
from scoring.index import Compiled
from scoring.rules import Scheme
from streams.toml_lines import Fault

MOST_FAULTS: Final = 500


class OtherThanExpected(msgspec.Struct, frozen=True, kw_only=True):
    """`what`: scoring.golden.What."""

    dialogue: str
    line: int
    what: str
    item: str
    word: str
    expected: str
    found: str
    why_zh: str
    why_en: str


class GoldenRun(msgspec.Struct, frozen=True, kw_only=True):
    """`dialogues` 0: none belong to it."""

    dialogues: int
    passed: int
    words: int
    """Marked words that were changed to see whether they matter."""
    unproven: list[str]
    """Items that no dialogue expects to hit, or none to be anything else."""
    others: list[OtherThanExpected]
    faults: list[TextFault]
    """Of the dialogues' text: nothing was tried."""

    @property
    def failed(self) -> int:
        """A text with faults fails as one."""
        return 1 if self.faults else self.dialogues - self.passed


class KeptDialogue(msgspec.Struct, frozen=True, kw_only=True):
    """`golden`: the dialogues with the new one behind them, which begins on `line`. `run`: of the new one alone, so
    what a dialogue cannot say of a contact (loudness) shows; with faults nothing is to be kept."""

    golden: str
    line: int
    run: GoldenRun


def kept_dialogue(
    case: Case, scheme: Scheme, golden: str, kept: Kept, *, compiled: Compiled | None = None
) -> KeptDialogue:
    """A contact's dialogue behind those there are. For as long as its rules take: monitor/trials.py bounds it."""
    before = golden.rstrip()
    text = dialogue(case, scheme, kept)
    whole = f"{before}\n\n{text}" if before else text
    line = before.count("\n") + 3 if before else 1
    read = read_golden(whole, file="golden", scheme=scheme)
    if read.faults:
        return KeptDialogue(golden=whole, line=line, run=_answer(faults=read.faults))
    return KeptDialogue(golden=whole, line=line, run=_told(run(scheme, read.dialogues[-1:], compiled=compiled)))


def golden_run(scheme: Scheme, golden: str, *, compiled: Compiled | None = None) -> GoldenRun:
    """`golden`: the dialogues' TOML; "": there are none. For as long as its rules take: monitor/trials.py bounds it."""
    if not golden.strip():
        return _answer(faults=())
    read = read_golden(golden, file="golden", scheme=scheme)
    if read.faults:
        return _answer(faults=read.faults)
    return _told(run(scheme, read.dialogues, compiled=compiled))


def _told(result: Result) -> GoldenRun:
    return GoldenRun(
        dialogues=len(result.tested),
        passed=len(result.tested) - len(result.failed),
        words=result.words,
        unproven=list(result.unproven),
        others=[_other(one.dialogue.id, difference) for one in result.failed for difference in one.differences],
        faults=[],
    )


def _answer(faults: Sequence[Fault]) -> GoldenRun:
    told = rows(faults[:MOST_FAULTS])
    return GoldenRun(dialogues=0, passed=0, words=0, unproven=[], others=[], faults=told)


def _other(dialogue: str, one: Difference) -> OtherThanExpected:
    return OtherThanExpected(
        dialogue=dialogue,
        line=one.line,
        what=one.what.value,
        item=one.item,
        word=one.word,
        expected=one.expected,
        found=one.found,
        why_zh="" if one.why is None else one.why.zh,
        why_en="" if one.why is None else one.why.en,
    )
