"""The warehouse's questions for rules: a contact's events, its agents' states, what came later. In: a Warehouse.

Bounded in time: a contact's events lie between its first queue and a while after its end. May not know: rules.
"""
# ruff: noqa: S608 -- every f-string here joins constants of ours; values travel as parameters

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import msgspec

from streams.vocabulary.codec import decode_event_json
from streams.vocabulary.events import Event
from streams.vocabulary.ids import ContactId, Millis, SiteId
from streams.warehouse.contacts import LEG, LegRow
from streams.warehouse.engine import Warehouse
from streams.warehouse.literals import Value
from streams.warehouse.sql_parts import SCORED as NOT_WITHDRAWN
from streams.warehouse.sql_parts import STANDS, millis, read, span, within

MINUTE_MS: Final = 60_000
LEGS_MS: Final = 2 * 60 * MINUTE_MS
"""Before and after its own moment, in which a contact's visits are looked for."""
AFTER_MS: Final = 15 * MINUTE_MS
"""After its end, in which states of its agents still count."""
MARKS_MS: Final = 2 * 60 * MINUTE_MS
"""After its end, in which a mark or a description is looked for at once; later ones lead to another look."""
STATES: Final = (
    "wrap_up_started",
    "wrap_up_ended",
    "agent_not_ready",
    "agent_ready",
    "agent_signed_in",
    "agent_signed_out",
)
TOLD: Final = ("contact_surveyed", "contact_described")
MOST_EVENTS: Final = 5_000
"""Of one contact; a chat of thousands of messages has its words elsewhere."""

AT: Final = millis("at")
EVENTS: Final = f"""
  SELECT body, kind FROM events FINAL WHERE {within("at")} AND site = {{site}} AND kind != 'contact_message' AND (
    (contact = {{contact}} AND ({AT} < {{near}} OR kind IN {{told}}))
    OR (agent IN {{agents}} AND kind IN {{states}} AND {AT} < {{near}}))
  ORDER BY {AT}, seq LIMIT {MOST_EVENTS}"""
ENDED: Final = f"""
  SELECT site, contact, max({millis("ended_at")}) AS ended FROM contact_legs FINAL
  WHERE {within("queued_at")} AND {STANDS} AND channel = {{channel}} AND outcome = 'answered'
  GROUP BY site, contact HAVING ended >= {{ended_since}} AND ended < {{ended_until}}
  ORDER BY ended LIMIT {{limit}}"""
SCORED: Final = f"""
  SELECT contact, max({millis("scored_at")}) FROM scores FINAL
  WHERE {within("contact_at")} AND contact IN {{contacts}} AND {NOT_WITHDRAWN} GROUP BY contact"""
LATELY: Final = f"""
  SELECT site, contact, max({AT}) AS latest FROM events FINAL
  WHERE {within("at")} AND kind IN {{told}} GROUP BY site, contact ORDER BY latest LIMIT {{limit}}"""


@dataclass(frozen=True, slots=True)
class Due:
    """A contact of which something came at `at`."""

    site: SiteId
    contact: ContactId
    at: Millis


def legs_near(warehouse: Warehouse, *, site: SiteId, contact: ContactId, at: Millis) -> list[LegRow]:
    """The contact's visits that began within two hours of `at`, in order."""
    params = span(Millis(at - LEGS_MS), Millis(at + LEGS_MS)) | {"site": site, "contact": contact}
    return read(warehouse, LegRow, f"{LEG} AND site = {{site}} AND contact = {{contact}} ORDER BY queued, leg", params)


def events_of(
    warehouse: Warehouse,
    legs: Iterable[LegRow],
    *,
    until: Millis | None = None,
    refused: Counter[str] | None = None,
) -> list[Event]:
    """Of one contact by its visits, and its agents' states; messages left out. `until`: how late a mark may come.

    What this version cannot read is passed over and counted in `refused` by its kind.
    """
    visits = list(legs)
    if not visits:
        return []
    # A visit found going on has its picture's time as key: what was before may lie a talk's length earlier.
    since = min(min(one.queued_at, one.entered_at) for one in visits) - MINUTE_MS
    near = max(max(one.ended_at, one.answered_at, one.queued_at) for one in visits) + AFTER_MS
    params: dict[str, Value] = span(Millis(since), Millis(max(near - AFTER_MS + MARKS_MS, until or 0))) | {
        "site": visits[0].site,
        "contact": visits[0].contact,
        "near": near,
        "told": list(TOLD),
        "states": list(STATES),
        "agents": sorted({str(one.agent) for one in visits if one.agent}) or ["-"],
    }
    found: list[Event] = []
    for body, kind in warehouse.query(EVENTS, params):
        try:
            found.append(decode_event_json(body))
        except msgspec.DecodeError:
            if refused is not None:
                refused[str(kind)] += 1
    return found


def ended_between(warehouse: Warehouse, *, channel: str, since: Millis, until: Millis, limit: int = 200) -> list[Due]:
    """Answered contacts of a channel whose last visit ended in [since, until), earliest first."""
    params = span(Millis(since - 12 * 3_600_000), until) | {
        "channel": channel,
        "ended_since": since,
        "ended_until": until,
        "limit": limit,
    }
    return read(warehouse, Due, ENDED, params)


def told_between(warehouse: Warehouse, *, since: Millis, until: Millis, limit: int = 200) -> list[Due]:
    """Contacts of which a mark or a description was told in [since, until)."""
    return read(warehouse, Due, LATELY, span(since, until) | {"told": list(TOLD), "limit": limit})


def scored_at(
    warehouse: Warehouse, contacts: Iterable[ContactId], *, since: Millis, until: Millis
) -> dict[str, Millis]:
    """When each was scored last; who never was is not there. The range is that of their own moments."""
    wanted = sorted(set(contacts))
    if not wanted:
        return {}
    rows = warehouse.query(SCORED, span(since, until) | {"contacts": wanted})
    return {str(contact): Millis(int(at)) for contact, at in rows}
