"""What people say of rules' answers, and what follows of it. In: requests, history's rows. Out: facts; shares, drifts.

A page shows what it sent; history has it a second later. May not know: SQL, statistics.
"""

from collections import Counter
from dataclasses import asdict
from typing import Any, Final

import msgspec
from aiohttp import web

from monitor.api.history import HistoryUnavailable, asked
from monitor.api.parts import Parts, parts_of
from monitor.api.plan_body import BodyRefused, document
from monitor.api.rules import RulesRefused, desk_of, refused
from monitor.api.rules_jobs_words import (
    COMMENT_MAX,
    STATUS,
    AccuracyAnswer,
    DriftTold,
    ItemAccuracy,
    Judge,
    ShareTold,
    Verdict,
    VerdictRefused,
    VerdictsAnswer,
)
from monitor.api.rules_json import fault, json_answer, refused_body
from monitor.rules_drift import DAYS, drifts_of
from scoring.accuracy import Drift, Share, judged_of, precision, recall
from streams.bus.errors import BusError
from streams.vocabulary.codec import UNREADABLE
from streams.vocabulary.facts import VerdictFact
from streams.vocabulary.ids import ContactId, Millis
from streams.warehouse.contacts import ContactDetail, ScoreRow
from streams.warehouse.verdicts import DAY_MS, AnswerDay, VerdictDay, VerdictRow

SMALL_BODY: Final = 16 * 1024


class _Line(msgspec.Struct, frozen=True):
    """Of a score's items what a verdict needs."""

    id: str
    outcome: str
    leaning: str = ""
    rule: str = ""
    rule_version: int = 0


async def verdicts(request: web.Request) -> web.Response:
    parts = parts_of(request)
    try:
        found = await asked(parts.history, VerdictRow, "verdicts_of", contact=request.match_info["contact"])
    except HistoryUnavailable as error:
        return fault("history_unavailable", error.reason, status=503)
    told = [
        Verdict(
            scheme=row.scheme, version=row.scheme_version, item=row.item, by=row.judged_by, agreed=bool(row.agreed),
            outcome=row.outcome, leaning=row.leaning, comment=row.comment, at=row.judged_at,
        )
        for row in found
    ]  # fmt: skip
    return json_answer(VerdictsAnswer(verdicts=told, me=parts.actor(request)))


async def judge(request: web.Request) -> web.Response:
    """Right or wrong, or taken back; a person's later word takes the place of the earlier."""
    parts = parts_of(request)
    body = await document(request, Judge, most=SMALL_BODY)
    if isinstance(body, BodyRefused):
        return refused_body(body)
    if parts.tell_fact is None:
        return fault(VerdictRefused.NOT_KEPT, "", status=STATUS[VerdictRefused.NOT_KEPT])
    contact = request.match_info["contact"]
    try:
        details = await asked(parts.history, ContactDetail, "contact_detail", contact=contact)
    except HistoryUnavailable as error:
        return fault("history_unavailable", error.reason, status=503)
    if not details:
        return _no(VerdictRefused.CONTACT, contact[:100])
    fact = _fact(parts, details[0], body, parts.actor(request))
    if fact is None:
        return _no(VerdictRefused.ITEM, f"{body.scheme} {body.version} {body.item}"[:200])
    try:
        await parts.tell_fact(fact)
    except BusError as error:
        return refused(RulesRefused.BUS, str(error))
    return json_answer(
        Verdict(
            scheme=fact.scheme,
            version=fact.scheme_version,
            item=fact.item,
            by=fact.judged_by,
            agreed=body.agreed,
            outcome=fact.outcome,
            leaning=fact.leaning,
            comment=fact.comment,
            at=fact.judged_at,
        )
    )


def _no(reason: VerdictRefused, detail: str) -> web.Response:
    return fault(reason, detail, status=STATUS[reason])


def _fact(parts: Parts, detail: ContactDetail, body: Judge, by: str) -> VerdictFact | None:
    """None: there is no such answer. The site is the visit's, for one web serves several."""
    score = next(
        (one for one in detail.scores if (one.scheme, one.scheme_version) == (body.scheme, body.version)), None
    )
    line = None if score is None else _line(score, body.item)
    if score is None or line is None:
        return None
    now = parts.clock()
    return VerdictFact(
        site=detail.legs[0].site if detail.legs else parts.id, ver=now, contact_at=score.contact_at,
        contact=ContactId(detail.contact), scheme=body.scheme, scheme_version=body.version, item=body.item,
        judged_by=by, rule=line.rule, rule_version=line.rule_version, outcome=line.outcome, leaning=line.leaning,
        agreed=bool(body.agreed), comment=body.comment[:COMMENT_MAX], judged_at=now, withdrawn=body.agreed is None,
    )  # fmt: skip


def _line(score: ScoreRow, item: str) -> _Line | None:
    try:
        lines = msgspec.json.decode(score.items, type=list[_Line])
    except UNREADABLE:
        return None
    return next((one for one in lines if one.id == item), None)


async def accuracy(request: web.Request) -> web.Response:
    """Each item's precision, recall, drift, of the last five weeks."""
    parts, _ = desk_of(request)
    name, now = request.match_info["name"], parts.clock()
    told: dict[str, Any] = {"site": parts.id, "scheme": name, "since": Millis(now - DAYS * DAY_MS), "until": now}
    try:
        answers = await asked(parts.history, AnswerDay, "answer_days", **told)
        said = await asked(parts.history, VerdictDay, "verdict_days", **told)
    except HistoryUnavailable as error:
        return fault("history_unavailable", error.reason, status=503)
    names = dict.fromkeys([*(one.item for one in answers), *(one.item for one in said)])
    items = [
        of_item(item, [one for one in answers if one.item == item], [one for one in said if one.item == item])
        for item in names
    ]
    return json_answer(AccuracyAnswer(scheme=name, since=told["since"], until=now, items=items))


def of_item(item: str, answers: list[AnswerDay], said: list[VerdictDay]) -> ItemAccuracy:
    given: Counter[str] = Counter()
    for answer in answers:
        given[answer.outcome] += answer.count
    judged: Counter[tuple[str, bool]] = Counter()
    for one in said:
        judged[one.outcome, bool(one.agreed)] += one.count
    counts = judged_of(given, judged)
    return ItemAccuracy(
        item=item,
        hits=counts.hits,
        misses=counts.misses,
        doubts=given["cannot_tell"],
        judged=sum(judged.values()),
        precision=_share(precision(counts)),
        recall=_share(recall(counts)),
        drifts=[_drift(one) for one in drifts_of(answers, said)],
    )


def _share(one: Share) -> ShareTold:
    return ShareTold(**asdict(one))


def _drift(one: Drift) -> DriftTold:
    return DriftTold(of=one.of, recent=_share(one.recent), before=_share(one.before), low=one.low, high=one.high)


def routes() -> list[web.RouteDef]:
    return [
        web.get("/api/v1/contacts/{contact}/verdicts", verdicts),
        web.post("/api/v1/contacts/{contact}/verdicts", judge),
        web.get("/api/v1/rules/{name}/accuracy", accuracy),
    ]
