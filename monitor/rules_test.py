"""A text's golden dialogues, run from the page. In: a Scheme, its dialogues' file. Out: `GoldenRun`.

May not know: HTTP.
"""

from pathlib import Path

import msgspec

from scoring.golden import Difference, read_golden, run
from scoring.library import golden_text
from scoring.parse import SchemeFaults
from scoring.rules import Scheme


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
    faults: list[str]


def tested(scheme: Scheme, golden: Path | None) -> GoldenRun:
    """Blocks: call it in a thread."""
    if golden is None or not golden.is_file():
        return _answer(faults=[])
    try:
        text = golden_text(golden)
    except SchemeFaults as error:
        return _answer(faults=[str(fault) for fault in error.faults])
    read = read_golden(text, file=golden.name, scheme=scheme)
    if read.faults:
        return _answer(faults=[str(fault) for fault in read.faults])
    result = run(scheme, read.dialogues)
    return GoldenRun(
        dialogues=len(result.tested),
        passed=len(result.tested) - len(result.failed),
        words=result.words,
        unproven=list(result.unproven),
        others=[_other(one.dialogue.id, difference) for one in result.failed for difference in one.differences],
        faults=[],
    )


def _answer(faults: list[str]) -> GoldenRun:
    return GoldenRun(dialogues=0, passed=0, words=0, unproven=[], others=[], faults=faults)


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
