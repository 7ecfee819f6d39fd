"""What the routes of rules take and answer. In: nothing. Out: types the API's description is made from.

May not know: requests, how schemes are kept.
"""

from typing import Annotated, Any

import msgspec

from monitor.rules_check import WordWarning
from monitor.rules_faults import TextFault
from monitor.rules_test import GoldenRun, KeptDialogue
from monitor.rules_text import Edit
from monitor.rules_try import Tried
from monitor.scheme_desk import NOTE_MAX
from monitor.scheme_diff import SchemeChanges
from monitor.scheme_store import GOLDEN_MAX, Draft, SchemeVersion

Count = Annotated[int, msgspec.Meta(ge=0, le=1_000_000_000)]
"""A number of a version or a draft, as a request names it."""
Note = Annotated[str, msgspec.Meta(max_length=NOTE_MAX)]


class ListedScheme(msgspec.Struct, frozen=True, kw_only=True):
    """A scheme's latest version. `fault`: why it is not scored by."""

    zh: str
    en: str
    about: SchemeVersion
    draft: bool
    fault: str = ""


class SchemesAnswer(msgspec.Struct, frozen=True, kw_only=True):
    schemes: list[ListedScheme]
    drafts: list[str]
    """Names of drafts of schemes that were never published."""
    lost: list[str]
    """Stored versions that cannot be read."""


class SchemeAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """One scheme to be edited. `text`: of its latest version; "" where none was published."""

    name: str
    about: SchemeVersion | None
    text: str
    draft: Draft | None
    revision: int
    """What a draft that is saved must say it follows."""
    golden: str = ""
    """Of its latest version; a draft without its own has them, too."""


class VersionsAnswer(msgspec.Struct, frozen=True, kw_only=True):
    versions: list[SchemeVersion]


class SchemeText(msgspec.Struct, frozen=True, kw_only=True):
    """`changes` against version `against`."""

    about: SchemeVersion
    text: str
    against: int | None
    changes: SchemeChanges | None
    golden: str = ""
    golden_changed: bool = False
    """Against that version."""


class LookedAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """`values`: what the text says, for a form; {} where it is no TOML. `lines`: of tables, by path."""

    faults: list[TextFault]
    warnings: list[TextFault]
    words: list[WordWarning]
    words_left: int
    """Phrases not judged yet: ask again."""
    words_fault: str
    values: dict[str, Any]
    lines: dict[str, int]
    """`rule/0/condition/1`"""
    text: str | None = None
    """After edits."""
    items: int = 0
    rules: int = 0


class RulesFaultAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Nothing was changed."""

    reason: str
    detail: str = ""
    rule: str = ""
    """Of a text that took too much: the rule that was being asked."""
    faults: list[TextFault] = []
    warnings: list[TextFault] = []
    latest: SchemeVersion | None = None
    changes: SchemeChanges | None = None
    draft: Draft | None = None
    revision: int = 0
    run: GoldenRun | None = None
    """Of the golden dialogues, where some failed."""


class Check(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`edits` are done first. `rename`: the table at this path has another `id`, named anew wherever it is named."""

    text: str
    name: str = ""
    edits: list[Edit] = []
    rename: list[str | int] = []
    to: str = ""
    words: bool = False


Golden = Annotated[str, msgspec.Meta(max_length=GOLDEN_MAX)]


class Save(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`revision`: of the draft that was seen; 0 before the first one. `golden` null: those of the version it began
    from."""

    text: str
    revision: Count
    base: Count
    golden: Golden | None = None


class Publish(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One of `text`, `version` (an older one published anew) and `retire`. `revision`: the draft this takes the place
    of. `confirmed`: its warnings were read. `golden` goes with `text`; null: those of the version before. They are run
    first; `anyway`: published although some failed, which takes a note."""

    base: Count
    note: Note = ""
    text: str | None = None
    version: Count | None = None
    retire: bool = False
    golden: Golden | None = None
    confirmed: bool = False
    anyway: bool = False
    revision: Count = 0


class Try(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    text: str
    contact: str


class RunGolden(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`golden`: the dialogues as TOML; null: those kept with the scheme of this name."""

    text: str
    name: str
    golden: Golden | None = None


class KeepDialogue(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A tried contact as a golden dialogue behind those in `golden`. `expect`: by item an outcome; what is not named is
    only asked not to take points."""

    text: str
    contact: str
    id: Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
    about: Note = ""
    golden: Golden = ""
    expect: dict[str, str] = {}


class Compare(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    before: str
    after: str


ANSWERS = (
    SchemesAnswer, SchemeAnswer, VersionsAnswer, SchemeText, LookedAnswer, RulesFaultAnswer, Tried, SchemeChanges,
    SchemeVersion, Draft, GoldenRun, KeptDialogue,
)  # fmt: skip
