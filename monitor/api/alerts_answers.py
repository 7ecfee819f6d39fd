"""What the routes of alerts take and answer. In: nothing. Out: types the API's description is made from; texts judged.

May not know: requests, how anything is kept.
"""

import unicodedata
from enum import StrEnum
from typing import Annotated, Final

import msgspec
from aiohttp import web

from monitor.alert_rules_store import RulesVersion
from monitor.api.alerts_rules_answers import RulesFault
from monitor.api.plan_body import BodyRefused
from monitor.api.rules_json import json_answer
from monitor.api.wall_words import AlertDetail
from monitor.scheme_diff import SchemeChanges

SMALL_BODY: Final = 16 * 1024
TEXT_MAX: Final = 2_000
WHY_MAX: Final = 500
NAME_MAX: Final = 200
_TURNING: Final = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""They would show what follows on the page backwards."""


class AlertRefused(StrEnum):
    UNKNOWN = "unknown_alert"
    """Or one that whoever asks may not see."""
    NO_TEXT = "no_text"
    TOO_LONG = "text_too_long"
    NOT_PRINTABLE = "text_not_printable"
    """Control characters, or signs that turn what follows around."""
    OUT_OF_SCOPE = "out_of_scope"
    """Whoever sees a part acts on that part."""
    NOT_KEPT = "alert_acts_not_kept"
    """No bus is attached, so nothing people say would be kept."""
    BAD_RANGE = "bad_range"
    NEWER_RULES = "newer_alert_rules"
    """Somebody published since: look at what changed, then publish on top of it."""
    FAULTY_RULES = "faulty_alert_rules"
    SAME_RULES = "alert_rules_unchanged"
    NO_VERSION = "no_such_version"
    DAMAGED = "version_damaged"
    BUS = "bus_away"
    """Nothing was lost: what is typed stays on the page."""
    HISTORY = "history_unavailable"


STATUS: Final = {
    AlertRefused.UNKNOWN: 404,
    AlertRefused.NO_TEXT: 422,
    AlertRefused.TOO_LONG: 422,
    AlertRefused.NOT_PRINTABLE: 422,
    AlertRefused.OUT_OF_SCOPE: 403,
    AlertRefused.NOT_KEPT: 503,
    AlertRefused.BAD_RANGE: 422,
    AlertRefused.NEWER_RULES: 409,
    AlertRefused.FAULTY_RULES: 422,
    AlertRefused.SAME_RULES: 409,
    AlertRefused.NO_VERSION: 404,
    AlertRefused.DAMAGED: 500,
    AlertRefused.BUS: 503,
    AlertRefused.HISTORY: 503,
}


class ToldTry(msgspec.Struct, frozen=True, kw_only=True):
    """The last attempt to reach one person, or whoever reads a channel."""

    channel: str
    to: str
    outcome: str
    at: int


class MarkCounts(msgspec.Struct, frozen=True, kw_only=True):
    useful: int = 0
    not_useful: int = 0


class Alert(msgspec.Struct, frozen=True, kw_only=True):
    """An alert as the page shows it. `useful`: what whoever asks said of it; `marks`: what everybody did."""

    site: str
    alert: str
    rule: str
    scope: str
    severity: str
    state: str
    reason: str
    value: float | None
    threshold: float
    raised_at: int
    resolved_at: int | None
    acknowledged_at: int | None
    acknowledged_by: str
    detail: AlertDetail
    assigned_to: str = ""
    silenced_until: int | None = None
    silenced_why: str = ""
    useful: bool | None = None
    marks: MarkCounts = MarkCounts()
    comments: int = 0
    notified: list[ToldTry] = []


class AlertsAnswer(msgspec.Struct, frozen=True, kw_only=True):
    alerts: list[Alert]
    me: str


class AlertHistory(msgspec.Struct, frozen=True, kw_only=True):
    """Newest first. `more`: ask again with `until` the last one's raised_at."""

    alerts: list[Alert]
    more: bool


