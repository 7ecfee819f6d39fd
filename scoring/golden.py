"""Golden dialogues tried on a scheme. In: Scheme, dialogues. Out: `Result`: what came out otherwise than expected.

Each is judged afterwards and live, and once more with each marked word changed: those that matter must matter. May not
know: files, screens.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from msgspec.structs import replace as with_fields

from asr.transcript import Utterance
from scoring.case import LASTING, Case, Happening
from scoring.formula import Outcome
from scoring.golden_read import Dialogue, Expected, Golden, read_golden
from scoring.golden_talk import Mark, changed
from scoring.index import Compiled, compile_scheme, hear, verdicts
from scoring.judge import Verdict
from scoring.live import Live
from scoring.messages import Reason
from scoring.rules import ItemKind, Scheme

__all__ = ["Dialogue", "Difference", "Expected", "Golden", "Mark", "Result", "Tested", "What", "read_golden", "run"]

_BAD = frozenset({ItemKind.DEDUCT, ItemKind.FATAL, ItemKind.TAG})
Verdicts = Mapping[str, Verdict]
"""By item."""


class What(StrEnum):
    """Came out otherwise."""

    OUTCOME = "outcome"
    LEANING = "leaning"
    REASON = "reason"
    TEXT = "text"
    HITS = "hits"
    UNEXPECTED = "unexpected"
    """An item of which nothing was said takes points, or marks the contact."""
    LIVE = "live"
    """Judged while it went on, it came to another answer, or took a sure one back."""
    WORD = "word"
    """A marked word was changed, and what should turn did not, or something else did."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    what: What
    item: str
    expected: str
    found: str
    line: int
    """Of the dialogue, or of the marked word."""
    why: Reason | None = None
    """The reason of what was found."""
    word: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tested:
    dialogue: Dialogue
    verdicts: Verdicts
    differences: tuple[Difference, ...]

    @property
    def passed(self) -> bool:
        return not self.differences


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    scheme: Scheme
    tested: tuple[Tested, ...]
    unproven: tuple[str, ...]
    """Items that no dialogue expects to hit, or none to be anything else."""

    @property
    def passed(self) -> bool:
        return all(one.passed for one in self.tested)

    @property
    def failed(self) -> tuple[Tested, ...]:
        return tuple(one for one in self.tested if not one.passed)

    @property
    def words(self) -> int:
        """How many marked words were changed."""
        return sum(len(one.dialogue.marks) for one in self.tested)


def run(scheme: Scheme, dialogues: Sequence[Dialogue], *, compiled: Compiled | None = None) -> Result:
    """`compiled`: of this scheme, where somebody looks on while its rules are asked."""
    compiled = compiled or compile_scheme(scheme)
    tested = tuple(_tested(compiled, one) for one in dialogues)
    return Result(scheme=scheme, tested=tested, unproven=_unproven(scheme, dialogues))


def judged(case: Case, compiled: Compiled) -> Verdicts:
    each = verdicts(hear(case, compiled), compiled)
    return {item.id: verdict for item, verdict in zip(compiled.scheme.items, each, strict=True)}


def _unproven(scheme: Scheme, dialogues: Sequence[Dialogue]) -> tuple[str, ...]:
    expected = {(item, one.outcome is Outcome.HIT) for each in dialogues for item, one in each.expect.items()}
    return tuple(item.id for item in scheme.items if not {(item.id, True), (item.id, False)} <= expected)


def _tested(compiled: Compiled, dialogue: Dialogue) -> Tested:
    found = judged(dialogue.case, compiled)
    differences = [
        *_against(dialogue, found, compiled.scheme),
        *_live(dialogue, found, compiled),
        *(one for mark in dialogue.marks for one in _without(dialogue, mark, found, compiled)),
    ]
    return Tested(dialogue=dialogue, verdicts=found, differences=tuple(differences))


def _against(dialogue: Dialogue, found: Verdicts, scheme: Scheme) -> Iterator[Difference]:
    for item in scheme.items:
        verdict, expected = found[item.id], dialogue.expect.get(item.id)
        if expected is None:
            if item.kind in _BAD and verdict.leaning is Outcome.HIT:
                yield _other(What.UNEXPECTED, item.id, "no hit", told(verdict), dialogue.line, verdict)
            continue
        yield from _compared(item.id, expected, verdict, dialogue.line)


