"""Any feed of JSON messages, by its mapping, to events. In: messages, the time. Out: `Event`s.

What is remembered is little: which visit of a contact is open, where, with whom, so that later rules need not say it
again. Hostile JSON is bounded by the caller's size limit and refused by name. May not know: sockets, TOML, the floor.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final, get_args

import msgspec

from streams.translate.bounds import doubt_of
from streams.translate.mapping_rules import MISSING, FeedMapping, Rule, Stage
from streams.translate.numbering import seq_of
from streams.vocabulary import events as ev
from streams.vocabulary.events import Event
from streams.vocabulary.ids import Millis, SiteId, SourceId, seq_base
from streams.vocabulary.states import GapReason, Order

MOST_IN_ONE: Final = 10_000
MOST_CONTACTS: Final = 200_000
NOT_JSON: Final = "not_json"
NO_OBJECT: Final = "no_object"
TOO_MANY_IN_ONE: Final = "too_many_in_one"
VALUE_UNUSABLE: Final = "value_unusable"
FIELD_MISSING: Final = "field_missing"
UNKNOWN_CONTACT: Final = "unknown_contact"
TIME_UNREADABLE: Final = "time_unreadable"

_OPENING: Final = ("contact_seen", "talk_seen", "contact_answered", "contact_corrected")
"""May be the first that is told of a contact."""
_FIELDS: Final = {str(kind.__struct_config__.tag): frozenset(kind.__struct_fields__) for kind in get_args(Event)}


@dataclass(slots=True)
class _Visit:
    leg: int
    queue: str
    agent: str | None
    stage: Stage


class RefusedError(Exception):
    """One event of one message is not told; `reason` is counted."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class MappedTranslator:
    """One per source. `refused` counts by reason, `unmatched` the messages that no rule is for."""

    def __init__(self, mapping: FeedMapping, *, site: SiteId, source: SourceId, after_seq: int = 0) -> None:
        """`after_seq`: the highest number this source ever told (ARRIVAL), so that a clock set back repeats none."""
        self._mapping = mapping
        self._site = site
        self._source = source
        self._seq = after_seq
        self._open: dict[str, _Visit] = {}
        self._last: dict[str, tuple[int, str]] = {}
        self._blind = False
        self._picture_ends: Millis | None = None
        self.messages = 0
        self.unmatched = 0
        self.refused: Counter[str] = Counter()

    def recall(self, events: Iterable[Event]) -> None:
        """Before anything else: what the collector before this one told last; contacts keep their legs."""
        for event in events:
            if self._mapping.order is Order.ARRIVAL:
                self._seq = max(self._seq, event.seq)
            self._note(event)

    def started(self, at: Millis) -> list[Event]:
        """A new collector, not yet connected: whatever was known before it is past."""
        self._blind = True
        return [self._about_itself(ev.SourceLost, at, reason=GapReason.STARTED_LATE)]

    def connected(self, at: Millis) -> list[Event]:
        """After a gap a picture begins: what the feed does not name in its first seconds is gone."""
        told = [self._about_itself(ev.SourceConnected, at, order=self._mapping.order)]
        if self._blind:
            self._open.clear()
            self._picture_ends = Millis(at + self._mapping.picture_ms)
            told.append(self._about_itself(ev.ResyncBegan, at))
        return told

    def lost(self, at: Millis) -> list[Event]:
        self._blind, self._picture_ends = True, None
        return [self._about_itself(ev.SourceLost, at, reason=GapReason.DISCONNECTED)]

    def heard(self, at: Millis) -> list[Event]:
        """The server answered a ping."""
        return [self._about_itself(ev.SourceHeard, at), *self.advance(at)]

    def advance(self, now: Millis) -> list[Event]:
        if self._picture_ends is None or now < self._picture_ends:
            return []
        self._blind, self._picture_ends = False, None
        return [self._about_itself(ev.ResyncEnded, now)]

    def translate(self, data: bytes | str, now: Millis) -> list[Event]:
        """The events one message (an object, or a list of them) stands for, in the order of the rules."""
        try:
            message = msgspec.json.decode(data)
        except (msgspec.DecodeError, UnicodeError, RecursionError):
            self.messages += 1
            self.refused[NOT_JSON] += 1
            return []
        parts = message if isinstance(message, list) else [message]
        if len(parts) > MOST_IN_ONE:
            self.refused[TOO_MANY_IN_ONE] += len(parts) - MOST_IN_ONE
            parts = parts[:MOST_IN_ONE]
        return [event for part in parts for event in self._part(part, now)]

    def _part(self, message: Any, now: Millis) -> list[Event]:
        self.messages += 1
        if not isinstance(message, dict):
            self.refused[NO_OBJECT] += 1
            return []
        told: list[Event] = []
        matched = False
        for rule in self._mapping.rules:
            if not all(condition.holds(message) for condition in rule.conditions):
                continue
            matched = True
            try:
                event = self._told(rule, message, now)
            except RefusedError as refused:
                self.refused[refused.reason] += 1
            else:
                told += [event] if event is not None else []
        self.unmatched += not matched
        return told

    def _told(self, rule: Rule, message: Any, now: Millis) -> Event | None:
        """None where the rule is for contacts that stand otherwise. Raises RefusedError."""
        values: dict[str, Any] = {"kind": rule.kind, "site": self._site, "source": self._source}
        for name, field in rule.fields.items():
            if isinstance(field, str | int):
                values[name] = field
            elif (value := field.take(message)) is None:
                raise RefusedError(VALUE_UNUSABLE)
            elif value is not MISSING:
                values[name] = value
        if rule.stage is not None and rule.stage is not self._stage_of(values.get("contact")):
            return None
        values["at"] = self._at(message, values, now)
        self._remember_into(rule, values)
        values["seq"] = self._number(rule, message)
        try:
            event: Event = msgspec.convert(values, Event)
        except msgspec.ValidationError as error:
            raise RefusedError(FIELD_MISSING if "missing required" in str(error) else VALUE_UNUSABLE) from error
        if (doubt := doubt_of(event, now=now)) is not None:
            raise RefusedError(doubt.reason)
        self._note(event)
        return event

    def _at(self, message: Any, values: dict[str, Any], now: Millis) -> Any:
        if "at" in values:
            return values["at"]
        at = self._mapping.at.take(message) if self._mapping.at is not None else now
        if at is None:
            raise RefusedError(TIME_UNREADABLE)
        return now if at is MISSING else at

    def _stage_of(self, contact: Any) -> Stage:
        visit = self._open.get(contact) if isinstance(contact, str) else None
        return visit.stage if visit is not None else Stage.NONE

    def _remember_into(self, rule: Rule, values: dict[str, Any]) -> None:
        """Fills in what earlier messages said of this contact."""
        contact, fields = values.get("contact"), _FIELDS[rule.kind]
        if not isinstance(contact, str) or "leg" in values or "leg" not in fields:
            return
        visit = self._open.get(contact)
        if rule.kind in ("contact_queued", "contact_dialled"):
            values["leg"] = self._last.get(contact, (0, ""))[0] + 1
        elif visit is not None:
            values["leg"] = visit.leg
            values.setdefault("queue", visit.queue)
            if visit.agent is not None and "agent" in fields:
                values.setdefault("agent", visit.agent)
        elif rule.kind in _OPENING:
            leg, queue = self._last.get(contact, (1, ""))
            moved = queue and values.get("queue", queue) != queue  # on to another queue while nobody listened
            values["leg"] = leg + 1 if moved and rule.kind != "contact_corrected" else max(1, leg)
        else:
            raise RefusedError(UNKNOWN_CONTACT)

    def _note(self, event: Event) -> None:
        match event:
            case ev.ContactQueued() | ev.ContactDialled() | ev.ContactSeen():
                agent = event.agent if isinstance(event, ev.ContactDialled) else None
                self._opened(event.contact, _Visit(event.leg, event.queue, agent, Stage.WAITING))
            case ev.ContactAnswered() | ev.TalkSeen():
                self._opened(event.contact, _Visit(event.leg, event.queue, event.agent, Stage.TALKING))
            case ev.ContactEnded() | ev.ContactAbandoned() | ev.ContactOverflowed() | ev.ContactLost():
                if event.contact in self._open:  # kept for what follows: after-contact work, a late transfer
                    self._open[event.contact].stage = Stage.NONE
            case _:
                pass

    def _opened(self, contact: str, visit: _Visit) -> None:
        self._open.pop(contact, None)
        self._open[contact] = visit
        self._last.pop(contact, None)
        self._last[contact] = (visit.leg, visit.queue)
        for kept in (self._open, self._last):
            if len(kept) > MOST_CONTACTS:  # a feed that never ends its contacts; the oldest go
                del kept[next(iter(kept))]

    def _number(self, rule: Rule, message: Any) -> int:
        """ARRIVAL counts on; TIMED is known by what the feed calls it, so that a redelivery is recognised."""
        if self._mapping.order is Order.ARRIVAL:
            self._seq += 1
            return self._seq
        known = self._mapping.id.take(message) if self._mapping.id is not None else MISSING
        key = known if isinstance(known, str | int) else msgspec.json.encode(message, order="deterministic").decode()
        return seq_of(str(key), rule.number)

    def _about_itself(self, kind: Callable[..., Event], at: Millis, **fields: Any) -> Event:
        if self._mapping.order is Order.ARRIVAL:
            self._seq = max(self._seq + 1, seq_base(at))
            seq = self._seq
        else:
            seq = seq_of(f"{kind.__name__} {at} {fields}", 0)
        return kind(at=at, site=self._site, source=self._source, seq=seq, **fields)
