"""What really happened: the switch's own books. In: each visit's turn, as it happens. Out: counts and queue_log lines.

Pure. The `truth` a watcher's numbers are compared with, and the counters QueueStatus shows (app_queue.c: HoldTime and
TalkTime are (3 x old + new) >> 2 of whole seconds).
"""

from dataclasses import dataclass, field

from streams.vocabulary.ids import Millis


def seconds(at: int) -> int:
    return at // 1000


@dataclass(slots=True)
class QueueTruth:
    """Counts of one queue. offered = answered + abandoned + sum(overflowed) + waiting at every moment."""

    offered: int = 0
    answered: int = 0
    abandoned: int = 0
    overflowed: dict[str, int] = field(default_factory=dict)
    turned_away: dict[str, int] = field(default_factory=dict)
    ended_by_agent: int = 0
    ended_by_customer: int = 0
    transferred_blind: int = 0
    transferred_attended: int = 0
    declined: int = 0
    answered_in_target: int = 0
    """Waited at most the target until an agent picked up, in whole seconds (Asterisk's own clock)."""
    waiting: int = 0
    talking: int = 0
    wait_s: int = 0
    talk_s: int = 0

    @property
    def completed(self) -> int:
        return self.ended_by_agent + self.ended_by_customer + self.transferred_blind + self.transferred_attended


@dataclass(slots=True)
class SwitchCounters:
    """What `queue show` says. `completed` follows the member's device, not the call (trace README, Counters)."""

    completed: int = 0
    completed_in_target: int = 0
    abandoned: int = 0
    abandoned_in_target: int = 0
    holdtime: int = 0
    talktime: int = 0

    def answered(self, wait_s: int) -> None:
        self.holdtime = (3 * self.holdtime + wait_s) >> 2 if self.holdtime else wait_s

    def complete(self, talk_s: int, *, in_target: bool) -> None:
        self.talktime = (3 * self.talktime + talk_s) >> 2 if self.completed else talk_s
        self.completed += 1
        self.completed_in_target += in_target

    @property
    def perf(self) -> str:
        return f"{100 * self.completed_in_target / self.completed:.1f}" if self.completed else "0.0"

    @property
    def perf2(self) -> str:
        whole = self.completed + self.abandoned
        return f"{100 * (self.completed_in_target + self.abandoned_in_target) / whole:.1f}" if whole else "0.0"


class Ledger:
    """Owned by the simulated floor. `keep_log=False` drops the lines (a long demo needs only the counts)."""

    def __init__(self, queues: list[str], *, keep_log: bool) -> None:
        self.truth = {name: QueueTruth() for name in queues}
        self.counters = {name: SwitchCounters() for name in queues}
        self._keep = keep_log
        self.lines: list[str] = []

    def log(self, at: Millis, call: str, queue: str, agent: str, event: str, *data: object) -> None:
        """One queue_log line: epoch|call|queue|agent|event|data…"""
        if self._keep:
            text = "|".join(str(part).replace("\r", " ").replace("\n", " ") for part in data)
            self.lines.append(f"{seconds(at)}|{call}|{queue}|{agent}|{event}|{text}")

    def entered(self, at: Millis, call: str, queue: str, *, number: str, position: int, name: str) -> None:
        truth = self.truth[queue]
        truth.offered += 1
        truth.waiting += 1
        self.log(at, call, queue, "NONE", "ENTERQUEUE", "", number, position, name)

    def turned_away(self, queue: str, reason: str) -> None:
        """queue_log says nothing of a caller who could not join."""
        away = self.truth[queue].turned_away
        away[reason] = away.get(reason, 0) + 1

    def abandoned(self, queue: str, wait_s: int, *, target_s: int) -> None:
        self.truth[queue].abandoned += 1
        self._left(queue, wait_s, target_s)

    def overflowed(self, queue: str, reason: str, wait_s: int, *, target_s: int) -> None:
        """timeout and empty count as abandoned with Asterisk, a key press does not."""
        over = self.truth[queue].overflowed
        over[reason] = over.get(reason, 0) + 1
        if reason == "key":
            self.truth[queue].waiting -= 1
        else:
            self._left(queue, wait_s, target_s)

    def _left(self, queue: str, wait_s: int, target_s: int) -> None:
        self.truth[queue].waiting -= 1
        counters = self.counters[queue]
        counters.abandoned += 1
        counters.abandoned_in_target += wait_s <= target_s

    def connected(self, queue: str, wait_s: int, *, in_target: bool) -> None:
        truth = self.truth[queue]
        truth.waiting -= 1
        truth.talking += 1
        truth.answered += 1
        truth.wait_s += wait_s
        truth.answered_in_target += in_target
        self.counters[queue].answered(wait_s)

    def ended(self, queue: str, how: str, talk_s: int) -> None:
        """`how`: agent, caller, blind or attended."""
        truth = self.truth[queue]
        truth.talking -= 1
        truth.talk_s += talk_s
        match how:
            case "agent":
                truth.ended_by_agent += 1
            case "caller":
                truth.ended_by_customer += 1
            case "blind":
                truth.transferred_blind += 1
            case "attended":
                truth.transferred_attended += 1
            case _:
                raise ValueError(f"a talk does not end by {how!r}")