def _compared(item: str, expected: Expected, verdict: Verdict, line: int) -> Iterator[Difference]:
    if verdict.outcome is not expected.outcome:
        yield _other(What.OUTCOME, item, str(expected), told(verdict), line, verdict)
        return
    if expected.leaning is not None and verdict.leaning is not expected.leaning:
        yield _other(What.LEANING, item, str(expected), told(verdict), line, verdict)
    if expected.reason and verdict.reason.key != expected.reason:
        yield _other(What.REASON, item, expected.reason, verdict.reason.key, line, verdict)
    texts = [one.evidence.text for one in verdict.evidence]
    if expected.text and not any(expected.text in one for one in texts):
        yield _other(What.TEXT, item, expected.text, " / ".join(texts), line, verdict)
    if expected.hits is not None and verdict.hits != expected.hits:
        yield _other(What.HITS, item, str(expected.hits), str(verdict.hits), line, verdict)


def _other(what: What, item: str, expected: str, found: str, line: int, verdict: Verdict, word: str = "") -> Difference:
    return Difference(what=what, item=item, expected=expected, found=found, line=line, why=verdict.reason, word=word)


def told(verdict: Verdict) -> str:
    if verdict.outcome is Outcome.CANNOT_TELL:
        return f"{verdict.outcome.value}/{verdict.leaning.value}"
    return verdict.outcome.value


# --- while it goes on ------------------------------------------------------------------------------------------------


def _live(dialogue: Dialogue, afterwards: Verdicts, compiled: Compiled) -> Iterator[Difference]:
    stood: dict[str, Verdict] = {}
    last: Verdicts = {}
    for last in played(dialogue.case, compiled):
        for item, verdict in last.items():
            before = stood.get(item)
            if before is not None and before.outcome is not verdict.outcome:
                yield _other(What.LIVE, item, told(before), told(verdict), dialogue.line, verdict)
            if verdict.outcome is not Outcome.CANNOT_TELL:
                stood[item] = verdict
    for item, verdict in last.items():
        if verdict != afterwards[item]:
            yield _other(What.LIVE, item, told(afterwards[item]), told(verdict), dialogue.line, verdict)


def played(case: Case, compiled: Compiled) -> Iterator[Verdicts]:
    """What is said live after each utterance and event; last, when the contact is over."""
    items = [item.id for item in compiled.scheme.items]
    transcript = with_fields(case.transcript, utterances=(), duration_ms=0)
    begun = replace(case, transcript=transcript, happenings=None if case.happenings is None else (), ended=False)
    live = Live(compiled, begun)
    for step in _steps(case):
        live.feed(step)
        yield dict(zip(items, live.verdicts, strict=True))
    live.finish(case.transcript.duration_ms)
    yield dict(zip(items, live.verdicts, strict=True))


def _steps(case: Case) -> Iterator[Utterance | Happening]:
    """Utterances when they are over, happenings when they begin and again when they end."""
    each: list[tuple[int, int, Utterance | Happening]] = [(one.end_ms, 1, one) for one in case.transcript.utterances]
    for one in case.happenings or ():
        if one.kind in LASTING and one.end_ms is not None:
            each += [(one.start_ms, 0, replace(one, end_ms=None)), (one.end_ms, 0, one)]
        else:
            each.append((one.start_ms, 0, one))
    return (step for _, _, step in sorted(each, key=lambda one: one[:2]))


# --- words that matter -----------------------------------------------------------------------------------------------


def without(case: Case, mark: Mark, compiled: Compiled) -> Verdicts:
    """With that word changed."""
    return judged(changed(case, mark.channel, mark.start_ms, mark.end_ms), compiled)


def _without(dialogue: Dialogue, mark: Mark, found: Verdicts, compiled: Compiled) -> Iterator[Difference]:
    now = without(dialogue.case, mark, compiled)
    for item, verdict in now.items():
        before, after = told(found[item]), told(verdict)
        wanted = mark.items.get(item)
        if wanted is None:
            wrong, expected = before != after, f"still {before}"
        else:
            wrong, expected = (
                before == after or wanted not in ("", verdict.outcome.value, after),
                wanted or f"no longer {before}",
            )
        if wrong:
            yield _other(What.WORD, item, expected, told(verdict), mark.row, verdict, word=mark.text)