class AlertEvent(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that happened about an alert. `kind`: streams/vocabulary/states.py NoteKind."""

    at: int
    kind: str
    by: str
    text: str
    to: str
    channel: str
    outcome: str
    reason: str
    value: float | None
    note: str


class AlertTimeline(msgspec.Struct, frozen=True, kw_only=True):
    """Oldest first. `unavailable`: why history did not answer; what is here is what is known without it."""

    alert: Alert
    events: list[AlertEvent]
    unavailable: str = ""


class SayComment(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    text: str


class SayAssigned(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`to` "": to nobody."""

    to: str


class SayUseful(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`useful` None: taken back."""

    useful: bool | None


class AskSilence(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Each of rule, scope, severity: "" for all, `*` for any characters; one of them at least is named."""

    why: str
    minutes: Annotated[int, msgspec.Meta(ge=1, le=1_000_000)]
    rule: str = ""
    scope: str = ""
    severity: str = ""


class SilenceTold(msgspec.Struct, frozen=True, kw_only=True):
    """`covers`: how many alerts that fire now. `ended_at` 0: nobody ended it early."""

    id: str
    site: str
    rule: str
    scope: str
    severity: str
    label: str
    why: str
    by: str
    created_at: int
    starts_at: int
    until: int
    ended_at: int
    ended_by: str
    active: bool
    covers: int


class SilencesAnswer(msgspec.Struct, frozen=True, kw_only=True):
    silences: list[SilenceTold]


class FatiguePerson(msgspec.Struct, frozen=True, kw_only=True):
    """`name`: a person, or a channel that tells nobody in particular. `told`: alerts, not messages."""

    name: str
    told: int
    useful: int
    not_useful: int
    unmarked: int
    per_day: float
    over_budget: bool


class FatigueRule(msgspec.Struct, frozen=True, kw_only=True):
    """`precision` None: nobody judged; `low`, `high`: its 95 % bounds."""

    rule: str
    fired: int
    useful: int
    not_useful: int
    disputed: int
    precision: float | None
    low: float
    high: float


class FatigueAnswer(msgspec.Struct, frozen=True, kw_only=True):
    days: int
    budget_per_day: float
    people: list[FatiguePerson]
    rules: list[FatigueRule]


class OnCall(msgspec.Struct, frozen=True, kw_only=True):
    """`next`: who follows at `until`."""

    rota: str
    person: str
    until: int
    next: str


class OnCallAnswer(msgspec.Struct, frozen=True, kw_only=True):
    now: list[OnCall]


class AlertFaultAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Nothing was changed."""

    reason: str
    detail: str = ""
    faults: list[RulesFault] = []
    latest: RulesVersion | None = None
    changes: SchemeChanges | None = None


ANSWERS: Final = (
    Alert, AlertsAnswer, AlertHistory, AlertTimeline, AlertEvent, SilencesAnswer, SilenceTold, FatigueAnswer,
    OnCallAnswer, AlertFaultAnswer,
)  # fmt: skip


def refused(reason: AlertRefused, detail: str = "") -> web.Response:
    return json_answer(AlertFaultAnswer(reason=reason, detail=detail), status=STATUS[reason])


def refused_body(fault: BodyRefused) -> web.Response:
    return json_answer(AlertFaultAnswer(reason=fault.reason, detail=fault.detail), status=fault.status)


def clean(text: str, *, most: int, empty: bool = False) -> str | AlertRefused:
    """What a person wrote, without spaces around it; `empty`: nothing may be said. Markup is text: pages escape it."""
    said = text.strip()
    if not empty and not any(unicodedata.category(sign)[0] not in "CZ" for sign in said[: most + 1]):
        return AlertRefused.NO_TEXT  # or nothing that could be seen
    if len(said) > most:
        return AlertRefused.TOO_LONG
    if any(sign in _TURNING or (unicodedata.category(sign) in ("Cc", "Cs") and sign not in "\n\t") for sign in said):
        return AlertRefused.NOT_PRINTABLE
    return said
