"""A contact's events and visits as a Case has them. In: events, legs. Out: happenings, facts, when a recording began.

Pure: the same events give the same happenings, live and afterwards; of a contact that goes on, those seen so far. May
not know: stores, transcripts.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from typing import Protocol

from asr.began import fitting
from scoring.case import Fact, Happening, Kind
from scoring.case_states import State, states_of
from scoring.facts import BUSINESS
from streams.vocabulary import events as ev
from streams.vocabulary.ids import ContactId, Millis
from streams.vocabulary.states import EndedBy


class Leg(Protocol):
    """What facts are read from; a ContactLeg and a stored row have it."""

    @property
    def queued_at(self) -> Millis: ...
    @property
    def site(self) -> str: ...
    @property
    def queue(self) -> str: ...
    @property
    def agent(self) -> str: ...
    @property
    def channel(self) -> str: ...
    @property
    def direction(self) -> str: ...
    @property
    def tier(self) -> str: ...
    @property
    def wait_ms(self) -> int: ...
    @property
    def talk_ms(self) -> int: ...
    @property
    def hold_ms(self) -> int: ...
    @property
    def ended_at(self) -> Millis: ...
    @property
    def outcome(self) -> str: ...
    @property
    def ended_by(self) -> str: ...
    @property
    def tags(self) -> str: ...


def recording_at(events: Iterable[ev.Event], *, duration_ms: int | None = None) -> Millis | None:
    """When the recording began; None: nobody knows.

    A switch tells when it was asked to record, and other recorders tell nothing: so that moment is taken which the
    recording's length fits (asr/began.py).
    """
    told = sorted(events, key=lambda one: (one.at, one.seq))
    began = {
        kind: next((one.at for one in told if isinstance(one, kind)), None)
        for kind in (ev.RecordingStarted, ev.ContactAnswered, ev.ContactQueued, ev.ContactDialled)
    }
    over = _over_at(told)
    if duration_ms is None or over is None:
        return began[ev.RecordingStarted] or began[ev.ContactAnswered]
    off = {at: abs(over - at - duration_ms) for at in began.values() if at is not None}
    if (talk := _only_talk(told)) is not None:
        answered, ended = talk
        off[answered] = min(off.get(answered, duration_ms), abs(ended - answered - duration_ms))
    return fitting(off)


def _only_talk(told: Sequence[ev.Event]) -> tuple[Millis, Millis] | None:
    """Answer and end, where there was one talk: what was waited before and after is then perhaps not recorded."""
    answers = [one for one in told if isinstance(one, ev.ContactAnswered)]
    ends = [one.at for one in told if isinstance(one, ev.ContactEnded) and answers and one.leg == answers[0].leg]
    return (answers[0].at, ends[0]) if len(answers) == 1 and ends else None


def _over_at(told: Sequence[ev.Event]) -> Millis | None:
    ready = [one.at for one in told if isinstance(one, ev.RecordingReady)]
    ended = [one.at for one in told if isinstance(one, ev.ContactEnded)]
    return max(ready or ended, default=None)


def happenings_of(
    events: Iterable[ev.Event], *, recording_at: Millis | None, now: Millis | None = None
) -> tuple[Happening, ...] | None:
    """In order of start, in ms from the recording's start; None: where the recording began is not known.

    `events`: of one contact, and of its agents (their states) from its beginning to soon after its end.
    """
    if recording_at is None:
        return None
    seen = _Seen(recording_at)
    told = sorted(events, key=lambda one: (one.at, one.seq))
    for event in told:
        seen.take(event)
    states = [seen.state(one) for one in states_of(told, now=now)]
    return tuple(sorted([*seen.found, *states], key=lambda one: (one.start_ms, one.leg)))


@dataclass(frozen=True, slots=True)
class _Seen:
    """The fold; it owns its lists."""

    origin: Millis
    found: list[Happening]
    going_on: dict[tuple[Kind, int, str], int]
    """Where in `found` the one stands that has no end yet."""

    def __init__(self, origin: Millis) -> None:
        object.__setattr__(self, "origin", origin)
        object.__setattr__(self, "found", [])
        object.__setattr__(self, "going_on", {})

    def take(self, event: ev.Event) -> None:
        match event:
            case ev.ContactQueued() | ev.ContactDialled():
                self._at(Kind.QUEUED, event.at, event.leg, queue=event.queue)
            case ev.ContactOffered():
                self._at(Kind.OFFERED, event.at, event.leg, queue=event.queue, agent=event.agent)
            case ev.ContactAnswered():
                self._at(Kind.ANSWERED, event.at, event.leg, queue=event.queue, agent=event.agent)
            case ev.ContactHeld():
                self._begin(Kind.HOLD, event, "")
            case ev.ContactResumed():
                self._end(Kind.HOLD, event.leg, "", event.at)
            case ev.ConsultationStarted():
                self._begin(Kind.CONSULTATION, event, "", target=event.target)
            case ev.ConsultationEnded():
                self._end(Kind.CONSULTATION, event.leg, "", event.at)
            case ev.ConferenceJoined():
                self._begin(Kind.CONFERENCE, event, event.party, target=event.party)
            case ev.ConferenceLeft():
                self._end(Kind.CONFERENCE, event.leg, event.party, event.at)
            case ev.ContactTransferred():
                kind, target = event.transfer.value, event.target
                self._at(Kind.TRANSFER, event.at, event.leg, agent=event.agent, reason=kind, target=target)
            case ev.ContactEnded():
                self._over(event.at, event.leg, event.ended_by.value, agent=event.agent)
            case ev.ContactAbandoned():
                self._over(event.at, event.leg, EndedBy.CUSTOMER.value)
            case ev.ContactLost():
                self._over(event.at, event.leg, EndedBy.UNKNOWN.value)
            case ev.ContactCorrected():
                self._corrected(event)
            case ev.ContactSurveyed():
                self._at(Kind.SURVEY, event.at, 0, reason=event.question, value=event.value)
            case _:
                pass  # of no contact, or of what a Case does not tell: offers declined, recordings, messages

    def state(self, one: State) -> Happening:
        start, end = one.since - self.origin, None if one.until is None else one.until - self.origin
        return Happening(kind=Kind.AGENT_STATE, start_ms=start, end_ms=end, agent=one.agent, reason=one.state)

    def _at(
        self,
        kind: Kind,
        at: Millis,
        leg: int,
        *,
        queue: str = "",
        agent: str = "",
        reason: str = "",
        target: str = "",
        value: float | None = None,
    ) -> None:
        self.found.append(
            Happening(
                kind=kind,
                start_ms=at - self.origin,
                leg=leg,
                queue=queue,
                agent=agent,
                reason=reason,
                target=target,
                value=value,
            )
        )

    def _begin(
        self,
        kind: Kind,
        event: ev.ContactHeld | ev.ConsultationStarted | ev.ConferenceJoined,
        which: str,
        *,
        target: str = "",
    ) -> None:
        """Told twice, it began once."""
        key = (kind, event.leg, which)
        if key not in self.going_on:
            self.going_on[key] = len(self.found)
            self._at(kind, event.at, event.leg, queue=event.queue, agent=event.agent, target=target)

    def _end(self, kind: Kind, leg: int, which: str, at: Millis) -> None:
        place = self.going_on.pop((kind, leg, which), None)
        if place is not None:
            self.found[place] = replace(self.found[place], end_ms=at - self.origin)

    def _over(self, at: Millis, leg: int, ended_by: str, *, agent: str = "") -> None:
        """The first end stops the leg and what went on in it; a later one only says who ended it."""
        for kind, of_leg, which in list(self.going_on):
            if of_leg == leg:
                self._end(kind, leg, which, at)
        place = self._place(Kind.ENDED, leg)
        if place is None:
            self._at(Kind.ENDED, at, leg, agent=agent, reason=ended_by)
        elif self.found[place].reason == EndedBy.UNKNOWN:
            self.found[place] = replace(self.found[place], reason=ended_by)

    def _corrected(self, event: ev.ContactCorrected) -> None:
        """A second witness fills in what the wire did not tell."""
        if self._place(Kind.QUEUED, event.leg) is None:
            self._at(Kind.QUEUED, event.queued_at, event.leg, queue=event.queue)
        if event.answered_at and self._place(Kind.ANSWERED, event.leg) is None:
            self._at(Kind.ANSWERED, event.answered_at, event.leg, queue=event.queue, agent=event.agent)
        if event.ended_at:
            self._over(event.ended_at, event.leg, event.ended_by.value, agent=event.agent)

    def _place(self, kind: Kind, leg: int) -> int | None:
        places = (place for place, one in enumerate(self.found) if one.kind is kind and one.leg == leg)
        return next(places, None)


def facts_of(
    legs: Sequence[Leg],
    described: Iterable[ev.ContactDescribed] = (),
    *,
    zone: tzinfo | None = None,
    skills: Sequence[str] | None = None,
    team: str | None = None,
) -> dict[str, Fact]:
    """By the names of scoring.facts.FACTS; what is not known is left out. `legs`: the contact's visits, in any order.

    Queue, tier, outcome … are the last visit's; waits, talks and holds are summed over all.
    """
    facts: dict[str, Fact] = {}
    tags: set[str] = set()
    if legs:
        ordered = sorted(legs, key=lambda one: one.queued_at)
        last = ordered[-1]
        texts = {
            name: str(getattr(last, name)) for name in ("site", "queue", "tier", "direction", "channel", "outcome")
        }
        agent = next((one.agent for one in reversed(ordered) if one.agent), "")
        facts |= {name: text for name, text in {**texts, "agent": str(agent)}.items() if text}
        if last.ended_at:
            facts["ended_by"] = str(last.ended_by)
        for name in ("wait", "talk", "hold"):
            facts[f"{name}_seconds"] = sum(getattr(one, f"{name}_ms") for one in ordered) / 1000
        tags |= {word for one in ordered for word in one.tags.split()}
        if zone is not None:
            local = datetime.fromtimestamp(ordered[0].queued_at / 1000, zone)
            facts |= {"hour": float(local.hour), "weekday": float(local.isoweekday())}
    for event in sorted(described, key=lambda one: (one.at, one.seq)):
        facts |= {f"{BUSINESS}{name}": text for name, text in event.fields.items()}
        tags |= set(event.tags)
    if legs or tags:
        facts["tags"] = tuple(sorted(tags))
    known: Mapping[str, Fact | None] = {"skill": None if skills is None else tuple(sorted(skills)), "team": team}
    return facts | {name: value for name, value in known.items() if value is not None}


def of_contact(events: Iterable[ev.Event], contact: ContactId) -> list[ev.Event]:
    """Those that name it, and all that name none (its agents')."""
    return [one for one in events if getattr(one, "contact", contact) == contact]
