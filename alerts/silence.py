"""What nobody wants to be told for a while, who said so and why. In: silences, a rule, a scope, now. Out: which holds.

Pure. A silence stops telling; the alert goes on and stays on the page. May not know: where silences are kept, channels.
"""

from collections.abc import Iterable
from fnmatch import fnmatchcase

from msgspec import Struct

from streams.vocabulary.ids import Millis, SiteId


class Silence(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`rule`, `scope`, `severity`, `label`: "" holds for all, `*` stands for any characters. Half-open
    [starts_at, until); `ended_at`: somebody ended it before."""

    id: str
    site: SiteId
    rule: str = ""
    scope: str = ""
    severity: str = ""
    label: str = ""
    """Of the rule, in either language."""
    why: str
    by: str
    created_at: Millis
    starts_at: Millis
    until: Millis
    ended_at: Millis = Millis(0)
    ended_by: str = ""

    def active(self, now: Millis) -> bool:
        return self.starts_at <= now < self.until and not self.ended_at

    def covers(self, *, rule: str, scope: str, severity: str, labels: Iterable[str] = ()) -> bool:
        """Whenever it holds."""
        return (
            fits(self.rule, rule)
            and fits(self.scope, scope)
            and fits(self.severity, severity)
            and (not self.label or any(fits(self.label, label) for label in labels))
        )


def silencing(
    silences: Iterable[Silence], *, rule: str, scope: str, severity: str, labels: Iterable[str] = (), now: Millis
) -> Silence | None:
    """Of those that hold now the one that lasts longest."""
    named = tuple(labels)
    held = (
        one
        for one in silences
        if one.active(now) and one.covers(rule=rule, scope=scope, severity=severity, labels=named)
    )
    return max(held, key=lambda one: one.until, default=None)


def fits(pattern: str, word: str) -> bool:
    """Only `*` is special: a bracket in a queue's name is a bracket."""
    if "*" not in pattern:
        return not pattern or pattern == word
    return fnmatchcase(word, pattern.replace("[", "[[]").replace("?", "[?]"))
