"""What people do about a site's alerts. In: their words, marks, silences. Out: notes and silences, told to history.

Every act is a note and a line of the audit log. May not know: HTTP, who may see what.
"""

import secrets
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

import msgspec

from alerts.notes import acknowledged, attempted, changed
from alerts.oncall import Rota, on_duty
from alerts.silence import Silence
from alerts.store import RedisAlertStore
from monitor.alert_notes import NoteBoard, NoteTeller, audit_of, together
from monitor.alert_rules_desk import AlertRulesDesk
from monitor.alert_silences import SilenceRefused, SilenceStore, asked_for
from streams.vocabulary.facts import AlertFact, AlertNoteFact
from streams.vocabulary.ids import Millis, SiteId
from streams.vocabulary.states import NoteKind

MOST_COVERED = 200
"""Alerts whose own timeline tells that they were silenced; of a storm the silence itself tells enough."""
MINUTE_MS = 60_000


class AlertLike(Protocol):
    """What AlertFact and the warehouse's AlertRow have in common."""

    @property
    def site(self) -> SiteId: ...
    @property
    def alert(self) -> str: ...
    @property
    def rule(self) -> str: ...
    @property
    def scope(self) -> str: ...
    @property
    def severity(self) -> str: ...
    @property
    def state(self) -> str: ...
    @property
    def reason(self) -> str: ...
    @property
    def value(self) -> float | None: ...
    @property
    def threshold(self) -> float: ...
    @property
    def raised_at(self) -> Millis: ...
    @property
    def resolved_at(self) -> Millis: ...
    @property
    def acknowledged_at(self) -> Millis: ...
    @property
    def acknowledged_by(self) -> str: ...
    @property
    def detail(self) -> str: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class SilenceAsked:
    rule: str
    scope: str
    severity: str
    why: str
    minutes: int


