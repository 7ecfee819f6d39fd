"""The warehouse's named questions about contacts. In: a Warehouse, a filter. Out: frozen rows.

18.16 cannot join more than two tables, so a page is read first and what belongs to it by its contact ids. A contact id
begins with epoch seconds, which gives every look-up by id a time range to search in.
"""
# ruff: noqa: S608 -- every f-string here joins constants of ours; values travel as parameters

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

from streams.vocabulary.ids import AgentId, ContactId, Millis, QueueName, SiteId
from streams.warehouse.engine import Warehouse
from streams.warehouse.literals import Value
from streams.warehouse.rows import search_form
from streams.warehouse.sql_parts import SCORED, STANDS, millis, one, only, read, span, within

_R = TypeVar("_R")

HOUR_MS: Final = 3600 * 1000
BEFORE_MS: Final = HOUR_MS
AFTER_MS: Final = 48 * HOUR_MS
"""From a contact's own beginning to its last row: long waits, and recordings that are transcribed later keep
their contact's time."""

ID_SECONDS: Final = re.compile(r"^(\d{9,10})(?:\D|$)")

END_OF_TIME: Final = Millis(2**32 * 1000)


@dataclass(frozen=True, slots=True)
class LegRow:
    queued_at: Millis
    site: SiteId
    contact: ContactId
    leg: int
    queue: QueueName
    agent: AgentId
    channel: str
    direction: str
    tier: str
    customer: str
    answered_at: Millis
    ended_at: Millis
    wait_ms: int
    ring_ms: int
    talk_ms: int
    hold_ms: int
    wrap_up_ms: int
    target_ms: int
    outcome: str
    reason: str
    ended_by: str
    recording: str
    witnesses: str = ""
    tags: str = ""

    @property
    def entered_at(self) -> Millis:
        """When it came into the queue. `queued_at` is the row's key: of a talk that a picture found going on it stays
        the picture's time, also when a second witness told afterwards what was before."""
        if 0 < self.answered_at < self.queued_at:
            return Millis(self.answered_at - self.wait_ms)
        return self.queued_at


@dataclass(frozen=True, slots=True)
class RecordingRow:
    contact_at: Millis
    contact: ContactId
    state: str
    reason: str
    path: str
    queue: QueueName
    agent: AgentId
    duration_ms: int
    channels: int
    attempts: int
    model: str
    cpu_ms: int


@dataclass(frozen=True, slots=True)
class UtteranceRow:
    said_at: Millis
    channel: int
    role: str
    number: int
    start_ms: int
    end_ms: int
    text: str
    words: Sequence[str]
    word_start_ms: Sequence[int]
    word_end_ms: Sequence[int]
    word_confidence: Sequence[int]
    confidence: float
    model: str


@dataclass(frozen=True, slots=True)
class ScoreRow:
    contact_at: Millis
    contact: ContactId
    scheme: str
    scheme_version: int
    agent: AgentId
    queue: QueueName
    points: float
    points_low: float
    points_high: float
    points_max: float
    passed: int
    fatal: int
    items: str
    scored_at: Millis


