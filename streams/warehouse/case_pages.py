"""Which contacts rules can be asked about, page by page, and all that is stored of a page at once. In: a Warehouse.

What `contact_detail`, `legs_near` and `events_of` tell of one contact, for many with a few questions. A page is bounded
in contacts and in hours, so that a quiet centre's pages do not read weeks of its agents' states. May not know: rules.
"""
# ruff: noqa: S608 -- every f-string here joins constants of ours; values travel as parameters

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from streams.vocabulary.codec import decode_event_json
from streams.vocabulary.events import Event
from streams.vocabulary.ids import ContactId, Millis, QueueName, SiteId
from streams.warehouse.case_events import AFTER_MS, AT, LEGS_MS, MARKS_MS, MINUTE_MS, MOST_EVENTS, STATES, TOLD
from streams.warehouse.contacts import LEG, LegRow
from streams.warehouse.engine import Warehouse
from streams.warehouse.literals import Value
from streams.warehouse.said import Recorded
from streams.warehouse.sql_parts import SCORED, STANDS, millis, only, read, span, within

PAGE: Final = 100
PAGE_MS: Final = 6 * 3_600_000
_BEGAN: Final = millis("contact_at")
_QUEUED: Final = millis("queued_at")
_DRAWN: Final = " AND cityHash64(contact) % {draw} = 0"
_VOICE: Final = f"""FROM recordings FINAL
  WHERE {within("contact_at")} AND site = {{site}} AND duration_ms > 0 AND state != 'matched'"""
_CHATS: Final = f"""FROM contact_legs FINAL
  WHERE {within("queued_at")} AND {STANDS} AND site = {{site}} AND channel = 'chat' AND outcome = 'answered'"""
_NEAR: Final = f"""
  SELECT {AT} AS moment, seq, contact, agent, kind, body FROM events FINAL
  WHERE {within("at")} AND site = {{site}} AND kind != 'contact_message' AND kind NOT IN {{told}}
    AND (contact IN {{contacts}} OR (agent IN {{agents}} AND kind IN {{states}}))"""
_TOLD: Final = f"""
  SELECT {AT} AS moment, seq, contact, agent, kind, body FROM events
  WHERE {within("at")} AND site = {{site}} AND kind IN {{told}} AND contact IN {{contacts}}
  ORDER BY moment, seq LIMIT 1 BY source, seq"""
"""Without FINAL, which would read every event's body up to now: an event that came twice is the same both times."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """Of which contacts. `draw`: one of so many, drawn by the contact's name, always the same ones."""

    site: SiteId
    since: Millis
    until: Millis
    queues: tuple[QueueName, ...] = ()
    """Empty: every queue."""
    draw: int = 1


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """How far a reader has come: after this contact."""

    at: Millis
    contact: ContactId


@dataclass(frozen=True, slots=True)
class Page:
    voice: tuple[Recorded, ...]
    chats: tuple[ContactId, ...]
    last: Place | None
    """None: nothing is left."""


def contacts_in(warehouse: Warehouse, asked: Range) -> int:
    """How many a reader will be given; without `draw`."""
    where, params = _where(asked, drawn=False)
    voice = warehouse.query(f"SELECT count() {_VOICE}{where}", params)[0][0]
    chats = warehouse.query(f"SELECT uniqExact(contact) {_CHATS}{where}", params)[0][0]
    return int(voice) + int(chats)


def page_after(warehouse: Warehouse, asked: Range, after: Place | None, *, size: int = PAGE) -> Page:
    """The next contacts, recorded ones and chats, in order of their beginning."""
    where, params = _where(asked, drawn=True)
    begin = after or Place(Millis(asked.since - 1), ContactId(""))
    params |= {"after": begin.at, "last": begin.contact, "size": size}
    params |= span(max(asked.since, begin.at), asked.until)
    columns = "site, contact, queue, agent, duration_ms, channels, model, analysis"
    voice = read(
        warehouse,
        Recorded,
        f"SELECT {_BEGAN} AS began, {columns} {_VOICE}{where} AND ({_BEGAN}, contact) > ({{after}}, {{last}})"
        " ORDER BY began, contact LIMIT {size}",
        params,
    )
    params |= span(Millis(max(asked.since, begin.at) - LEGS_MS), asked.until) | {"first": asked.since}
    chats = warehouse.query(
        f"SELECT min({_QUEUED}) AS began, contact {_CHATS}{where} GROUP BY contact"
        " HAVING (began, contact) > ({after}, {last}) AND began >= {first} ORDER BY began, contact LIMIT {size}",
        params,
    )
    both: list[tuple[Place, Recorded | None]] = [(Place(one.contact_at, one.contact), one) for one in voice]
    both += [(Place(Millis(int(began)), ContactId(contact)), None) for began, contact in chats]
    both.sort(key=lambda one: one[0])
    taken = [one for one in both[:size] if one[0].at - both[0][0].at < PAGE_MS]
    return Page(
        voice=tuple(one for _, one in taken if one is not None),
        chats=tuple(place.contact for place, one in taken if one is None),
        last=taken[-1][0] if taken else None,
    )


