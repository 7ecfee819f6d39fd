"""Amazon Connect, records to events. In: agent events and contact records (JSON), the time. Out: `Event`s.

Each agent event stands for itself (before and after), so order is TIMED and a redelivery is known by its numbers. The
service has no list to ask for: after a start every agent's heartbeat (at least every 120 s) makes up the full picture.
May not know: files, sockets, clocks, the floor.
"""

from collections import Counter
from collections.abc import Callable
from typing import Any, Final

from streams.translate.amazon_connect_agents import agent_of_event, tell_agent, tell_agent_seen
from streams.translate.amazon_connect_records import is_visit, tell_record, told_at
from streams.translate.amazon_connect_shapes import AgentEvent, ContactRecord, ShapeError, read_record
from streams.translate.amazon_connect_teller import TIME_UNREADABLE, Teller
from streams.translate.bounds import AHEAD_MS, EARLIEST, Unbelievable
from streams.translate.iso_time import iso_millis
from streams.translate.numbering import seq_of
from streams.vocabulary import events as ev
from streams.vocabulary.events import Event
from streams.vocabulary.ids import AgentId, ContactId, Millis, QueueName, SiteId, SourceId
from streams.vocabulary.states import GapReason, Order

PICTURE_MS: Final = 150_000
"""Heartbeats come every 120 s; so long a full picture is gathered."""
FRESH_MS: Final = 25_000
"""Well within the floor's reorder window."""
UNSEEN_MS: Final = 3_600_000
"""An offer was declined and nothing more is heard of the contact, not even a record: then it is lost, not waiting."""
MOST_UNSEEN: Final = 100_000
RECORD_BYTES: Final = 1024 * 1024
TOO_LONG: Final = "record_too_long"
UNKNOWN_KIND: Final = "unknown_event_type"
NO_AGENT: Final = "no_agent"
NO_VISIT: Final = "no_visit"
_KINDS: Final = frozenset({"LOGIN", "LOGOUT", "STATE_CHANGE", "HEART_BEAT"})

_Key = tuple[ContactId, int]


