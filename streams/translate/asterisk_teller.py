"""What every reader of AMI messages shares: the open calls, the moment, and the way to tell an event.

In: readers' calls. Out: `Event`s numbered in order. One per source, owned by its translator. May not know: what a
message means.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from streams.translate.asterisk_calls import Calls, Talk
from streams.translate.asterisk_tally import AsteriskTally, SwitchTally
from streams.translate.asterisk_words import SwitchSettings
from streams.vocabulary.events import Event, SwitchTallied
from streams.vocabulary.ids import AgentId, Millis, QueueName, SiteId, SourceId
from streams.wire.ami import Message

_NEVER: Final = Millis(0)


@dataclass(slots=True, kw_only=True)
class Teller:
    site: SiteId
    source: SourceId
    settings: SwitchSettings
    tally: AsteriskTally
    targets_ms: dict[QueueName, int]
    calls: Calls = field(default_factory=Calls)
    devices: dict[tuple[QueueName, str], str] = field(default_factory=dict)
    pauses: dict[tuple[QueueName, str], str | None] = field(default_factory=dict)
    """(queue, interface) -> reason of the pause as last told, None: not paused"""
    interfaces: set[str] = field(default_factory=set)
    """whoever was ever a member: one taken out of the queues in mid-talk talks on"""
    recalled: set[AgentId] = field(default_factory=set)
    """members of whom an earlier collector told, by number alone"""
    names: dict[str, AgentId | None] = field(default_factory=dict)
    """member name -> agent, as queue_log writes members; None: two agents bear it"""
    untold: Counter[str] = field(default_factory=Counter)
    """Messages that fit nothing open, by kind: before the capture, or in a gap."""
    blind: bool = False
    """between a lost connection and the end of the next picture"""
    at: Millis = _NEVER
    seq: int = 0
    out: list[Event] = field(default_factory=list)

    def agent(self, interface: str) -> AgentId:
        return self.settings.agent_of(interface)

    def is_member(self, interface: str) -> bool:
        """Or was ever one."""
        return interface in self.interfaces or self.agent(interface) in self.recalled

    def member(self, interface: str, name: str) -> AgentId:
        agent = self.agent(interface)
        self.interfaces.add(interface)
        if name and self.names.setdefault(name, agent) != agent:
            self.names[name] = None
        return agent

    def number(self) -> int:
        """The next event's."""
        self.seq += 1
        return self.seq

    def tell(self, kind: Callable[..., Event], **fields: Any) -> None:
        """One event. The busiest kinds are made in place instead: fields that pass through here cost as much again."""
        self.seq += 1
        self.out.append(kind(at=self.at, site=self.site, source=self.source, seq=self.seq, **fields))

    def tell_of_talk(self, kind: Callable[..., Event], talk: Talk, **fields: Any) -> None:
        visit = talk.visit
        self.tell(kind, contact=visit.contact, leg=visit.leg, queue=visit.queue, agent=talk.agent, **fields)

    def tell_tally(self, moved: SwitchTally | None) -> None:
        if moved is not None:
            self.out.append(
                SwitchTallied(
                    at=self.at,
                    site=self.site,
                    source=self.source,
                    seq=self.number(),
                    queue=moved.queue,
                    completed=moved.completed,
                    completed_in_target=moved.completed_in_target,
                    abandoned=moved.abandoned,
                    abandoned_in_target=moved.abandoned_in_target,
                )
            )

    def take(self) -> list[Event]:
        out, self.out = self.out, []
        return out

    def target_ms(self, queue: QueueName) -> int:
        return self.targets_ms.get(queue, 0)

    def switch_second(self, message: Message) -> int:
        """The switch's whole-second clock: its own Timestamp where timestampevents=yes, else the time of reading."""
        stamp = (message.find(b"Timestamp") or "").partition(".")[0]
        return int(stamp) if stamp.isascii() and stamp.isdigit() and len(stamp) < 12 else self.at // 1000


def known(value: str | None) -> str:
    """Asterisk writes `<unknown>` and `unknown` for no number, no name."""
    return "" if value is None or value in ("<unknown>", "unknown") else value