@dataclass(frozen=True, slots=True)
class MomentRow:
    at: Millis
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactFilter:
    """What to list; None or "" means any. `text` is looked for in what was said (case and width do not matter)."""

    queue: QueueName | None = None
    agent: AgentId | None = None
    outcome: str | None = None
    site: SiteId | None = None
    text: str = ""
    fatal: bool = False
    """a fatal item hit under some scheme"""
    not_passed: bool = False
    during_alert: bool = False
    """entered its queue while an alert on that queue was firing"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedContact:
    """One queue visit with where its recording stands and its scores (one per scheme version)."""

    leg: LegRow
    recording: RecordingRow | None
    scores: tuple[ScoreRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactDetail:
    contact: ContactId
    legs: tuple[LegRow, ...]
    recording: RecordingRow | None
    utterances: tuple[UtteranceRow, ...]
    scores: tuple[ScoreRow, ...]
    analysis: str = ""
    """JSON of asr.analysis.Analysis; "" until the recording is done."""
    moments: tuple[MomentRow, ...] = ()
    """What the switch said while the contact was talked on: when its recording began, when it was held."""


LEG: Final = f"""
  SELECT {millis("queued_at")} AS queued, site, contact, leg, queue, agent, channel, direction, tier, customer,
    {millis("answered_at")} AS answered, {millis("ended_at")} AS ended, wait_ms, ring_ms, talk_ms, hold_ms, wrap_up_ms,
    target_ms, outcome, reason, ended_by, recording, witnesses, tags
  FROM contact_legs FINAL WHERE {within("queued_at")} AND {STANDS}"""

RECORDING: Final = f"""
  SELECT {millis("contact_at")} AS began, contact, state, reason, path, queue, agent, duration_ms, channels, attempts,
    model, cpu_ms
  FROM recordings FINAL WHERE {within("contact_at")}"""

SCORE: Final = f"""
  SELECT {millis("contact_at")} AS began, contact, scheme, scheme_version, agent, queue, points, points_low,
    points_high, points_max, passed, fatal, items, {millis("scored_at")} AS scored
  FROM scores FINAL WHERE {within("contact_at")} AND {SCORED}"""

UTTERANCE: Final = f"""
  SELECT {millis("said_at")} AS said, channel, role, number, start_ms, end_ms, text, words, word_start_ms, word_end_ms,
    word_confidence, confidence, model
  FROM utterances FINAL WHERE {within("said_at")}"""

ANALYSIS: Final = f"SELECT analysis FROM recordings FINAL WHERE {within('contact_at')} AND analysis != ''"

MOMENT: Final = f"""
  SELECT {millis("at")} AS moment, kind FROM events FINAL WHERE {within("at")}
    AND kind IN ('recording_started', 'contact_answered', 'contact_held', 'contact_resumed', 'contact_ended')"""


def contact_list(
    warehouse: Warehouse,
    *,
    since: Millis,
    until: Millis,
    choose: ContactFilter | None = None,
    limit: int = 50,
    offset: int = 0,
) -> list[ListedContact]:
    """Queue visits that began in [since, until), newest first."""
    where, params = _chosen(warehouse, choose or ContactFilter(), since, until)
    sql = f"{LEG}{where} ORDER BY queued DESC, contact, leg LIMIT {{offset}}, {{limit}}"
    legs = read(warehouse, LegRow, sql, params | {"limit": limit, "offset": offset})
    contacts = sorted({leg.contact for leg in legs})
    around = _around(contacts, since, until)
    recordings = {row.contact: row for row in _of(warehouse, RecordingRow, RECORDING, contacts, around)}
    scores: dict[ContactId, list[ScoreRow]] = {}
    for score in _of(warehouse, ScoreRow, f"{SCORE} ", contacts, around):
        scores.setdefault(score.contact, []).append(score)
    return [
        ListedContact(
            leg=leg,
            recording=recordings.get(leg.contact),
            scores=tuple(sorted(scores.get(leg.contact, ()), key=_scheme)),
        )
        for leg in legs
    ]


def contact_count(warehouse: Warehouse, *, since: Millis, until: Millis, choose: ContactFilter | None = None) -> int:
    """How many queue visits `contact_list` would page through."""
    where, params = _chosen(warehouse, choose or ContactFilter(), since, until)
    counted = f"SELECT count() FROM contact_legs FINAL WHERE {within('queued_at')} AND {STANDS}{where}"
    return int(one(warehouse, counted, params)[0])


def contact_detail(warehouse: Warehouse, *, contact: ContactId, site: SiteId | None = None) -> list[ContactDetail]:
    """Everything kept of one contact; an empty list if nothing is."""
    since, until = _life(contact)
    more, params = only(contact=contact, site=site)
    params |= span(since, until)
    legs = read(warehouse, LegRow, f"{LEG}{more} ORDER BY queued, leg", params)
    recordings = read(warehouse, RecordingRow, f"{RECORDING}{more}", params)
    scores = read(warehouse, ScoreRow, f"{SCORE}{more} ORDER BY scheme, scheme_version", params)
    utterances = read(warehouse, UtteranceRow, f"{UTTERANCE}{more} ORDER BY start_ms, channel, number", params)
    if not (legs or recordings or scores or utterances):
        return []
    analyses = warehouse.query(f"{ANALYSIS}{more}", params)
    moments = read(warehouse, MomentRow, f"{MOMENT}{more} ORDER BY moment, seq", params)
    return [
        ContactDetail(
            contact=contact,
            legs=tuple(legs),
            recording=recordings[-1] if recordings else None,
            utterances=tuple(utterances),
            scores=tuple(scores),
            analysis=str(analyses[-1][0]) if analyses else "",
            moments=tuple(moments),
        )
    ]


def scores_list(
    warehouse: Warehouse,
    *,
    since: Millis,
    until: Millis,
    scheme: str | None = None,
    agent: AgentId | None = None,
    queue: QueueName | None = None,
    not_passed: bool = False,
    limit: int = 200,
    offset: int = 0,
) -> list[ScoreRow]:
    """Scores of contacts that began in the range, newest first; of each scheme that of its newest version."""
    where, params = only(scheme=scheme, agent=agent, queue=queue)
    newest = f"{SCORE}{where} ORDER BY scheme_version DESC LIMIT 1 BY contact, scheme"
    failed = " WHERE passed = 0" if not_passed else ""
    sql = f"SELECT * FROM ({newest}){failed} ORDER BY began DESC, contact, scheme LIMIT {{offset}}, {{limit}}"
    return read(warehouse, ScoreRow, sql, params | span(since, until) | {"limit": limit, "offset": offset})


def _chosen(warehouse: Warehouse, choose: ContactFilter, since: Millis, until: Millis) -> tuple[str, dict[str, Value]]:
    where, params = only(queue=choose.queue, agent=choose.agent, outcome=choose.outcome, site=choose.site)
    params |= span(since, until)
    # What was said and scored carries the contact's own times, so the sub-queries look a little around the range.
    params |= {
        f"wide_{name}": value for name, value in span(Millis(since - BEFORE_MS), Millis(until + AFTER_MS)).items()
    }
    if choose.text.strip():
        params["text"] = search_form(choose.text.strip())
        where += f" AND contact IN (SELECT contact FROM utterances FINAL WHERE {_wide('said_at')}"
        where += " AND position(text_search, {text}) > 0)"
    if choose.fatal:
        where += f" AND contact IN ({_latest('fatal')} = 1)"
    if choose.not_passed:
        where += f" AND contact IN ({_latest('passed')} = 0)"
    if choose.during_alert:
        where += _during_alerts(warehouse, params)
    return where, params


def _latest(column: str) -> str:
    """Contacts by what the newest version of any scheme says of them: an older score stays, and counts no more."""
    return (
        f"SELECT contact FROM scores FINAL WHERE {_wide('contact_at')} AND {SCORED}"
        f" GROUP BY site, contact, scheme HAVING argMax({column}, scheme_version)"
    )


def _wide(column: str) -> str:
    return within(column).replace("{", "{wide_")


MOST_ALERTS: Final = 200
"""A range with more alerts than this is too long to ask "during an alert": the latest ones are taken."""


def _during_alerts(warehouse: Warehouse, params: dict[str, Value]) -> str:
    """Alerts and contacts meet in a range condition, which no join of 18.16 can express: read one, write the other."""
    raised, resolved = millis("raised_at"), millis("resolved_at")
    alerts = warehouse.query(
        f"""SELECT scope, {raised} AS raised, {resolved} AS resolved FROM alerts FINAL
        WHERE raised_at <= toDateTime({{until_s}}) AND {raised} < {{until}}
          AND ({resolved} = 0 OR {resolved} > {{since}}) AND state != 'pending'
        ORDER BY raised DESC LIMIT {MOST_ALERTS}""",
        params,
    )
    conditions = []
    for index, (scope, begin, end) in enumerate(alerts):
        at = millis("queued_at")
        params |= {f"scope{index}": scope, f"begin{index}": begin, f"end{index}": end or END_OF_TIME}
        conditions.append(
            f"(concat('queue:', queue) = {{scope{index}}} AND {at} >= {{begin{index}}} AND {at} < {{end{index}}})"
        )
    return f" AND ({' OR '.join(conditions)})" if conditions else " AND 0"


def _of(
    warehouse: Warehouse,
    kind: type[_R],
    sql: str,
    contacts: Sequence[ContactId],
    around: dict[str, Value],
) -> list[_R]:
    if not contacts:
        return []
    return read(warehouse, kind, f"{sql} AND contact IN {{contacts}}", around | {"contacts": list(contacts)})


def _around(contacts: Sequence[ContactId], since: Millis, until: Millis) -> dict[str, Value]:
    lives = [_life(contact) for contact in contacts] or [(since, until)]
    return span(min(life[0] for life in lives), max(life[1] for life in lives))


def _life(contact: ContactId) -> tuple[Millis, Millis]:
    """When rows of this contact can be; the whole of time if its id does not say."""
    found = ID_SECONDS.match(contact)
    if found is None:
        return Millis(0), END_OF_TIME
    began = int(found[1]) * 1000
    return Millis(max(0, began - BEFORE_MS)), Millis(began + AFTER_MS)


def _scheme(score: ScoreRow) -> tuple[str, int]:
    return score.scheme, score.scheme_version
