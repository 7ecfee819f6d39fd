"""The warehouse's named questions about queues, agents and the ledgers. In: a Warehouse, moments. Out: frozen rows.

Times are half-open [since, until). Every count reads with FINAL: a replayed row counts once. Runs on 18.16 .. 26 and
chDB: no CTEs, no window functions. For contacts see contacts.py.
"""
# ruff: noqa: S608 -- every f-string here joins constants of ours; values travel as parameters

from dataclasses import dataclass
from typing import Final

from streams.vocabulary.ids import AgentId, Millis, QueueName, SiteId
from streams.warehouse.engine import Warehouse
from streams.warehouse.sql_parts import INBOUND, SCORED, SEEN, STANDS, millis, one, only, read, span, within

ANSWERED: Final = "outcome IN ('answered', 'talking')"
VISITS: Final = f"{within('queued_at')} AND {STANDS} AND {INBOUND}"

QUEUE_COUNTS: Final = f"""
  countIf(outcome != 'turned_away') AS n_offered,
  countIf({ANSWERED}) AS n_answered,
  countIf({ANSWERED} AND {SEEN} AND wait_ms <= target_ms) AS n_answered_in_target,
  countIf(outcome = 'abandoned') AS n_abandoned,
  countIf(outcome = 'abandoned' AND wait_ms <= target_ms) AS n_abandoned_in_target,
  countIf(outcome = 'overflowed') AS n_overflowed,
  countIf(outcome = 'turned_away') AS n_turned_away,
  countIf(outcome = 'waiting') AS n_waiting,
  countIf(outcome = 'talking') AS n_talking,
  countIf(outcome = 'lost') AS n_lost,
  sumIf(wait_ms, {ANSWERED} AND {SEEN}) AS wait_sum,
  sumIf(wait_ms, outcome = 'abandoned') AS abandoned_wait_sum,
  max(wait_ms) AS wait_most,
  sum(talk_ms) AS talk_sum,
  sum(hold_ms) AS hold_sum,
  sum(wrap_up_ms) AS wrap_up_sum,
  countIf({ANSWERED} AND NOT ({SEEN})) AS n_answered_unseen
"""


@dataclass(frozen=True, slots=True)
class QueueDay:
    """One queue's contacts that entered it in the range. offered = answered + abandoned + overflowed + waiting + lost
    (answered includes those still talking). Durations are sums in ms; `wait_ms` of the answered."""

    queue: QueueName
    offered: int
    answered: int
    answered_in_target: int
    abandoned: int
    abandoned_in_target: int
    overflowed: int
    turned_away: int
    waiting: int
    talking: int
    lost: int
    wait_ms: int
    abandoned_wait_ms: int
    wait_max_ms: int
    talk_ms: int
    hold_ms: int
    wrap_up_ms: int
    answered_unseen: int = 0
    """of `answered`; their wait is not in `wait_ms`: asa = wait_ms / (answered - answered_unseen)"""


def queue_day(
    warehouse: Warehouse, *, since: Millis, until: Millis, queue: QueueName | None = None, site: SiteId | None = None
) -> list[QueueDay]:
    where, params = only(queue=queue, site=site)
    sql = f"""
        SELECT queue, {QUEUE_COUNTS} FROM contact_legs FINAL
        WHERE {VISITS}{where} GROUP BY queue ORDER BY queue
    """
    return read(warehouse, QueueDay, sql, params | span(since, until))


@dataclass(frozen=True, slots=True)
class QueueExit:
    """How many left a queue so, for this reason (overflowed and turned away have reasons)."""

    queue: QueueName
    outcome: str
    reason: str
    contacts: int


def queue_exits(
    warehouse: Warehouse, *, since: Millis, until: Millis, queue: QueueName | None = None, site: SiteId | None = None
) -> list[QueueExit]:
    where, params = only(queue=queue, site=site)
    sql = f"""
        SELECT queue, outcome, reason, count() AS n FROM contact_legs FINAL
        WHERE {VISITS}{where} GROUP BY queue, outcome, reason ORDER BY queue, outcome, reason
    """
    return read(warehouse, QueueExit, sql, params | span(since, until))


@dataclass(frozen=True, slots=True)
class QueueMinute:
    """One queue, one slot (`at` its beginning): parts and wholes of every service level formula, so slots add up."""

    at: Millis
    queue: QueueName
    offered: int
    answered: int
    answered_in_target: int
    accepted_in_target: int
    abandoned: int
    abandoned_in_target: int
    overflowed: int
    wait_ms: int


