"""What /ops says of recordings. In: a counter of the intake or of a transcriber. Out: its words, whether to look at it.

`failed_not_audio` is two words of the catalogues: what was counted, and why. May not know: HTML, the ledger.
"""

from dataclasses import dataclass
from typing import Final

SECTIONS: Final = frozenset({"intake", "transcriber"})
SPLIT: Final = {
    "failed": "audio",
    "quarantined": "audio",
    "fetch": "audio",
    "matched": "matched",
    "folder": "reason",
    "sorted": "reason",
}
"""What stands before the first `_` of a counter: the catalogue's kind of what follows."""
WHOLE: Final = frozenset({"matched_by_time", "folder_not_readable"})
WORTH_A_LOOK: Final = frozenset(
    {
        "failed", "quarantined", "fetch", "never_matched", "candidates_not_read", "lease_lost", "paused_disk_full",
        "watch_too_many_files", "watch_folder_not_readable", "bus_retries", "restarts", "silent", "job_not_decodable",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Counted:
    """`why` is a key of the catalogues, "" where `name` says all."""

    name: str
    why: str
    look: bool


def counted(key: str, value: object) -> Counted:
    what, _, rest = key.partition("_")
    kind = SPLIT.get(what)
    if kind is None or not rest or key in WHOLE:
        return Counted(key, "", bool(value) and key in WORTH_A_LOOK)
    return Counted(what, f"{kind}:{rest}", bool(value) and (what in WORTH_A_LOOK or rest in WORTH_A_LOOK))
