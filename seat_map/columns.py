"""The floor as columns, one row per seat. In: labels by seat index. Out: numpy arrays of code, reason, flags, since.

Reasons become small numbers through `Reasons` (sent to browsers as a table). A row's doubt travels in the upper half of
its flags, so that certainty costs no byte. May not know: sockets, Bokeh, rooms.
"""

from collections.abc import Mapping
from enum import Enum, IntFlag
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from seat_map.palette import SeatCode
from seat_map.shown import shown
from streams.floor.certainty import Doubt, certainty_of
from streams.floor.records import AgentRecord
from streams.vocabulary.ids import Millis
from streams.vocabulary.states import AgentState, Certainty, NotReadyReason

CODES = {
    AgentState.SIGNED_OUT: SeatCode.SIGNED_OUT,
    AgentState.READY: SeatCode.READY,
    AgentState.OFFERED: SeatCode.OFFERED,
    AgentState.ON_CONTACT: SeatCode.ON_CONTACT,
    AgentState.ON_HOLD: SeatCode.ON_HOLD,
    AgentState.WRAP_UP: SeatCode.WRAP_UP,
    AgentState.NOT_READY: SeatCode.NOT_READY,
    AgentState.UNKNOWN: SeatCode.UNKNOWN,
}
AGE_MAX = 2**32 - 1
REASONS_MAX = 4_096
"""All texts go to every new browser: a switch that writes a telephone number into each reason must not fill them."""
Seen = npt.NDArray[np.bool_] | None
"""By row: whether a viewer may see it; None: all of them."""


class SeatFlag(IntFlag):
    """UNCERTAIN: the label rests on a source that is lost. RESERVED: not ready follows this contact.

    OUTSIDE: not of the viewer's scope, so nothing is told but that there is a desk (its code is VACANT).
    """

    UNCERTAIN = 1
    RESERVED = 2
    OUTSIDE = 4


DOUBTS = tuple(Doubt)
"""By their number, 0 is none; browsers get this table with the map."""
DOUBT_SHIFT = 4
DOUBT_CERTAINTIES: Mapping[Doubt, Certainty] = MappingProxyType({doubt: certainty_of(doubt) for doubt in DOUBTS})
_DOUBT_BITS = {doubt: number << DOUBT_SHIFT for number, doubt in enumerate(DOUBTS)}
_BELOW_DOUBT = (1 << DOUBT_SHIFT) - 1


class Label(NamedTuple):
    """What one seat shows. `flags`: SeatFlag below, the doubt's number above."""

    code: SeatCode
    reason: str
    flags: int
    since: Millis


VACANT = Label(SeatCode.VACANT, "", 0, Millis(0))


class Differs(Enum):
    """How a row written anew differs from what viewers have. DOUBT: in nothing but its doubt."""

    NOT = "not"
    DOUBT = "doubt"
    LABEL = "label"


def label_of(agent: AgentRecord, doubt: Doubt = Doubt.NONE) -> Label:
    """An agent's record to what its seat shows. A lost source makes it unknown whatever the last state was."""
    flags = _DOUBT_BITS[doubt]
    reason = agent.reason
    code = CODES[agent.state]
    since = agent.since
    if agent.lost_since is not None:
        flags |= SeatFlag.UNCERTAIN
        if code is not SeatCode.UNKNOWN:
            code, since = SeatCode.UNKNOWN, agent.lost_since
    elif code is SeatCode.UNKNOWN:
        flags |= SeatFlag.UNCERTAIN
    elif code is SeatCode.NOT_READY and reason == NotReadyReason.UNREACHABLE:
        code = SeatCode.TROUBLE
    elif (reserved := agent.next_reason) is not None:
        flags |= SeatFlag.RESERVED
        reason = reserved or reason
    return Label(code, reason, flags, since)


class Reasons:
    """Texts to numbers, never forgotten while the process lives; 0 is "no reason". Full: further texts show as 0."""

    def __init__(self) -> None:
        self.texts: list[str] = [""]
        self._numbers: dict[str, int] = {"": 0}

    def number(self, text: str) -> int:
        known = self._numbers.get(text)
        if known is not None:
            return known
        if len(self.texts) >= REASONS_MAX:
            return 0
        self._numbers[text] = len(self.texts)
        self.texts.append(shown(text))
        return self._numbers[text]


class SeatColumns:
    """Mutable; one owner (the hub). Row i is seat i of the seating."""

    def __init__(self, size: int) -> None:
        self.code: npt.NDArray[np.uint8] = np.full(size, SeatCode.VACANT, np.uint8)
        self.flags: npt.NDArray[np.uint8] = np.zeros(size, np.uint8)
        self.reason: npt.NDArray[np.uint16] = np.zeros(size, np.uint16)
        self.since: npt.NDArray[np.int64] = np.zeros(size, np.int64)
        self._shown: list[tuple[Label, int]] = [(VACANT, 0)] * size
        """What `put` wrote, as it was told"""

    def __len__(self) -> int:
        return len(self.code)

    def grow(self, size: int) -> None:
        """Further rows, vacant. Never shrinks."""
        more = size - len(self)
        if more <= 0:
            return
        self.code = np.concatenate((self.code, np.full(more, SeatCode.VACANT, np.uint8)))
        self.flags = np.concatenate((self.flags, np.zeros(more, np.uint8)))
        self.reason = np.concatenate((self.reason, np.zeros(more, np.uint16)))
        self.since = np.concatenate((self.since, np.zeros(more, np.int64)))
        self._shown += [(VACANT, 0)] * more

    def put(self, index: int, label: Label, reason: int) -> Differs:
        """Write one row. Every agent is put every few seconds and hardly any differs: that must be cheap."""
        before, number = self._shown[index]
        if before == label and number == reason:
            return Differs.NOT
        self._shown[index] = (label, reason)
        self.code[index] = label.code
        self.flags[index] = label.flags
        self.reason[index] = reason
        self.since[index] = label.since
        below = before.flags & _BELOW_DOUBT == label.flags & _BELOW_DOUBT
        same = below and before._replace(flags=0) == label._replace(flags=0)
        return Differs.DOUBT if same else Differs.LABEL

    def ages(self, now: Millis, rows: npt.NDArray[np.int64] | None = None) -> npt.NDArray[np.uint32]:
        """How long each row has been so, ms; a clock behind the switch's gives 0, never a negative age."""
        since = self.since if rows is None else self.since[rows]
        return np.clip(now - since, 0, AGE_MAX).astype(np.uint32)

    def counts(self, seen: Seen = None) -> npt.NDArray[np.int64]:
        return np.bincount(self.code if seen is None else self.code[seen], minlength=len(SeatCode))

    def doubts(self, seen: Seen = None) -> dict[Doubt, int]:
        """How many seats show a label in doubt, by why; the unknown show none and are not among them."""
        believed = self.code != SeatCode.UNKNOWN
        shown = self.flags[believed if seen is None else believed & seen] >> DOUBT_SHIFT
        counted = np.bincount(shown, minlength=len(DOUBTS)).tolist()
        return {doubt: count for doubt, count in zip(DOUBTS, counted, strict=True) if count and doubt}