def service_level_line(
    warehouse: Warehouse,
    *,
    since: Millis,
    until: Millis,
    queue: QueueName | None = None,
    site: SiteId | None = None,
    slot_minutes: int = 1,
) -> list[QueueMinute]:
    where, params = only(queue=queue, site=site)
    sql = f"""
        SELECT intDiv({millis("queued_at")}, {{slot_ms}}) * {{slot_ms}} AS slot, queue,
          countIf(outcome != 'turned_away') AS n_offered,
          countIf({ANSWERED}) AS n_answered,
          countIf({ANSWERED} AND {SEEN} AND wait_ms <= target_ms) AS n_answered_in_target,
          countIf({ANSWERED} AND {SEEN} AND accept_wait_ms <= target_ms) AS n_accepted_in_target,
          countIf(outcome = 'abandoned') AS n_abandoned,
          countIf(outcome = 'abandoned' AND wait_ms <= target_ms) AS n_abandoned_in_target,
          countIf(outcome = 'overflowed') AS n_overflowed,
          sumIf(wait_ms, {ANSWERED} AND {SEEN}) AS wait_sum
        FROM contact_legs FINAL WHERE {VISITS}{where} GROUP BY slot, queue ORDER BY slot, queue
    """
    return read(warehouse, QueueMinute, sql, params | span(since, until) | {"slot_ms": max(1, slot_minutes) * 60_000})


@dataclass(frozen=True, slots=True)
class AgentContacts:
    agent: AgentId
    answered: int
    talk_ms: int
    hold_ms: int
    wrap_up_ms: int


@dataclass(frozen=True, slots=True)
class AgentStateTime:
    agent: AgentId
    state: str
    reason: str
    intervals: int
    duration_ms: int
    """the part inside the range"""


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentDay:
    """One agent's contacts (queued in the range) and time per state (cut to the range)."""

    agent: AgentId
    answered: int
    talk_ms: int
    hold_ms: int
    wrap_up_ms: int
    states: tuple[AgentStateTime, ...]

    def state_ms(self, state: str) -> int:
        return sum(part.duration_ms for part in self.states if part.state == state)


LONGEST_INTERVAL_MS: Final = 8 * 24 * 3600 * 1000
"""How far before the range an interval may have begun and still be found. Longer ones are agents who are away."""


def agent_day(
    warehouse: Warehouse, *, since: Millis, until: Millis, agent: AgentId | None = None, site: SiteId | None = None
) -> list[AgentDay]:
    where, params = only(agent=agent, site=site)
    contacts_sql = f"""
        SELECT agent, countIf({ANSWERED}) AS n, sum(talk_ms) AS talk, sum(hold_ms) AS hold, sum(wrap_up_ms) AS wrap
        FROM contact_legs FINAL WHERE {within("queued_at")} AND {STANDS}{where} AND agent != '' GROUP BY agent
    """
    began = millis("started_at")
    states_sql = f"""
        SELECT agent, state, reason, count() AS n,
          sum(least({began} + toInt64(duration_ms), {{end}}) - greatest({began}, {{begin}})) AS inside
        FROM state_intervals FINAL
        WHERE {within("started_at")} AND {STANDS}{where} AND {began} + toInt64(duration_ms) > {{begin}}
        GROUP BY agent, state, reason ORDER BY agent, state, reason
    """
    contacts = {row.agent: row for row in read(warehouse, AgentContacts, contacts_sql, params | span(since, until))}
    wider = span(Millis(since - LONGEST_INTERVAL_MS), until) | {"begin": int(since), "end": int(until)}
    states: dict[AgentId, list[AgentStateTime]] = {}
    for part in read(warehouse, AgentStateTime, states_sql, params | wider):
        states.setdefault(part.agent, []).append(part)
    nothing = AgentContacts(AgentId(""), 0, 0, 0, 0)
    return [
        AgentDay(
            agent=name,
            answered=(row := contacts.get(name, nothing)).answered,
            talk_ms=row.talk_ms,
            hold_ms=row.hold_ms,
            wrap_up_ms=row.wrap_up_ms,
            states=tuple(states.get(name, ())),
        )
        for name in sorted(contacts.keys() | states.keys())
    ]


@dataclass(frozen=True, slots=True)
class AgentInterval:
    started_at: Millis
    agent: AgentId
    state: str
    reason: str
    queue: QueueName
    contact: str
    duration_ms: int


