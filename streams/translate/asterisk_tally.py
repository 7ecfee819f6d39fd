"""Asterisk's own Completed, Abandoned and service-level counters, followed event by event. In: calls. Out: SwitchTally.

They are not counts of calls (a second call of a member hides the first; see docs/metrics.md), but they are what
`queue show` prints, so a supervisor must be able to see the same figure here.
Source: app_queue.c update_queue(), record_abandoned(), wait_for_answer(). May not know: messages, the floor.
"""

from collections import defaultdict
from dataclasses import dataclass, field

from streams.vocabulary.ids import QueueName

CallKey = tuple[str, int]
"""(caller's Uniqueid, leg)"""


@dataclass(frozen=True, slots=True, kw_only=True)
class SwitchTally:
    """By how much Asterisk's counters of one queue have just moved."""

    queue: QueueName
    completed: int = 0
    completed_in_target: int = 0
    abandoned: int = 0
    abandoned_in_target: int = 0


@dataclass(slots=True)
class AsteriskTally:
    """Mutable; owned by one translator."""

    shared_lastcall: bool
    _running: dict[tuple[QueueName, str], tuple[CallKey, bool]] = field(default_factory=dict)
    _memberships: defaultdict[str, set[QueueName]] = field(default_factory=lambda: defaultdict(set))

    def member_added(self, queue: QueueName, interface: str) -> None:
        self._memberships[interface].add(queue)

    def member_removed(self, queue: QueueName, interface: str) -> None:
        self._memberships[interface].discard(queue)

    def connected(self, queue: QueueName, interface: str, call: CallKey, *, in_target: bool) -> None:
        """A newer call of a member overwrites the running one: Asterisk keeps one start time per membership."""
        self._running[queue, interface] = (call, in_target)

    def device_idle(self, queue: QueueName, interface: str) -> SwitchTally | None:
        """A member whose telephone falls idle has completed whatever was running."""
        return self._complete(queue, interface) if (queue, interface) in self._running else None

    def completed(self, queue: QueueName, interface: str, call: CallKey) -> SwitchTally | None:
        running = self._running.get((queue, interface))
        return self._complete(queue, interface) if running is not None and running[0] == call else None

    def abandoned(self, queue: QueueName, *, in_target: bool) -> SwitchTally:
        return SwitchTally(queue=queue, abandoned=1, abandoned_in_target=int(in_target))

    def forget(self) -> None:
        """The switch restarted: nothing runs, nobody is a member until told."""
        self._running.clear()
        self._memberships.clear()

    def _complete(self, queue: QueueName, interface: str) -> SwitchTally | None:
        _, in_target = self._running.pop((queue, interface))
        if self.shared_lastcall:
            queues = self._memberships[interface]
            if not queues:
                return None
            for other in queues:
                self._running.pop((other, interface), None)
        return SwitchTally(queue=queue, completed=1, completed_in_target=int(in_target))