class AlertDesk:
    """Of one site. Every call raises BusError where the bus does not answer."""

    def __init__(
        self,
        *,
        site: SiteId,
        notes: NoteBoard,
        teller: NoteTeller,
        silences: SilenceStore,
        store: RedisAlertStore,
        rules: AlertRulesDesk,
        rotas: Sequence[Rota] = (),
        clock: Callable[[], Millis],
    ) -> None:
        self.site = site
        self.notes = notes
        self.silences = silences
        self.rules = rules
        self._teller = teller
        self._store = store
        self._rotas = rotas
        self._clock = clock
        self._last = Millis(0)

    def moment(self) -> Millis:
        """Now, and after every act before: of two words in one millisecond nobody could say which was the last."""
        self._last = Millis(max(self._clock(), self._last + 1))
        return self._last

    async def say(self, alert: str, kind: NoteKind, *, by: str, text: str = "", to: str = "") -> AlertNoteFact:
        """A person's word on an alert, whether it still fires or not."""
        now = self.moment()
        note = AlertNoteFact(
            site=self.site, ver=now, noted_at=now, alert=alert, note=f"{kind}/{now}/{secrets.token_hex(4)}",
            kind=kind, by=by, text=text, to=to,
        )  # fmt: skip
        said = {"text": text, "to": to}
        audit = audit_of(self.site, action=f"alert_{kind}", about=alert, author=by, at=now, detail=said)
        await self._teller.tell_all([note], audit)
        self.notes.take(note)
        return note

    async def acknowledged(self, fact: AlertFact) -> None:
        """After the engine was told: it alone writes what becomes of the alert."""
        note = acknowledged(fact)
        audit = audit_of(
            self.site, action="alert_acknowledged", about=fact.alert, author=note.by, at=note.noted_at, detail={}
        )
        await self._teller.tell_all([note], audit)
        self.notes.take(note)

    async def silence(
        self, asked: SilenceAsked, *, by: str, firing: Iterable[AlertFact]
    ) -> tuple[Silence, int] | SilenceRefused:
        """With how many of `firing` it covers."""
        refused = asked_for(rule=asked.rule, scope=asked.scope, severity=asked.severity, minutes=asked.minutes)
        if refused is not None:
            return refused
        now = self.moment()
        silence = Silence(
            id=f"{now}-{secrets.token_hex(4)}", site=self.site, rule=asked.rule, scope=asked.scope,
            severity=asked.severity, why=asked.why, by=by, created_at=now, starts_at=now,
            until=Millis(now + asked.minutes * MINUTE_MS),
        )  # fmt: skip
        done = await self.silences.add(silence)
        if isinstance(done, SilenceRefused):
            return done
        return silence, await self._tell_silence(silence, NoteKind.SILENCED, by=by, at=now, firing=firing)

    async def end_silence(
        self, name: str, *, by: str, firing: Iterable[AlertFact]
    ) -> tuple[Silence, int] | SilenceRefused:
        now = self.moment()
        done = await self.silences.end(name, by=by, at=now)
        if isinstance(done, SilenceRefused):
            return done
        return done, await self._tell_silence(done, NoteKind.UNSILENCED, by=by, at=now, firing=firing)

    async def holding(self) -> list[Silence]:
        """Silences that hold, as of the last second."""
        now = self._clock()
        return [one for one in await self.silences.all(fresh=False) if one.active(now)]

    async def timeline(self, alert: AlertLike, kept: Iterable[AlertNoteFact]) -> list[AlertNoteFact]:
        """`kept`: history's notes. With what it does not have yet: each once, in order."""
        tries = [
            attempted(one, site=self.site, alert=alert.alert)
            for one in await self._store.attempts()
            if one.notification.startswith(alert.alert + "/")
        ]
        known = together(kept, self.notes.of(alert.alert), tries)
        return together(known, _own_words(alert, known))

    def on_call(self) -> list[tuple[str, str, Millis, str]]:
        """Of each rota: its name, who it is, until when, who follows."""
        duties = (on_duty(rota, self._clock()) for rota in self._rotas)
        return [(duty.rota, duty.person.name, duty.until, duty.next) for duty in duties]

    async def _tell_silence(
        self, silence: Silence, kind: NoteKind, *, by: str, at: Millis, firing: Iterable[AlertFact]
    ) -> int:
        """In the silence's own notes, and in those of the alerts that fire now."""
        covered = [fact for fact in firing if silence.covers(rule=fact.rule, scope=fact.scope, severity=fact.severity)]
        notes = [
            AlertNoteFact(
                site=self.site, ver=at, noted_at=at, alert=alert, note=f"{kind}/{silence.id}", kind=kind, by=by,
                text=silence.why, reason=silence.id,
            )
            for alert in (f"silence/{silence.id}", *(fact.alert for fact in covered[:MOST_COVERED]))
        ]  # fmt: skip
        detail = msgspec.to_builtins(silence)
        audit = audit_of(self.site, action=f"alert_{kind}", about=silence.id, author=by, at=at, detail=detail)
        await self._teller.tell_all(notes, audit)
        for note in notes:
            self.notes.take(note)
        return len(covered)


def _own_words(alert: AlertLike, known: Iterable[AlertNoteFact]) -> list[AlertNoteFact]:
    """What the alert itself tells of its way, where no note does: it is of an earlier version, or just changed."""
    told = [note for note in known if note.kind is NoteKind.CHANGED]
    words = [changed(alert)] if isinstance(alert, AlertFact) else []
    if not any(note.note == "v1" for note in (*told, *words)):
        words.append(_word(alert, "v1", alert.raised_at, "pending", "first_breach"))
    if alert.acknowledged_at:
        note = _word(alert, "acknowledged", alert.acknowledged_at, "", "")
        words.append(msgspec.structs.replace(note, kind=NoteKind.ACKNOWLEDGED, by=alert.acknowledged_by))
    if alert.resolved_at and not any(note.text == "resolved" for note in (*told, *words)):
        words.append(_word(alert, "resolved", alert.resolved_at, "resolved", alert.reason))
    return words


def _word(alert: AlertLike, name: str, at: Millis, text: str, reason: str) -> AlertNoteFact:
    return AlertNoteFact(
        site=alert.site, ver=at, noted_at=at, alert=alert.alert, note=name, kind=NoteKind.CHANGED, text=text,
        reason=reason,
    )  # fmt: skip