def agent_intervals(
    warehouse: Warehouse,
    *,
    agent: AgentId,
    since: Millis,
    until: Millis,
    site: SiteId | None = None,
    limit: int = 5_000,
) -> list[AgentInterval]:
    """Intervals that touch the range, whole, oldest first. `site`: of this one's agent, if two have the number."""
    began = millis("started_at")
    where, chosen = only(site=site)
    sql = f"""
        SELECT {began} AS began, agent, state, reason, queue, contact, toInt64(duration_ms) AS lasted
        FROM state_intervals FINAL
        WHERE {within("started_at")} AND {STANDS} AND agent = {{agent}}{where}
            AND {began} + toInt64(duration_ms) > {{begin}}
        ORDER BY began, number LIMIT {{limit}}
    """
    params = span(Millis(since - LONGEST_INTERVAL_MS), until) | {"agent": agent, "begin": int(since), "limit": limit}
    params |= chosen
    return read(warehouse, AgentInterval, sql, params)


@dataclass(frozen=True, slots=True)
class RecordingCount:
    """How many recordings stand so; quarantined ones have a reason. Sums in ms."""

    state: str
    reason: str
    recordings: int
    duration_ms: int
    cpu_ms: int


def recordings_ledger(
    warehouse: Warehouse, *, since: Millis, until: Millis, site: SiteId | None = None
) -> list[RecordingCount]:
    where, params = only(site=site)
    sql = f"""
        SELECT state, reason, count() AS n, sum(duration_ms) AS lasted, sum(cpu_ms) AS cpu
        FROM recordings FINAL WHERE {within("contact_at")} AND state != 'matched'{where}
        GROUP BY state, reason ORDER BY state, reason
    """
    return read(warehouse, RecordingCount, sql, params | span(since, until))


FIRED: Final = "state != 'pending' AND reason != 'cleared_before_hold'"


@dataclass(frozen=True, slots=True)
class AlertRow:
    raised_at: Millis
    site: SiteId
    alert: str
    rule: str
    scope: str
    severity: str
    state: str
    reason: str
    value: float | None
    threshold: float
    resolved_at: Millis
    acknowledged_at: Millis
    acknowledged_by: str
    detail: str
    changed_at: Millis


def alerts_list(
    warehouse: Warehouse,
    *,
    since: Millis,
    until: Millis,
    state: str | None = None,
    rule: str | None = None,
    scope: str | None = None,
    site: SiteId | None = None,
    alert: str | None = None,
    severity: str | None = None,
    queue: QueueName | None = None,
    fired: bool = False,
    limit: int = 200,
    offset: int = 0,
) -> list[AlertRow]:
    """Newest first. `queue`: of the queue and of its tiers; `fired`: without those that cleared before their hold."""
    where, params = only(state=state, rule=rule, scope=scope, site=site, alert=alert, severity=severity)
    if queue is not None:
        where += " AND (scope = {on_queue} OR startsWith(scope, {on_tiers}))"
        params |= {"on_queue": f"queue:{queue}", "on_tiers": f"tier:{queue}/"}
    if fired:
        where += f" AND {FIRED}"
    sql = f"""
        SELECT {millis("raised_at")} AS raised, site, alert, rule, scope, severity, state, reason, value, threshold,
          {millis("resolved_at")} AS resolved, {millis("acknowledged_at")} AS acknowledged, acknowledged_by, detail,
          {millis("changed_at")} AS changed
        FROM alerts FINAL WHERE {within("raised_at")}{where}
        ORDER BY raised DESC, alert LIMIT {{offset}}, {{limit}}
    """
    return read(warehouse, AlertRow, sql, params | span(since, until) | {"limit": limit, "offset": offset})


@dataclass(frozen=True, slots=True)
class TableCount:
    table: str
    rows: int


COUNTED: Final = (
    "events", "contact_legs", "state_intervals", "recordings", "utterances", "scores", "verdicts", "alerts",
    "alert_notes", "audit",
)  # fmt: skip


def table_counts(warehouse: Warehouse) -> list[TableCount]:
    """Distinct rows of every table, replays counted once, what was taken back not at all."""
    taken_back = {"contact_legs": STANDS, "state_intervals": STANDS, "scores": SCORED, "verdicts": SCORED}
    standing = {table: f" WHERE {condition}" for table, condition in taken_back.items()}
    return [
        TableCount(table, one(warehouse, f"SELECT count() FROM {table} FINAL{standing.get(table, '')}", {})[0])
        for table in COUNTED
    ]
