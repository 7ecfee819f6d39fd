"""What the rollups count, as SQL. In: nothing but names of ours. Out: one SELECT per table and part; INSERTs of them.

A base row counts as streams/floor/legs.py counts it, in the slot in which each thing happened (docs/metrics.md).
The same SELECT answers from the base and fills the rollups. Runs on 18.16 .. 26. May not know: when anything is rolled.
"""
# ruff: noqa: S608 -- every f-string here joins constants of ours; values travel as parameters

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from streams.warehouse.sql_parts import INBOUND, SEEN, STANDS, millis, within

ORIGIN_S: Final = 900
"""Base rows are counted by the quarter of an hour of their own time."""
TOUCHES_MS: Final = 31 * 24 * 3600 * 1000
"""How long after its origin a base row can still count: longer intervals are cut here."""

BUCKETS_PER_DOUBLING: Final = 13
BUCKET_BASE_MS: Final = 100
BUCKETS: Final = 208
"""16 doublings of 100 ms: up to 1 h 49 min. A bucket is 5.5 % wide, its middle within 3 % of any wait over 1 s."""


class Part(StrEnum):
    """Which base rows a rollup row was counted from."""

    CONTACTS = "contacts"
    STATES = "states"
    TALLIES = "tallies"


JOINED, ANSWERED, LEFT, WRAPPED = 1, 2, 3, 4
"""A visit happens at four moments; each counts in its own slot."""

_OUT: Final = "direction = 'outbound'"


def _count(moment: int, condition: str) -> str:
    return f"countIf(moment = {moment} AND {condition})"


def _sum(what: str, moment: int, condition: str) -> str:
    return f"toUInt64(sumIf({what}, moment = {moment} AND {condition}))"


CONTACT_COUNTERS: Final[Mapping[str, str]] = {
    "offered": _count(JOINED, f"{INBOUND} AND outcome != 'turned_away'"),
    "answered": _count(ANSWERED, INBOUND),
    "answered_unseen": _count(ANSWERED, f"{INBOUND} AND NOT ({SEEN})"),
    "answered_in_target": _count(ANSWERED, f"{INBOUND} AND {SEEN} AND wait_ms <= target_ms"),
    "accepted_in_target": _count(ANSWERED, f"{INBOUND} AND {SEEN} AND accept_wait_ms <= target_ms"),
    "abandoned": _count(LEFT, f"{INBOUND} AND outcome = 'abandoned'"),
    "abandoned_in_target": _count(LEFT, f"{INBOUND} AND outcome = 'abandoned' AND wait_ms <= target_ms"),
    "short_abandoned": _count(LEFT, f"{INBOUND} AND outcome = 'abandoned' AND wait_ms < {{short_abandon_ms}}"),
    **{
        f"overflowed_{reason}": _count(LEFT, f"{INBOUND} AND outcome = 'overflowed' AND reason = '{reason}'")
        for reason in ("timeout", "key", "empty", "withdrawn")
    },
    **{
        f"turned_away_{reason}": _count(JOINED, f"outcome = 'turned_away' AND reason = '{reason}'")
        for reason in ("full", "join_empty")
    },
    "transferred_out": _count(LEFT, f"{INBOUND} AND outcome = 'answered' AND ended_by = 'transfer'"),
    "ended": _count(LEFT, f"{INBOUND} AND outcome = 'answered'"),
    "lost": _count(LEFT, f"{INBOUND} AND outcome = 'lost'"),
    "wait_ms": _sum("wait_ms", ANSWERED, f"{INBOUND} AND {SEEN}"),
    "wait_max_ms": f"toUInt64(max(if(moment = {ANSWERED} AND {INBOUND} AND {SEEN}, wait_ms, 0)))",
    "abandoned_wait_ms": _sum("wait_ms", LEFT, f"{INBOUND} AND outcome = 'abandoned'"),
    "ring_ms": _sum("ring_ms", ANSWERED, f"{INBOUND} AND {SEEN}"),
    "talk_ms": _sum("talk_ms", LEFT, f"{INBOUND} AND outcome = 'answered'"),
    "hold_ms": _sum("hold_ms", LEFT, f"{INBOUND} AND outcome = 'answered'"),
    "wrap_up_ms": _sum("wrap_up_ms", WRAPPED, INBOUND),
    "outbound_dialled": _count(JOINED, f"{_OUT} AND outcome != 'turned_away'"),
    "outbound_reached": _count(ANSWERED, _OUT),
    "outbound_unreached": _count(LEFT, f"{_OUT} AND outcome != 'answered'"),
    "outbound_ended": _count(LEFT, f"{_OUT} AND outcome = 'answered'"),
    "outbound_dial_ms": _sum("ring_ms", ANSWERED, _OUT),
    "outbound_unreached_ms": _sum("ring_ms", LEFT, f"{_OUT} AND outcome != 'answered'"),
    "outbound_talk_ms": _sum("talk_ms", LEFT, f"{_OUT} AND outcome = 'answered'"),
    "outbound_hold_ms": _sum("hold_ms", LEFT, f"{_OUT} AND outcome = 'answered'"),
    "outbound_wrap_up_ms": _sum("wrap_up_ms", WRAPPED, _OUT),
}