class ConnectTranslator:
    """One per source. `refused` counts records and events that were not taken, `passed_by` those that tell no visit."""

    def __init__(self, *, site: SiteId, source: SourceId) -> None:
        self._site = site
        self._source = source
        self._latest: dict[AgentId, Millis] = {}
        self._logged_out: dict[AgentId, Millis] = {}
        self._unseen: dict[_Key, tuple[Millis, QueueName]] = {}
        self._dialled: dict[_Key, None] = {}
        self._blind_since: Millis | None = None
        self._picture_since: Millis | None = None
        self.records = 0
        self.refused: Counter[str] = Counter()
        self.passed_by: Counter[str] = Counter()

    def connected(self, at: Millis) -> list[Event]:
        """Before anything else: how the source's events arrive."""
        return [self._about_itself(ev.SourceConnected, at, order=Order.TIMED)]

    def started(self, at: Millis) -> list[Event]:
        """A new collector: what was known before is past until the agents have been heard again."""
        self._blind_since, self._picture_since = at, None
        return [*self.connected(at), self._about_itself(ev.SourceLost, at, reason=GapReason.STARTED_LATE)]

    def lost(self, at: Millis) -> list[Event]:
        """The folder or the pusher is gone."""
        self._blind_since, self._picture_since = at, None
        return [self._about_itself(ev.SourceLost, at, reason=GapReason.DISCONNECTED)]

    def translate(self, data: bytes, now: Millis) -> list[Event]:
        """The events one record stands for, in order; none if it cannot be trusted (counted in `refused`)."""
        self.records += 1
        if len(data) > RECORD_BYTES:
            return self._refuse(TOO_LONG)
        try:
            record = read_record(data)
        except ShapeError as error:
            return self._refuse(error.reason)
        told_when = record.event_timestamp if isinstance(record, AgentEvent) else told_at(record)
        at = iso_millis(told_when or "")
        if at is None:
            return self._refuse(TIME_UNREADABLE)
        if not EARLIEST <= at <= now + AHEAD_MS:
            return self._refuse(Unbelievable.TIME_ABSURD)
        if isinstance(record, ContactRecord):
            told = self._record(record, at, now, told_when or "")
        else:
            told = self._agent_event(record, at, now)
        return [*told, *self._forgotten(at, told)]

    def _record(self, record: ContactRecord, at: Millis, now: Millis, version: str) -> list[Event]:
        if not is_visit(record):
            self.passed_by[NO_VISIT] += 1
            return []
        teller = self._teller(f"{record.contact_id} {version}", at, now)
        tell_record(teller, record)
        return teller.told

    def _agent_event(self, event: AgentEvent, at: Millis, now: Millis) -> list[Event]:
        agent = agent_of_event(event)
        if event.event_type not in _KINDS:
            return self._refuse(UNKNOWN_KIND)
        if not agent:
            return self._refuse(NO_AGENT)
        teller = self._teller(event.event_id, at, now)
        newest = at >= self._latest.get(agent, at)
        if event.event_type == "HEART_BEAT":
            teller.tell(ev.SourceHeard)
        else:
            tell_agent(teller, event, agent)
            self._note_presence(event, agent, at)
        # a late event still tells what changed then, but not how things stand now
        if newest and not self._is_ghost(event, agent, at):
            self._tell_standing(teller, event, agent)
        self._latest[agent] = max(at, self._latest.get(agent, at))
        return teller.told

    def _note_presence(self, event: AgentEvent, agent: AgentId, at: Millis) -> None:
        if event.event_type == "LOGOUT":
            self._logged_out[agent] = max(at, self._logged_out.get(agent, at))
        elif at >= self._logged_out.get(agent, at):
            self._logged_out.pop(agent, None)

    def _is_ghost(self, event: AgentEvent, agent: AgentId, at: Millis) -> bool:
        """Heartbeats go on up to an hour after a logout, with the status the agent left behind."""
        return event.event_type == "HEART_BEAT" and agent in self._logged_out and at >= self._logged_out[agent]

    def _tell_standing(self, teller: Teller, event: AgentEvent, agent: AgentId) -> None:
        """With every heartbeat; in a picture with every event. A picture begins after the gap and with fresh news only.

        Else the floor, which puts all in order of time, would take it for older than the gap, or for too late.
        """
        since = self._blind_since
        if since is not None and self._picture_since is None and since < teller.at >= teller.now - FRESH_MS:
            self._picture_since = teller.at
            teller.tell(ev.ResyncBegan)
        in_picture = self._picture_since is not None
        if in_picture or event.event_type == "HEART_BEAT":
            tell_agent_seen(teller, event, agent, in_picture=in_picture)
        if self._picture_since is not None and teller.at - self._picture_since >= PICTURE_MS:
            self._blind_since = self._picture_since = None
            teller.tell(ev.ResyncEnded)

    def _forgotten(self, at: Millis, told: list[Event]) -> list[Event]:
        """Contacts whose offer was declined and of which nothing was heard since."""
        for event in told:
            match event:
                case ev.ContactDeclined():
                    self._unseen.pop((event.contact, event.leg), None)  # the latest stands last
                    self._unseen[event.contact, event.leg] = (at, event.queue)
                case ev.ContactOffered() | ev.ContactAnswered() | ev.ContactEnded() | ev.ContactCorrected():
                    self._unseen.pop((event.contact, event.leg), None)
                case _:
                    pass
        lost: list[Event] = []
        while self._unseen:
            key, (since, queue) = next(iter(self._unseen.items()))
            if at - since < UNSEEN_MS and len(self._unseen) <= MOST_UNSEEN:
                break
            del self._unseen[key]
            lost.append(self._about_itself(ev.ContactLost, at, contact=key[0], leg=key[1], queue=queue))
        return lost

    def _refuse(self, reason: str) -> list[Event]:
        self.refused[reason] += 1
        return []

    def _teller(self, key: str, at: Millis, now: Millis) -> Teller:
        return Teller(
            site=self._site, source=self._source, at=at, now=now, key=key, refused=self.refused, dialled=self._dialled
        )

    def _about_itself(self, kind: Callable[..., Event], at: Millis, **fields: Any) -> Event:
        seq = seq_of(f"{kind.__name__} {at} {fields}", 0)
        return kind(at=at, site=self._site, source=self._source, seq=seq, **fields)
