"""When a recording began, by its length. In: moments at which it may have begun, how far each is off. Out: one of them.

A switch tells when it was asked to record; what it writes may begin only when two are connected (Asterisk's MixMonitor
with b, FreeSWITCH's RECORD_ANSWER_REQ). Pure. May not know: events, jobs.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from streams.vocabulary.ids import Millis

FITS_MS: Final = 2_500
"""A recording whose length says otherwise than its moments by no more began when they say."""
ALIKE_MS: Final = 500
"""Of two moments that fit about as well the first named is taken."""


def fitting(off: Mapping[Millis, int]) -> Millis | None:
    """Of moments by how many ms the recording's length speaks against each; None: it fits none, as where the switch
    left stretches out."""
    best = min(off, key=lambda at: off[at] // ALIKE_MS, default=None)
    return best if best is not None and off[best] <= FITS_MS else None


def began_at(moments: Iterable[Millis], *, over: Millis, duration_ms: int) -> Millis | None:
    """Of one that ended at `over` (0: not known)."""
    return fitting({at: abs(over - at - duration_ms) for at in moments if at}) if over else None