TALLY_COUNTERS: Final[Mapping[str, str]] = {
    **{
        f"switch_{name}": f"toUInt64(sum(if(kind = 'switch_tallied', visitParamExtractUInt(body, '{name}'), 0)))"
        for name in ("completed", "completed_in_target", "abandoned", "abandoned_in_target")
    },
    "messages": "countIf(kind = 'contact_message')",
}

AGENT_COUNTERS: Final[Mapping[str, str]] = {
    "answered": _count(ANSWERED, INBOUND),
    "outbound_reached": _count(ANSWERED, _OUT),
    "ended": _count(LEFT, "outcome = 'answered'"),
    "talk_ms": _sum("talk_ms", LEFT, "outcome = 'answered'"),
    "hold_ms": _sum("hold_ms", LEFT, "outcome = 'answered'"),
    "wrap_up_ms": _sum("wrap_up_ms", WRAPPED, "1"),
    "ring_ms": _sum("ring_ms", ANSWERED, "1"),
}

STATES: Final = ("ready", "offered", "on_contact", "on_hold", "wrap_up", "not_ready", "unknown")
STATE_COUNTERS: Final[Mapping[str, str]] = {
    f"state_{state}_ms": f"toUInt64(sumIf(inside, state = '{state}'))" for state in STATES
}

HISTOGRAM: Final = "wait_histogram"
_BUCKET: Final = f"""toUInt64(least(
  floor({BUCKETS_PER_DOUBLING} * log2(1 + toFloat64(wait_ms) / {BUCKET_BASE_MS})), {BUCKETS - 1}))"""
_HISTOGRAM: Final = f"""sumForEach(if(moment = {ANSWERED} AND {INBOUND} AND {SEEN},
  arrayMap(one -> toUInt64(one = bucket), range(bucket + 1)), emptyArrayUInt64()))"""

VISITS: Final = f"""
  SELECT site, queue, agent, direction, tags, outcome, reason, ended_by, wait_ms, accept_wait_ms, target_ms, ring_ms,
    talk_ms, hold_ms, wrap_up_ms, {_BUCKET} AS bucket,
    intDiv(toInt64(toUnixTimestamp(queued_at)), {ORIGIN_S}) * {ORIGIN_S} AS origin_s,
    {millis("queued_at")} AS joined_ms,
    if(toUnixTimestamp(answered_at) = 0, joined_ms + wait_ms, {millis("answered_at")}) AS answered_ms,
    if(toUnixTimestamp(ended_at) = 0, answered_ms + talk_ms + hold_ms, {millis("ended_at")}) AS left_ms,
    arrayJoin([{JOINED}, {ANSWERED}, {LEFT}, {WRAPPED}]) AS moment,
    multiIf(
      moment = {JOINED}, joined_ms,
      moment = {ANSWERED}, if(outcome IN ('answered', 'talking'), answered_ms, toInt64(0)),
      moment = {LEFT}, if(outcome IN ('waiting', 'talking', 'turned_away'), toInt64(0), left_ms),
      if(wrap_up_ms > 0 AND outcome = 'answered', left_ms + wrap_up_ms, toInt64(0))
    ) AS happened_ms
  FROM contact_legs FINAL WHERE {within("queued_at")} AND {STANDS}"""
"""One row per visit and moment; `happened_ms` 0: that moment never came."""

STRETCHES: Final = f"""
  SELECT site, agent, state, reason,
    intDiv(toInt64(toUnixTimestamp(started_at)), {ORIGIN_S}) * {ORIGIN_S} AS origin_s,
    {millis("started_at")} AS began_ms,
    began_ms + least(toInt64(duration_ms), toInt64({TOUCHES_MS})) AS ended_ms,
    intDiv(began_ms, {{slot_ms}}) AS first_slot,
    first_slot + toInt64(arrayJoin(range(toUInt64(intDiv(ended_ms - 1, {{slot_ms}}) - first_slot + 1)))) AS slot_number,
    slot_number * {{slot_ms}} AS happened_ms,
    least(ended_ms, (slot_number + 1) * {{slot_ms}}) - greatest(began_ms, slot_number * {{slot_ms}}) AS inside
  FROM state_intervals FINAL
  WHERE {within("started_at")} AND {STANDS} AND duration_ms > 0 AND state != 'signed_out'"""
"""One row per closed interval and slot it touches, with the milliseconds inside that slot."""

TALLIED: Final = f"""
  SELECT site, queue, kind, body, intDiv(toInt64(toUnixTimestamp(at)), {ORIGIN_S}) * {ORIGIN_S} AS origin_s,
    {millis("at")} AS happened_ms
  FROM events FINAL WHERE {within("at")} AND kind IN ('switch_tallied', 'contact_message')"""

