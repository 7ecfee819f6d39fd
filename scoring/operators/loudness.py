"""How loud does somebody speak? In: a scope, limits in dB. Out: an Answer.

The level of an utterance is that of its samples, root mean square, dB of full scale: -20 is loud on a telephone line,
-40 quiet. All that is given must hold.
"""

import itertools
from collections.abc import Iterable
from dataclasses import dataclass

from asr.transcript import Utterance
from scoring.formula import Outcome
from scoring.hearing import Scope
from scoring.messages import Reason, seconds
from scoring.operators._amount import exactly, limit_faults, limits, within
from scoring.operators._doubts import nobody, unheard
from scoring.operators.answer import Answer, doubtful, sure
from scoring.operators.doubt import whole
from scoring.operators.spec import Field, FieldKind, Needs, Spec

Level = tuple[Utterance, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Loudness:
    above: float | None = None
    below: float | None = None
    jump: float | None = None
    span: float | None = None


def judge(scope: Scope, asked: Loudness) -> Answer:
    if not scope.utterances:
        return nobody(scope)
    levels = [(one, one.loudness_db) for one in scope.utterances if one.loudness_db is not None]
    parts = [part for part in (_at(levels, asked), _jump(levels, asked), _span(levels, asked)) if part is not None]
    missing = next((reason for found, reason in parts if not found), None)
    if missing is None:
        reason = parts[0][1]
        evidence = {one.number: whole(one) for found, _ in parts for one in found}
        return sure(Outcome.HIT, reason, tuple(evidence[number] for number in sorted(evidence)))
    unsure = unheard(scope)
    if unsure is not None:
        return doubtful(Outcome.MISS, unsure)
    if len(levels) < len(scope.utterances):
        return doubtful(Outcome.MISS, Reason("no_loudness"))
    return sure(Outcome.MISS, missing)


Found = tuple[list[Utterance], Reason]
"""What shows it, and the reason; nothing: the reason it is not so."""


def _at(levels: list[Level], asked: Loudness) -> Found | None:
    if asked.above is None and asked.below is None:
        return None
    found = [(one, level) for one, level in levels if within(exactly(level), asked)[0] is Outcome.HIT]
    if not found:
        return [], Reason("loudness_each", {"utterances": len(levels)})
    one, level = found[0]
    return [said for said, _ in found], Reason("loudness_at", {"at_s": seconds(one.start_ms), "db": round(level, 1)})


def _jump(levels: list[Level], asked: Loudness) -> Found | None:
    """Between an utterance and the next of the same channel."""
    if asked.jump is None:
        return None
    channels = {one.channel for one, _ in levels}
    rows = [[level for level in levels if level[0].channel == channel] for channel in sorted(channels)]
    pairs = [pair for row in rows for pair in itertools.pairwise(row)]
    found = [(after, abs(to - begin)) for (_, begin), (after, to) in pairs if abs(to - begin) >= asked.jump]
    if not found:
        return [], Reason("no_loudness_jump", {"db": asked.jump, "utterances": len(levels)})
    one, jump = found[0]
    params = {"at_s": seconds(one.start_ms), "db": round(jump, 1)}
    return [said for said, _ in found], Reason("loudness_jump", params)


def _span(levels: list[Level], asked: Loudness) -> Found | None:
    if asked.span is None:
        return None
    loudest = max(levels, key=lambda level: level[1], default=None)
    quietest = min(levels, key=lambda level: level[1], default=None)
    wide = loudest[1] - quietest[1] if loudest and quietest else 0.0
    params = {"db": round(wide, 1)}
    if loudest is None or quietest is None or wide < asked.span:
        return [], Reason("no_loudness_span", params)
    return [quietest[0], loudest[0]], Reason("loudness_span", params)


def _faults(asked: Loudness) -> Iterable[tuple[str, str, str]]:
    alone = asked.jump is None and asked.span is None
    if alone or (asked.above is not None and asked.below is not None):
        yield from limit_faults(asked)


SPEC = Spec(
    name="loudness",
    asked=Loudness,
    fields=(
        *limits(
            FieldKind.NUMBER,
            "一句话的音量（dB，满刻度为 0）",
            "an utterance's level (dB of full scale)",
            low=-120,
            high=0,
        ),
        Field(
            key="jump",
            kind=FieldKind.NUMBER,
            default=None,
            low=0.1,
            high=120,
            zh="同一方前后两句至少相差多少 dB",
            en="dB from an utterance to the next of the same side, at least",
        ),
        Field(
            key="span",
            kind=FieldKind.NUMBER,
            default=None,
            low=0.1,
            high=120,
            zh="最响与最轻的两句至少相差多少 dB",
            en="dB from the quietest utterance to the loudest, at least",
        ),
    ),
    judge=judge,
    zh="该方有话说得这么响、这么轻，或响度突变",
    en="the role speaks so loudly, so softly, or changes so much",
    needs=frozenset({Needs.WORDS, Needs.SOUND}),
    faults=_faults,
)