def _where(asked: Range, *, drawn: bool) -> tuple[str, dict[str, Value]]:
    params: dict[str, Value] = span(asked.since, asked.until) | {"site": asked.site}
    where = ""
    if asked.queues:
        where += " AND queue IN {queues}"
        params["queues"] = [str(one) for one in asked.queues]
    if drawn and asked.draw > 1:
        where += _DRAWN
        params["draw"] = asked.draw
    return where, params


def legs_of(warehouse: Warehouse, page: Sequence[Recorded]) -> dict[ContactId, list[LegRow]]:
    """The visits of these contacts of one site, as `legs_near` tells them."""
    began = {one.contact: one.contact_at for one in page}
    around = span(Millis(min(began.values()) - LEGS_MS), Millis(max(began.values()) + LEGS_MS))
    sql = f"{LEG} AND site = {{site}} AND contact IN {{contacts}} ORDER BY queued, leg"
    params: dict[str, Value] = {"site": page[0].site, "contacts": sorted(map(str, began))}
    found: dict[ContactId, list[LegRow]] = {}
    for leg in read(warehouse, LegRow, sql, around | params):
        if -LEGS_MS <= leg.queued_at - began[leg.contact] < LEGS_MS:
            found.setdefault(leg.contact, []).append(leg)
    return found


@dataclass(frozen=True, slots=True)
class _Reach:
    """Which events belong to a contact: case_events.events_of says the same in SQL."""

    since: int
    near: int
    until: int
    agents: frozenset[str]


def events_of_many(
    warehouse: Warehouse, legs: Mapping[ContactId, Sequence[LegRow]], *, until: Millis
) -> dict[ContactId, list[Event]]:
    """`events_of` of each of these contacts of one site. What this version cannot read is passed over."""
    reach = {contact: _reach(visits, until) for contact, visits in legs.items() if visits}
    if not reach:
        return {}
    rows = _rows(warehouse, next(iter(legs.values()))[0].site, reach)
    by_contact: dict[str, list[Any]] = defaultdict(list)
    by_agent: dict[str, list[Any]] = defaultdict(list)
    for row in rows:
        by_contact[row[2]].append(row)
        if row[4] in STATES:
            by_agent[row[3]].append(row)
    found: dict[ContactId, list[Event]] = {}
    for contact, its in reach.items():
        own = [row for row in by_contact[contact] if its.since <= row[0] < (its.until if row[4] in TOLD else its.near)]
        known = set(map(id, own))
        own += [
            row
            for agent in its.agents
            for row in by_agent[agent]
            if its.since <= row[0] < its.near and id(row) not in known
        ]
        own.sort(key=lambda row: (row[0], row[1]))
        found[contact] = [event for row in own[:MOST_EVENTS] if (event := _event(row[5])) is not None]
    return found


def _reach(visits: Sequence[LegRow], until: Millis) -> _Reach:
    since = min(min(one.queued_at, one.entered_at) for one in visits) - MINUTE_MS
    near = max(max(one.ended_at, one.answered_at, one.queued_at) for one in visits) + AFTER_MS
    agents = frozenset(str(one.agent) for one in visits if one.agent)
    return _Reach(since, near, max(near - AFTER_MS + MARKS_MS, until), agents)


def _rows(warehouse: Warehouse, site: SiteId, reach: Mapping[ContactId, _Reach]) -> list[Any]:
    since = Millis(min(one.since for one in reach.values()))
    params: dict[str, Value] = {
        "site": site,
        "contacts": sorted(map(str, reach)),
        "agents": sorted({agent for one in reach.values() for agent in one.agents}) or ["-"],
        "told": list(TOLD),
        "states": list(STATES),
    }
    near = span(since, Millis(max(one.near for one in reach.values())))
    far = span(since, Millis(max(one.until for one in reach.values())))
    return [*warehouse.query(_NEAR, params | near), *warehouse.query(_TOLD, params | far)]


def _event(body: str) -> Event | None:
    try:
        event: Event = decode_event_json(body)
    except msgspec.DecodeError:
        return None
    return event


def scored_already(
    warehouse: Warehouse, page: Sequence[tuple[Millis, ContactId]], *, site: SiteId, scheme: str, version: int
) -> dict[str, str]:
    """Those of the page that have a standing score of this version, and which re-scoring wrote it ("": none did)."""
    if not page:
        return {}
    where, params = only(site=site, scheme=scheme, scheme_version=version)
    around = span(min(at for at, _ in page), Millis(max(at for at, _ in page) + 1))
    sql = f"""SELECT contact, job FROM scores FINAL WHERE {within("contact_at")} AND {SCORED}{where}
      AND contact IN {{contacts}}"""
    found = warehouse.query(sql, params | around | {"contacts": [one for _, one in page]})
    return {str(contact): str(job) for contact, job in found}
