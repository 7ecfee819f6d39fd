"""What the routes of alert rules take and answer. In: nothing. Out: types the API's description is made from.

May not know: requests, how versions are kept.
"""

from typing import Annotated, Final

import msgspec

from monitor.alert_rules_store import NOTE_MAX, RulesVersion
from monitor.alert_rules_words import ToldMetric, ToldRule
from monitor.scheme_diff import SchemeChanges
from scoring.fault_words import in_chinese
from streams.toml_lines import Fault

RULES_BODY: Final = 2 * 1024 * 1024
"""A text of 256 KB with every sign escaped, and a note."""


class RulesFault(msgspec.Struct, frozen=True, kw_only=True):
    """`line` counts from 1, `column` 0: not told. `_zh`: "" where the parser's English has no Chinese words."""

    line: int
    key: str
    problem: str
    mend: str
    problem_zh: str = ""
    mend_zh: str = ""
    column: int = 0


class AlertRulesAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """`running` is not `version` where the newest text cannot be read any more: the last good one goes on, `faults`
    says why."""

    text: str
    version: int
    running: int
    note: str
    by: str
    at: int
    origin: str
    of: int | None
    faults: list[RulesFault]
    rules: list[ToldRule]
    metrics: list[ToldMetric]
    unreadable: str = ""


class CheckRules(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    text: str


class CheckedRules(msgspec.Struct, frozen=True, kw_only=True):
    faults: list[RulesFault]
    rules: list[ToldRule]


class PublishRules(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One of `text` and `version` (an older one published anew). `base`: the version its author saw."""

    base: Annotated[int, msgspec.Meta(ge=0, le=999_999)]
    note: Annotated[str, msgspec.Meta(max_length=NOTE_MAX)] = ""
    text: str | None = None
    version: Annotated[int, msgspec.Meta(ge=0, le=999_999)] | None = None


class AlertRulesVersions(msgspec.Struct, frozen=True, kw_only=True):
    versions: list[RulesVersion]


class AlertRulesText(msgspec.Struct, frozen=True, kw_only=True):
    """`changes` against version `against`."""

    about: RulesVersion
    text: str
    against: int | None
    changes: SchemeChanges | None


RULES_ANSWERS: Final = (AlertRulesAnswer, CheckedRules, RulesVersion, AlertRulesVersions, AlertRulesText)


def fault_row(fault: Fault) -> RulesFault:
    key, sign, problem = fault.message.partition(": ")
    if not sign or " " in key:
        key, problem = "", fault.message
    return RulesFault(
        line=fault.line, key=key, problem=problem, mend=fault.mend, problem_zh=in_chinese(problem),
        mend_zh=in_chinese(fault.mend),
    )  # fmt: skip
