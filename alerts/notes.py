"""Notes about alerts that the service makes by itself. In: an alert's new version, an attempt of a channel. Out: notes.

Pure. Each note's name comes from what it tells, so that telling it again after a crash, or from two places, is the same
note. May not know: where notes go.
"""

from typing import Final, Protocol

from streams.vocabulary.facts import AlertFact, AlertNoteFact
from streams.vocabulary.ids import Millis, SiteId
from streams.vocabulary.states import NoteKind

ACKNOWLEDGED: Final = "acknowledged"
"""The first acknowledgement counts, so there is one note of it."""


class CameBack(Protocol):
    @property
    def outcome(self) -> str: ...
    @property
    def status(self) -> int: ...
    @property
    def code(self) -> str: ...


class Tried(Protocol):
    """What a note needs of alerts/senders/channel.py's Attempt."""

    @property
    def at(self) -> Millis: ...
    @property
    def channel(self) -> str: ...
    @property
    def notification(self) -> str: ...
    @property
    def number(self) -> int: ...
    @property
    def reply(self) -> CameBack: ...


def changed(fact: AlertFact) -> AlertNoteFact:
    """What a version of an alert tells of its way."""
    if fact.reason == ACKNOWLEDGED and fact.acknowledged_at:
        return acknowledged(fact)
    at = fact.changed_at or fact.resolved_at or fact.raised_at
    return AlertNoteFact(
        site=fact.site, ver=at, noted_at=at, alert=fact.alert, note=f"v{fact.ver}", kind=NoteKind.CHANGED,
        text=fact.state, reason=fact.reason, value=fact.value,
    )  # fmt: skip


def acknowledged(fact: AlertFact) -> AlertNoteFact:
    at = fact.acknowledged_at
    return AlertNoteFact(
        site=fact.site, ver=at, noted_at=at, alert=fact.alert, note=ACKNOWLEDGED, kind=NoteKind.ACKNOWLEDGED,
        by=fact.acknowledged_by,
    )  # fmt: skip


def attempted(attempt: Tried, *, site: SiteId, alert: str, to: str = "") -> AlertNoteFact:
    """`to`: the person behind the channel, where it is one person's."""
    reply = attempt.reply
    says = attempt.notification.removeprefix(alert).strip("/")
    return AlertNoteFact(
        site=site, ver=attempt.at, noted_at=attempt.at, alert=alert,
        note=f"try/{attempt.channel}/{says}/{attempt.number}/{attempt.at}", kind=NoteKind.NOTIFIED, text=says,
        to=to, channel=attempt.channel, outcome=reply.outcome, reason=_said(reply.status, reply.code),
    )  # fmt: skip


def _said(status: int, code: str) -> str:
    """What came back, in short; the answer's own text stays with the attempt."""
    return " ".join(word for word in (f"HTTP {status}" if status else "", code) if word)


def parts_of(alert: str) -> tuple[str, str, Millis] | None:
    """Rule, scope, raised_at of an alert's id; a scope may hold slashes, a rule's name cannot. None: it is no id."""
    rule, _, rest = alert.partition("/")
    scope, _, raised = rest.rpartition("/")
    if not (rule and scope and raised.isascii() and raised.isdecimal() and len(raised) <= 15):
        return None
    return rule, scope, Millis(int(raised))
