"""Where a condition looks. In: Hearing, Where, answers so far. Out: its ranges, or the Answer that there are none.

A condition without an anchor has one scope; one anchored at every hit has one for each; `every` has one for each
utterance. While a contact goes on, what may still change a range makes it open or doubtful. May not know: operators.
"""

from collections.abc import Container, Mapping, Sequence

from msgspec import Struct

from asr.transcript import Utterance
from scoring.formula import Outcome
from scoring.hearing import FOR_EVER, Hearing, Scope
from scoring.match import Evidence
from scoring.messages import Reason
from scoring.operators.answer import Answer, doubtful, found, sure
from scoring.rules import Anchor, Role, Side, Where

NOT_OVER = Reason("not_over")


class Range(Struct, frozen=True):
    scope: Scope
    doubt: Reason | None = None
    """Why it may be another range: its anchor is in doubt, or its end moves on."""


class Looked(Struct, frozen=True):
    ranges: tuple[Range, ...]
    """All must hold."""
    more: bool = False
    """Further ones may come."""


def scopes(
    hearing: Hearing, where: Where, answers: Mapping[str, Answer], *, steady: Container[str] = ()
) -> Looked | Answer:
    """`answers`: of the conditions before, by id; `steady`: those of one check, whose hits come in order of time."""
    if where.anchor is None:
        looked: Looked | Answer = hearing.of_range(where, lambda: Looked((_plain(hearing, where),)))
    else:
        looked = _anchored(hearing, where.role, where.anchor, answers[where.anchor.condition], steady)
    if isinstance(looked, Answer) or not where.every:
        return looked
    return _each(looked, where.role)


def _each(looked: Looked, role: Role) -> Looked | Answer:
    """One range for each utterance."""
    each = tuple(Range(_single(one.scope, said), one.doubt) for one in looked.ranges for said in one.scope.utterances)
    more = looked.more or any(one.scope.open for one in looked.ranges)
    if each:
        return Looked(each, more)
    doubt = next((one.doubt for one in looked.ranges if one.doubt is not None), NOT_OVER if more else None)
    if doubt is not None:
        return doubtful(Outcome.NOT_APPLICABLE, doubt)
    where = looked.ranges[0].scope.where
    return sure(Outcome.NOT_APPLICABLE, Reason("nobody_spoke", {"where": where, "role": role.value}))


def _plain(hearing: Hearing, where: Where) -> Range:
    said, role = hearing.of_role(where.role), where.role
    now, known = hearing.case.now_ms, hearing.known_ms
    if where.first_ms is not None:
        inside: Sequence[Utterance] = [one for one in said if one.start_ms < where.first_ms]
        still = known < where.first_ms
        return Range(_scope(hearing, role, inside, 0, where.first_ms, still, f"first_ms:{where.first_ms}"))
    if where.first_utterances is not None:
        if role is Role.ANY and hearing.transcript.channels > 1:
            # What the other channel began before, and has not ended yet, would take the place of a later one.
            said = tuple(one for one in said if one.start_ms < known)
        inside, full = said[: where.first_utterances], len(said) >= where.first_utterances
        end, name = inside[-1].end_ms if full else now, f"first_utterances:{where.first_utterances}"
        still = known <= inside[-1].start_ms if full else not hearing.case.ended
        return Range(_scope(hearing, role, inside, 0, end, still, name))
    doubt = None if hearing.case.ended else NOT_OVER
    if where.last_ms is not None:
        inside = [one for one in said if one.end_ms > now - where.last_ms]
        name = f"last_ms:{where.last_ms}"
        return Range(_scope(hearing, role, inside, now - where.last_ms, now, doubt is not None, name), doubt)
    if where.last_utterances is not None:
        inside, full = said[-where.last_utterances :], len(said) >= where.last_utterances
        start, name = inside[0].start_ms if full else 0, f"last_utterances:{where.last_utterances}"
        return Range(_scope(hearing, role, inside, start, now, doubt is not None, name), doubt)
    return Range(hearing.whole(role))


def _anchored(hearing: Hearing, role: Role, anchor: Anchor, at: Answer, steady: Container[str]) -> Looked | Answer:
    ended = hearing.case.ended
    if at.leaning is not Outcome.HIT or not at.evidence:
        if at.outcome is Outcome.CANNOT_TELL:
            return doubtful(Outcome.NOT_APPLICABLE, at.reason, at.evidence)
        if at.leaning is Outcome.HIT and not ended:
            return doubtful(Outcome.NOT_APPLICABLE, NOT_OVER)
        return sure(Outcome.NOT_APPLICABLE, Reason("anchor_missing", {"condition": anchor.condition}))
    places = sorted(at.evidence, key=lambda one: (one.start_ms, one.end_ms))
    if anchor.hit > len(places):
        few = Reason("anchor_too_few", {"condition": anchor.condition, "count": len(places), "wanted": anchor.hit})
        if at.outcome is Outcome.CANNOT_TELL or not ended:
            return doubtful(Outcome.NOT_APPLICABLE, at.reason if ended else NOT_OVER)
        return sure(Outcome.NOT_APPLICABLE, few)
    chosen = places if anchor.hit == 0 else [places[anchor.hit - 1 if anchor.hit > 0 else anchor.hit]]
    settled = hearing.settled_ms if anchor.hit >= 0 and anchor.condition in steady else 0
    ranges = []
    for place in chosen:
        doubt = None if ended or place.start_ms < settled else NOT_OVER
        if at.outcome is Outcome.CANNOT_TELL:
            doubt = at.reason
        elif place.confidence < hearing.least_confidence:
            doubt = found(place, in_doubt=True)
        ranges.append(Range(_around(hearing, role, anchor, place), doubt))
    return Looked(tuple(ranges), anchor.hit == 0 and not ended)


def _around(hearing: Hearing, role: Role, anchor: Anchor, place: Evidence) -> Scope:
    """Utterances of the role; those the place lies in are CURRENT, and neither before nor after."""
    now, known = hearing.case.now_ms, hearing.known_ms
    said = hearing.of_role(role)
    before = [one for one in said if one.end_ms <= place.start_ms]
    after = [one for one in said if one.start_ms >= place.end_ms]
    current = [one for one in said if one.end_ms > place.start_ms and one.start_ms < place.end_ms]
    reach = FOR_EVER if anchor.within_ms is None else anchor.within_ms
    count = anchor.within_utterances
    before = [one for one in before if one.end_ms > place.start_ms - reach][-count if count else 0 :]
    after = [one for one in after if one.start_ms < place.end_ms + reach][:count]
    full = count is not None and len(after) == count
    after_end = after[-1].end_ms if full else min(now, place.end_ms + reach)
    before_start = before[0].start_ms if count and len(before) == count else max(0, place.start_ms - reach)
    still = known <= after[-1].start_ms if full else known < place.end_ms + reach
    name = f"{anchor.side.value}:{place.start_ms}"
    match anchor.side:
        case Side.CURRENT:
            return _scope(hearing, role, current, place.start_ms, place.end_ms, known < place.end_ms, name)
        case Side.BEFORE:
            return _scope(hearing, role, before, before_start, place.start_ms, known < place.start_ms, name)
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
        open=not hearing.case.ended and (still or hearing.lengthens(said)),
        where=name,
    )


def _single(scope: Scope, said: Utterance) -> Scope:
    return Scope(
        hearing=scope.hearing,
        role=scope.role,
        utterances=(said,),
        start_ms=said.start_ms,
        end_ms=said.end_ms,
        open=not scope.case.ended and scope.hearing.lengthens((said,)),
        where=scope.where,
    )
