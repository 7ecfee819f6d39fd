"""What people asked not to hear of. In: an alert's words, silences, now. Out: the silence that covers it, or None.

A silence stops messages that say "firing", never the alert itself, and never a "resolved" for who was told. May not
know: who may write one, where they are kept.
"""

from collections.abc import Iterable
from fnmatch import fnmatchcase

import msgspec
from msgspec import Struct

from streams.vocabulary.ids import Millis, SiteId


class Silence(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """`rule`, `scope`, `severity`, `label`: globs, "" matches all; `label` is held against both languages.

    In force in [starts_at, until) unless `ended_at` (a person took it back) is set.
    """

    id: str
    site: SiteId
    rule: str = ""
    scope: str = ""
    severity: str = ""
    label: str = ""
    why: str
    by: str
    created_at: Millis
    starts_at: Millis
    until: Millis
    ended_at: Millis = Millis(0)
    ended_by: str = ""

    def in_force(self, now: Millis) -> bool:
        return not self.ended_at and self.starts_at <= now < self.until

    def covers(self, *, rule: str, scope: str, severity: str, labels: Iterable[str] = ()) -> bool:
        """Says nothing of time and site."""
        return (
            fits(self.rule, rule)
            and fits(self.scope, scope)
            and fits(self.severity, severity)
            and (not self.label or any(fits(self.label, label) for label in labels))
        )


encode = msgspec.msgpack.Encoder().encode
decode = msgspec.msgpack.Decoder(Silence).decode


def fits(glob: str, word: str) -> bool:
    """An empty glob fits everything; `*`, `?` and `[…]` as in file names, letter case counts."""
    return not glob or glob == word or fnmatchcase(word, glob)
