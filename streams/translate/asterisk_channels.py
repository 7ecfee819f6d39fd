"""One answer to CoreShowChannels (and BridgeList), read for talks and offers. In: list items. Out: what they show.

app_queue gives its legs to agents the application `AppQueue`; the caller stands in `Queue`. A leg in the bridge of its
caller is a talk, a leg without a bridge an offer (traces README, "Disconnects"). May not know: what was known before.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from streams.vocabulary.ids import QueueName
from streams.wire.ami import Message

_LEG: Final = "AppQueue"
_WAITING: Final = "Queue"
_DOWN: Final = "0"
_UP: Final = "6"
_HOLDING: Final = "holding_bridge"


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    uniqueid: str
    name: str
    application: str
    argument: str
    bridge: str
    linked: str
    up: bool
    dialled: bool
    age_ms: int
    number: str
    caller_name: str

    @property
    def interface(self) -> str:
        """`Local/1001@agents` of `Local/1001@agents-0000002a;1`, as queues name their members."""
        head, dash, tail = self.name.rpartition("-")
        return head if dash and len(tail) in (8, 10) else self.name

    @property
    def queue(self) -> QueueName:
        return QueueName(self.argument.partition(",")[0])


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A leg to an agent, and the caller it belongs to."""

    leg: Channel
    caller: Channel
    held: bool | None = None


@dataclass(slots=True)
class Channels:
    """Mutable; filled by one picture. `bridges`: the technology of each bridge."""

    by_id: dict[str, Channel] = field(default_factory=dict)
    bridges: dict[str, str] = field(default_factory=dict)

    def read(self, message: Message) -> None:
        uniqueid, state = message.text(b"Uniqueid"), message.find(b"ChannelState")
        age_ms = _age_ms(message.find(b"Duration") or "")
        self.by_id[uniqueid] = Channel(
            uniqueid=uniqueid,
            name=message.text(b"Channel"),
            application=message.find(b"Application") or "",
            argument=message.find(b"ApplicationData") or "",
            bridge=(message.find(b"BridgeId") or "").strip(),
            linked=message.find(b"Linkedid") or "",
            up=state == _UP,
            dialled=state != _DOWN or age_ms > 0,
            age_ms=age_ms,
            number=message.find(b"CallerIDNum") or "",
            caller_name=message.find(b"CallerIDName") or "",
        )

    def read_bridge(self, message: Message) -> None:
        self.bridges[message.text(b"BridgeUniqueid")] = message.find(b"BridgeTechnology") or ""

    def talks(self) -> Iterator[Found]:
        """Caller and leg in one bridge; or the leg in another one, while the caller waits for a consultation's end."""
        callers = {one.bridge: one for one in self.by_id.values() if one.application == _WAITING and one.bridge}
        legs = [one for one in self.by_id.values() if one.application == _LEG and one.bridge]
        served = {leg.bridge for leg in legs}
        left = {one.linked: one for bridge, one in callers.items() if bridge not in served}
        for leg in legs:
            if caller := callers.get(leg.bridge):
                # a holding bridge plays music to all in it; hold by the telephone itself shows nowhere in a list
                yield Found(leg=leg, caller=caller, held=self.bridges.get(leg.bridge) == _HOLDING or None)
            elif caller := left.get(leg.linked):
                yield Found(leg=leg, caller=caller, held=True)

    def offers(self, waiting: Mapping[str, QueueName]) -> Iterator[tuple[Found, QueueName]]:
        """`waiting`: callers that the queues themselves listed. A leg just made is left out: its AgentCalled comes."""
        by_link = {self.by_id[one].linked: one for one in waiting if one in self.by_id}
        for leg in self.by_id.values():
            if leg.application != _LEG or leg.bridge or not leg.dialled:
                continue
            if caller := by_link.get(leg.linked):
                yield Found(leg=leg, caller=self.by_id[caller]), waiting[caller]


def _age_ms(text: str) -> int:
    """`00:00:13`, whole seconds."""
    parts = text.split(":")
    if len(parts) != 3 or not all(one.isascii() and one.isdigit() and len(one) < 6 for one in parts):
        return 0
    hours, minutes, seconds = map(int, parts)
    return ((hours * 60 + minutes) * 60 + seconds) * 1000
