"""Where a condition looks. In: Hearing, Where, answers so far. Out: its scopes, or the Answer that there are none.

A condition without an anchor has one scope; one anchored at every hit has one for each; `every` has one for each
utterance. May not know: operators, points.
"""

from collections.abc import Mapping, Sequence

from asr.transcript import Utterance
from scoring.formula import Outcome
from scoring.hearing import Hearing, Scope
from scoring.match import Evidence
from scoring.messages import Reason
from scoring.operators.answer import Answer, doubtful, sure
from scoring.rules import Anchor, Role, Side, Where

FAR_MS = 1 << 40


def scopes(hearing: Hearing, where: Where, answers: Mapping[str, Answer]) -> tuple[Scope, ...] | Answer:
    """`answers`: of the conditions before, by id."""
    if where.anchor is None:
        found: tuple[Scope, ...] = (_plain(hearing, where),)
    else:
        anchored = _anchored(hearing, where.role, where.anchor, answers[where.anchor.condition])
        if isinstance(anchored, Answer):
            return anchored
        found = anchored
    if not where.every:
        return found
    each = tuple(_single(scope, said) for scope in found for said in scope.utterances)
    if each:
        return each
    if any(scope.open for scope in found):
        return doubtful(Outcome.NOT_APPLICABLE, Reason("not_over"))
    return sure(Outcome.NOT_APPLICABLE, Reason("nobody_spoke", {"where": found[0].where, "role": where.role.value}))


def _plain(hearing: Hearing, where: Where) -> Scope:
    said = hearing.of_role(where.role)
    now, ended = hearing.case.now_ms, hearing.case.ended
    if where.first_ms is not None:
        inside: Sequence[Utterance] = [one for one in said if one.start_ms < where.first_ms]
        still = not ended and now < where.first_ms
        return _scope(hearing, where.role, inside, 0, where.first_ms, still, f"first_ms:{where.first_ms}")
    if where.last_ms is not None:
        inside = [one for one in said if one.end_ms > now - where.last_ms]
        return _scope(hearing, where.role, inside, now - where.last_ms, now, not ended, f"last_ms:{where.last_ms}")
    if where.first_utterances is not None:
        inside, full = said[: where.first_utterances], len(said) >= where.first_utterances
        end, name = inside[-1].end_ms if full else now, f"first_utterances:{where.first_utterances}"
        return _scope(hearing, where.role, inside, 0, end, not ended and not full, name)
    if where.last_utterances is not None:
        inside, full = said[-where.last_utterances :], len(said) >= where.last_utterances
        start, name = inside[0].start_ms if full else 0, f"last_utterances:{where.last_utterances}"
        return _scope(hearing, where.role, inside, start, now, not ended, name)
    return hearing.whole(where.role)


def _anchored(hearing: Hearing, role: Role, anchor: Anchor, at: Answer) -> tuple[Scope, ...] | Answer:
    if at.leaning is not Outcome.HIT or not at.evidence:
        gone = Reason("anchor_missing", {"condition": anchor.condition})
        if at.outcome is Outcome.CANNOT_TELL:
            return doubtful(Outcome.NOT_APPLICABLE, at.reason, at.evidence)
        return sure(Outcome.NOT_APPLICABLE, gone)
    places = sorted(at.evidence, key=lambda one: (one.start_ms, one.end_ms))
    if anchor.hit > len(places):
        few = Reason("anchor_too_few", {"condition": anchor.condition, "count": len(places), "wanted": anchor.hit})
        if not hearing.case.ended:
            return doubtful(Outcome.NOT_APPLICABLE, Reason("not_over"))
        return sure(Outcome.NOT_APPLICABLE, few)
    chosen = places if anchor.hit == 0 else [places[anchor.hit - 1 if anchor.hit > 0 else anchor.hit]]
    return tuple(_around(hearing, role, anchor, one) for one in chosen)


def _around(hearing: Hearing, role: Role, anchor: Anchor, place: Evidence) -> Scope:
    """Utterances of the role; those the place lies in are CURRENT, and neither before nor after."""
    now = hearing.case.now_ms
    said = hearing.of_role(role)
    before = [one for one in said if one.end_ms <= place.start_ms]
    after = [one for one in said if one.start_ms >= place.end_ms]
    current = [one for one in said if one.end_ms > place.start_ms and one.start_ms < place.end_ms]
    reach = FAR_MS if anchor.within_ms is None else anchor.within_ms
    count = anchor.within_utterances
    before = [one for one in before if one.end_ms > place.start_ms - reach][-count if count else 0 :]
    after = [one for one in after if one.start_ms < place.end_ms + reach][:count]
    after_full = count is not None and len(after) == count
    after_end = after[-1].end_ms if after_full else min(now, place.end_ms + reach)
    before_start = before[0].start_ms if count and len(before) == count else max(0, place.start_ms - reach)
    still = not hearing.case.ended and not after_full and now < place.end_ms + reach
    name = f"{anchor.side.value}:{place.start_ms}"
    match anchor.side:
        case Side.CURRENT:
            return _scope(hearing, role, current, place.start_ms, place.end_ms, False, name)
        case Side.BEFORE:
            return _scope(hearing, role, before, before_start, place.start_ms, False, name)
        case Side.AFTER:
            return _scope(hearing, role, after, place.end_ms, after_end, still, name)
        case Side.AROUND:
            return _scope(hearing, role, [*before, *current, *after], before_start, after_end, still, name)


def _scope(
    hearing: Hearing, role: Role, said: Sequence[Utterance], start_ms: int, end_ms: int, still: bool, name: str
) -> Scope:
    return Scope(
        hearing=hearing,
        role=role,
        utterances=tuple(said),
        start_ms=max(0, start_ms),
        end_ms=end_ms,
        open=still,
        where=name,
    )


def _single(scope: Scope, said: Utterance) -> Scope:
    return Scope(
        hearing=scope.hearing,
        role=scope.role,
        utterances=(said,),
        start_ms=said.start_ms,
        end_ms=said.end_ms,
        where=scope.where,
    )
