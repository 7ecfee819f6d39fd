"""The questions the history process answers by name. In: a name and parameters from another process. Out: rows.

Every parameter is checked against the question's own signature before the store hears of it. May not know: sockets.
"""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Any, Final, get_type_hints
from zoneinfo import ZoneInfo

import msgspec

from monitor import case_stored, rules_drift
from scoring.case import Case
from streams.vocabulary.ids import ContactId, Millis, SiteId
from streams.warehouse import alert_notes, contacts, lately, queries, ranges, retention, roller, verdicts
from streams.warehouse.contacts import ContactFilter
from streams.warehouse.engine import Warehouse

Question = Callable[..., list[Any]]


def contact_count(
    warehouse: Warehouse, *, since: Millis, until: Millis, choose: ContactFilter | None = None
) -> list[dict[str, int]]:
    return [{"contacts": contacts.contact_count(warehouse, since=since, until=until, choose=choose)}]


def retention_plan(
    warehouse: Warehouse,
    *,
    now: Millis,
    events_days: int = 90,
    contacts_days: int = 730,
    transcripts_days: int = 365,
    alerts_days: int = 730,
) -> list[retention.Drop]:
    """What the next drop would take; what people did is in no plan of the service's."""
    keeping = retention.Keeping(
        events=events_days, contacts=contacts_days, transcripts=transcripts_days, alerts=alerts_days
    )
    return retention.retention_plan(warehouse, keeping=keeping, now=now)


def stored_case(warehouse: Warehouse, *, site: SiteId, contact: ContactId, zone: str, now: Millis) -> list[Case]:
    """A contact as rules see it. `zone`: the site's, whose hours they ask for."""
    found = case_stored.stored_case(warehouse, site=site, contact=contact, zone=ZoneInfo(zone), now=now)
    return [] if found is None else [found]


QUESTIONS: Final[Mapping[str, Question]] = {
    "queue_day": queries.queue_day,
    "queue_exits": queries.queue_exits,
    "service_level_line": queries.service_level_line,
    "agent_day": queries.agent_day,
    "agent_intervals": queries.agent_intervals,
    "recordings_ledger": queries.recordings_ledger,
    "alerts_list": queries.alerts_list,
    "alert_notes": alert_notes.alert_notes,
    "alert_marks": alert_notes.alert_marks,
    "alert_said": alert_notes.alert_said,
    "alert_counts": alert_notes.alert_counts,
    "alert_told": alert_notes.alert_told,
    "table_counts": queries.table_counts,
    "contact_list": contacts.contact_list,
    "contact_count": contact_count,
    "contact_detail": contacts.contact_detail,
    "scores_list": contacts.scores_list,
    "scored_lately": lately.scored_lately,
    "stored_case": stored_case,
    "answer_days": verdicts.answer_days,
    "verdict_days": verdicts.verdict_days,
    "verdicts_of": verdicts.verdicts_of,
    "rules_drifting": rules_drift.drifting,
    "queue_line": ranges.queue_line,
    "site_line": ranges.site_line,
    "service_levels": ranges.service_levels,
    "wait_quantiles": ranges.wait_quantiles,
    "agent_line": ranges.agent_line,
    "rollup_age": roller.rollup_age,
    "retention_plan": retention_plan,
}


class Asked(msgspec.Struct, forbid_unknown_fields=True):
    name: str
    params: dict[str, Any] = {}


class WrongQuestion(Exception):
    """The asker's fault; the text names the question and the parameter."""


def parse_question(body: bytes) -> tuple[Question, dict[str, Any]]:
    """What is asked and its parameters, each of its own type. Raises WrongQuestion."""
    try:
        asked = msgspec.json.decode(body, type=Asked)
    except msgspec.DecodeError as error:
        raise WrongQuestion(f"not a question: {error}") from error
    question = QUESTIONS.get(asked.name)
    if question is None:
        raise WrongQuestion(f"unknown question {asked.name!r}: this version answers {', '.join(QUESTIONS)}")
    try:
        inspect.signature(question).bind(None, **asked.params)
    except TypeError as error:
        raise WrongQuestion(f"{asked.name}: {error}") from error
    types = get_type_hints(question)
    return question, {key: _typed(asked.name, key, value, types[key]) for key, value in asked.params.items()}


def _typed(question: str, key: str, value: Any, wanted: Any) -> Any:
    # Dataclasses let unknown fields pass; a filter that is not understood would widen the answer.
    if (
        key == "choose"
        and isinstance(value, dict)
        and (unknown := set(value) - {f.name for f in fields(ContactFilter)})
    ):
        raise WrongQuestion(f"{question}: {key} has no {', '.join(sorted(unknown))}")
    try:
        return msgspec.convert(value, wanted)
    except msgspec.ValidationError as error:
        raise WrongQuestion(f"{question}: {key}: {error}") from error


def answer(warehouse: Warehouse, question: Question, params: Mapping[str, Any]) -> list[Any]:
    """Rows as builtins. Raises StoreError."""
    return [msgspec.to_builtins(row) for row in question(warehouse, **params)]
