"""Lines of queue_log to whole queue visits. In: `QueueLogLine`s in order. Out: `LogVisit`s, growing until they end.

Each line of a visit names its call and queue; the n-th ENTERQUEUE of a call is its n-th visit (traces README, order 3).
A QUEUESTART closes what was open: nobody writes its end. May not know: AMI, what was told before.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from streams.vocabulary.ids import ContactId, QueueName
from streams.vocabulary.states import EndedBy, Outcome, OverflowReason, TransferKind
from streams.wire.queue_log import QueueLogLine

MOST_VISITS: Final = 200_000
"""Kept at once: two hours of blindness at 5,000 seats. Beyond it the oldest finished one is forgotten, counted."""
_CALL_KEPT_S: Final = 12 * 3600
"""How long the number of a call's visits is remembered; no caller stays longer."""

_OVERFLOWS: Final = {
    "EXITWITHTIMEOUT": (OverflowReason.TIMEOUT, 2),
    "EXITWITHKEY": (OverflowReason.KEY, 3),
    "EXITEMPTY": (OverflowReason.EMPTY, 2),
    "WITHDRAW": (OverflowReason.WITHDRAWN, 2),
}
"""event -> (reason, place of the wait in its data)"""
_COMPLETED: Final = {"COMPLETEAGENT": EndedBy.AGENT, "COMPLETECALLER": EndedBy.CUSTOMER}
_TRANSFERS: Final = {"BLINDTRANSFER": TransferKind.BLIND, "ATTENDEDTRANSFER": TransferKind.ATTENDED}
AGENT_LINES: Final = frozenset(
    ("PAUSE", "UNPAUSE", "PAUSEALL", "UNPAUSEALL", "ADDMEMBER", "REMOVEMEMBER", "AGENTLOGIN", "AGENTLOGOFF")
)


@dataclass(slots=True, kw_only=True, eq=False)
class LogVisit:
    """Times in whole seconds, as the log has them; None: not yet, or it does not say."""

    contact: ContactId
    ordinal: int
    queue: QueueName
    queued_s: int
    customer: str = ""
    connected_s: int | None = None
    agent_name: str = ""
    wait_s: int | None = None
    ring_s: int | None = None
    ended_s: int | None = None
    outcome: Outcome = Outcome.WAITING
    reason: str = ""
    talk_s: int | None = None
    ended_by: EndedBy = EndedBy.UNKNOWN
    leg: int | None = None
    """which leg of the events it is, once that is known"""
    told_talking: bool = False
    """its connection has been told as a correction"""

    @property
    def changed_s(self) -> int:
        return self.ended_s or self.connected_s or self.queued_s


@dataclass(slots=True)
class LogVisits:
    """Mutable; owned by one witness. `open` and `closed` until somebody takes them; `agent_lines` by event."""

    open: dict[tuple[str, QueueName], LogVisit] = field(default_factory=dict)
    closed: list[LogVisit] = field(default_factory=list)
    ordinals: dict[str, tuple[int, int]] = field(default_factory=dict)
    """call -> (visits so far, second of the last)"""
    unmatched: Counter[str] = field(default_factory=Counter)
    """Lines of a visit whose beginning is not in what was read, by event; `forgotten`: see MOST_VISITS."""
    latest_s: int = 0

    def read(self, lines: Iterable[QueueLogLine]) -> None:
        for line in lines:
            self.latest_s = max(self.latest_s, line.at_s)
            if line.event == "ENTERQUEUE":
                self._enter(line)
            elif line.event == "QUEUESTART":
                self._cut(line)
            elif line.event in _ENDINGS:
                self._go_on(line)
        if len(self.closed) > MOST_VISITS:
            self.unmatched["forgotten"] += len(self.closed) - MOST_VISITS
            del self.closed[:-MOST_VISITS]

    def _enter(self, line: QueueLogLine) -> None:
        before = self.open.pop((line.call, line.queue), None)
        if before is not None:
            self.unmatched["entered_twice"] += 1
        ordinal = self.ordinals.get(line.call, (0, 0))[0] + 1
        self.ordinals[line.call] = (ordinal, line.at_s)
        if len(self.ordinals) > MOST_VISITS // 10:
            self._forget_calls()
        self.open[line.call, line.queue] = LogVisit(
            contact=ContactId(line.call),
            ordinal=ordinal,
            queue=line.queue,
            queued_s=line.at_s,
            customer=line.text(1),
        )

    def _forget_calls(self) -> None:
        limit = self.latest_s - _CALL_KEPT_S
        kept = {call: one for call, one in self.ordinals.items() if one[1] > limit}
        # a flood of callers: the older half goes, whose visits are over
        self.ordinals = kept if len(kept) <= MOST_VISITS // 10 else dict(list(kept.items())[len(kept) // 2 :])

    def _go_on(self, line: QueueLogLine) -> None:
        visit = self.open.get((line.call, line.queue))
        if visit is None:
            self.unmatched[line.event] += 1
            return
        if line.event == "CONNECT":
            visit.connected_s, visit.agent_name = line.at_s, line.agent
            visit.wait_s, visit.ring_s = line.seconds(0), line.seconds(2)
            visit.outcome = Outcome.TALKING
            return
        visit.ended_s = line.at_s
        if line.event == "ABANDON":
            visit.outcome, visit.wait_s = Outcome.ABANDONED, line.seconds(2)
        elif line.event in _OVERFLOWS:
            visit.reason, place = _OVERFLOWS[line.event]
            visit.outcome, visit.wait_s = Outcome.OVERFLOWED, line.seconds(place)
        else:
            _end_talk(visit, line)
        self.closed.append(self.open.pop((line.call, line.queue)))

    def _cut(self, line: QueueLogLine) -> None:
        """Asterisk began anew: how these ended nobody wrote down."""
        for visit in self.open.values():
            visit.ended_s = line.at_s
            visit.outcome = Outcome.LOST
            self.closed.append(visit)
        self.open.clear()


def _end_talk(visit: LogVisit, line: QueueLogLine) -> None:
    visit.outcome = Outcome.ANSWERED
    if kind := _TRANSFERS.get(line.event):
        # attended: BRIDGE|bridge id|hold|talk|position, or a number instead of the bridge
        visit.ended_by, visit.talk_s = EndedBy.TRANSFER, line.seconds(3)
        visit.reason = f"{kind}:{line.text(0) if kind is TransferKind.BLIND else ''}"
    else:
        visit.ended_by, visit.talk_s = _COMPLETED[line.event], line.seconds(1)
    if visit.connected_s is None:
        visit.agent_name = line.agent


_ENDINGS: Final = frozenset(("CONNECT", "ABANDON", *_OVERFLOWS, *_COMPLETED, *_TRANSFERS))