_ROWS: Final[Mapping[Part, str]] = {Part.CONTACTS: VISITS, Part.STATES: STRETCHES, Part.TALLIES: TALLIED}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rollup:
    """One table. `keys`: beside slot and site; `only`: which rows have such a key; `columns`: all its numbers."""

    table: str
    slot_ms: int
    keys: tuple[str, ...]
    only: str
    parts: Mapping[Part, Mapping[str, str]]
    histogram: bool = False

    @property
    def columns(self) -> tuple[str, ...]:
        return tuple(name for counters in self.parts.values() for name in counters)


_COUNTED: Final = {Part.CONTACTS: CONTACT_COUNTERS, Part.TALLIES: TALLY_COUNTERS}

QUEUE_1M: Final = Rollup(table="queue_1m", slot_ms=60_000, keys=("queue",), only="queue != ''", parts=_COUNTED)
QUEUE_15M: Final = Rollup(
    table="queue_15m", slot_ms=900_000, keys=("queue",), only="queue != ''", parts=_COUNTED, histogram=True
)
AGENT_5M: Final = Rollup(
    table="agent_5m",
    slot_ms=300_000,
    keys=("agent",),
    only="agent != ''",
    parts={Part.CONTACTS: AGENT_COUNTERS, Part.STATES: STATE_COUNTERS},
)
SITE_15M: Final = Rollup(
    table="site_15m", slot_ms=900_000, keys=(), only="1", parts={**_COUNTED, Part.STATES: STATE_COUNTERS}
)
ROLLUPS: Final = (QUEUE_1M, QUEUE_15M, AGENT_5M, SITE_15M)


def counted(rollup: Rollup, part: Part, *, by_origin: bool, where: str = "") -> str:
    """SELECT slot_s, site, keys…[, origin_s], the part's counters[, histogram]: straight from the base.

    Parameters: those of `within` for the base rows' own time, slot_ms, short_abandon_ms, and what `where` names.
    """
    keys = ["site", *rollup.keys, *(["origin_s"] if by_origin else [])]
    numbers = [f"{text} AS {_inner(name)}" for name, text in rollup.parts[part].items()]
    if rollup.histogram and part is Part.CONTACTS:
        numbers.append(f"{_HISTOGRAM} AS {_inner(HISTOGRAM)}")
    only = rollup.only
    if part is not Part.STATES and rollup is SITE_15M:
        only = "queue != ''"
    return f"""
      SELECT intDiv(happened_ms, {{slot_ms}}) * intDiv({{slot_ms}}, 1000) AS slot_s, {", ".join(keys)},
        {", ".join(numbers)}
      FROM ({_ROWS[part]}) WHERE happened_ms > 0 AND {only}{where} GROUP BY slot_s, {", ".join(keys)}"""


def roll(rollup: Rollup, part: Part) -> str:
    """INSERT of everything counted from the origins [since, until) of {site}, and zeros where something was before.

    Parameters beside those of `counted`: site, ver, origin_since, origin_until, touched_until (seconds).
    """
    names = list(rollup.parts[part])
    keys = ["site", *rollup.keys]
    zeros = ["toUInt64(0)"] * len(names)
    sums = [_total(name) for name in names]
    if rollup.histogram and part is Part.CONTACTS:
        names.append(HISTOGRAM)
        zeros.append("emptyArrayUInt64()")
        sums.append(f"sumForEach({_inner(HISTOGRAM)})")
    return f"""
    INSERT INTO {rollup.table} (slot, {", ".join(keys)}, origin, part, {", ".join(names)}, ver)
    SELECT toDateTime(slot_s), {", ".join(keys)}, toDateTime(origin_s), '{part}', {", ".join(sums)}, toUInt64({{ver}})
    FROM ({counted(rollup, part, by_origin=True, where=" AND site = {site}")}
      UNION ALL
      SELECT toInt64(toUnixTimestamp(slot)) AS slot_s, {", ".join(keys)},
        toInt64(toUnixTimestamp(origin)) AS origin_s, {_named(zeros, names)}
      FROM {rollup.table}
      WHERE slot >= toDateTime({{origin_since}}) AND slot < toDateTime({{touched_until}}) AND site = {{site}}
        AND origin >= toDateTime({{origin_since}}) AND origin < toDateTime({{origin_until}}) AND part = '{part}'
    ) GROUP BY slot_s, {", ".join(keys)}, origin_s"""


def _inner(name: str) -> str:
    # 18.16 takes an alias that hides a column of its own expression for a cycle
    return f"n_{name}"


def _named(texts: Sequence[str], names: Sequence[str]) -> str:
    return ", ".join(f"{text} AS {_inner(name)}" for text, name in zip(texts, names, strict=True))


def _total(name: str) -> str:
    return f"max({_inner(name)})" if name == "wait_max_ms" else f"sum({_inner(name)})"


def added(names: Sequence[str]) -> str:
    """Columns of a rollup, added up over slots and origins; the longest wait stays the longest."""
    return ", ".join(f"max({name})" if name == "wait_max_ms" else f"sum({name})" for name in names)
