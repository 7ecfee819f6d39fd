"""What the routes of back-tests, re-scorings, verdicts take and answer. In: nothing. Out: types of the API.

May not know: requests, the bus.
"""

from enum import StrEnum
from typing import Final

import msgspec

from monitor.rule_jobs import RuleJob
from scoring.effect import Effect

COMMENT_MAX: Final = 500
QUEUES_MAX: Final = 200


class JobRefused(StrEnum):
    BUSY = "rule_job_busy"
    """Another one of this site waits or runs."""
    RANGE = "bad_range"
    NONE = "no_such_job"
    NOT_OVER = "rule_job_not_over"
    NOT_UNDOABLE = "rule_job_not_undoable"
    NOT_IN_USE = "scheme_not_in_use"
    """Only the version that new contacts are scored by is told of old ones."""


class VerdictRefused(StrEnum):
    CONTACT = "contact_not_found"
    ITEM = "no_such_item"
    """That version's score of the contact has no such item."""
    NOT_KEPT = "verdicts_not_kept"


STATUS: Final = {
    JobRefused.BUSY: 409,
    JobRefused.RANGE: 422,
    JobRefused.NONE: 404,
    JobRefused.NOT_OVER: 409,
    JobRefused.NOT_UNDOABLE: 409,
    JobRefused.NOT_IN_USE: 409,
    VerdictRefused.CONTACT: 404,
    VerdictRefused.ITEM: 404,
    VerdictRefused.NOT_KEPT: 503,
}


class StartBacktest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`text`: what nobody published yet. `since`, `until`: epoch ms. `queues` empty: every one."""

    scheme: str
    text: str
    since: int
    until: int
    queues: list[str] = []


class StartRescore(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """By the version in use."""

    scheme: str
    since: int
    until: int
    queues: list[str] = []


class JobsAnswer(msgspec.Struct, frozen=True, kw_only=True):
    jobs: list[RuleJob]
    """Newest first."""


class JobAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """`effect`: what a back-test found; null until it is over."""

    job: RuleJob
    effect: Effect | None = None


class Judge(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`agreed` null: what was said is taken back. Of an answer that cannot tell, it is about what it leans to."""

    scheme: str
    version: int
    item: str
    agreed: bool | None
    comment: str = ""


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    scheme: str
    version: int
    item: str
    by: str
    agreed: bool | None
    outcome: str
    leaning: str
    comment: str
    at: int


class VerdictsAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """`me`: by which name this asker's are kept."""

    verdicts: list[Verdict]
    me: str


class ShareTold(msgspec.Struct, frozen=True, kw_only=True):
    """`low`, `high`: 95 % bounds."""

    part: int
    whole: int
    value: float | None
    low: float
    high: float


class DriftTold(msgspec.Struct, frozen=True, kw_only=True):
    of: str
    recent: ShareTold
    before: ShareTold
    low: float
    high: float


class ItemAccuracy(msgspec.Struct, frozen=True, kw_only=True):
    item: str
    hits: int
    misses: int
    doubts: int
    judged: int
    precision: ShareTold
    recall: ShareTold
    drifts: list[DriftTold]


class AccuracyAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Of the last 35 days."""

    scheme: str
    since: int
    until: int
    items: list[ItemAccuracy]


JOB_TYPES: Final = (JobsAnswer, JobAnswer, VerdictsAnswer, AccuracyAnswer)
