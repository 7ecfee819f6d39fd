"""A little language over `plan`: at t this happens, between t1 and t2 this is told, and nothing else is.

Lines: `12 fire page/queue:sales`, `30 resolve …`, `40 acknowledge …`, `50 clock +3600` (the clock steps),
`70 silence RULE SCOPE for 600`; `17..18 duty: +page/queue:sales -page/queue:vip`: told that
one fires and one is over (`+n`, `-n`: so many; `digest`, `storm`, `again`: such a message). Seconds throughout.
"""

import itertools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from alerts.book import Book
from alerts.group import Manner, Sending
from alerts.notification import Detail, Notification, Says
from alerts.route import Live, plan
from alerts.routing import Routing
from alerts.silence import Silence
from alerts.wanted import Withheld
from streams.vocabulary.ids import Millis, SiteId

START = 1_795_291_200_000
"""A Saturday, 04:00 in Shanghai"""
SITE = SiteId("gz")
SEVERITIES = {"page": "critical", "note": "warning", "hint": "info", "source_silent": "critical"}


@dataclass(frozen=True, slots=True)
class Message:
    second: int
    receiver: str
    fires: tuple[str, ...]
    over: tuple[str, ...]
    sending: Sending


@dataclass(slots=True)
class Player:
    """One engine's looks, a second apart."""

    routing: Routing
    channels: tuple[str, ...] = ("duty",)
    manners: Mapping[str, Manner] = field(default_factory=lambda: {"duty": Manner.TOGETHER, "lead": Manner.TOGETHER})
    second: int = 0
    step_ms: int = 0
    book: Book = field(default_factory=Book)
    firing: dict[str, Live] = field(default_factory=dict)
    silences: list[Silence] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)
    withheld: list[tuple[int, Withheld]] = field(default_factory=list)
    _numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))
    _over: list[Live] = field(default_factory=list)

    @property
    def now(self) -> Millis:
        return Millis(START + 1000 * self.second + self.step_ms)

    def fire(self, name: str, *, queues: tuple[str, ...] = ()) -> None:
        if name not in self.firing:
            said = notification(name, next(self._numbers), queues=queues)
            self.firing[name] = Live(notification=said, channels=self.channels)

    def resolve(self, name: str) -> None:
        live = self.firing.pop(name, None)
        if live is not None:
            self._over.append(Live(notification=resolved(live.notification), channels=live.channels))

    def acknowledge(self, name: str) -> None:
        live = self.firing.get(name)
        if live is not None:
            self.firing[name] = Live(notification=live.notification, channels=live.channels, acknowledged=True)

    def silence(self, rule: str, scope: str, seconds: int) -> None:
        until = Millis(self.now + 1000 * seconds)
        self.silences.append(
            Silence(
                id=f"s{next(self._numbers)}",
                site=SITE,
                rule=rule,
                scope=scope,
                why="works",
                by="ops",
                created_at=self.now,
                starts_at=self.now,
                until=until,
            )
        )

    def look(self) -> list[Message]:
        over, self._over = self._over, []
        planned = plan(
            [*self.firing.values(), *over], self.routing, self.silences, self.book, now=self.now, manners=self.manners
        )
        self.book = planned.book
        self.withheld += [(self.second, one) for one in planned.withheld]
        told = [_message(self.second, one) for one in planned.sendings]
        self.messages += told
        return told


def notification(name: str, number: int, *, queues: tuple[str, ...] = ()) -> Notification:
    rule, _, scope = name.partition("/")
    alert = f"{name}/{number}"
    return Notification(
        id=f"{alert}/firing",
        says=Says.FIRING,
        at=Millis(START),
        site=SITE,
        alert=alert,
        rule=rule,
        scope=scope,
        severity=SEVERITIES.get(rule, "warning"),
        reason="fired",
        raised_at=Millis(START + number),
        detail=Detail(queues=queues, part=len(queues), whole=max(3, len(queues)) if queues else 0),
    )


def resolved(one: Notification) -> Notification:
    fields = {name: getattr(one, name) for name in one.__struct_fields__}
    return Notification(**fields | {"id": f"{one.alert}/resolved", "says": Says.RESOLVED, "resolved_at": Millis(1)})


def played(script: str, routing: Routing, *, until: int = 0, **settings: object) -> Player:
    """Plays the script and holds it to what it expects. Raises AssertionError that names the line."""
    player = Player(routing, **settings)  # type: ignore[arg-type]
    lines = [line.strip() for line in script.strip().splitlines() if line.strip()]
    actions = [line.split(maxsplit=1) for line in lines if not re.match(r"\d+\.\.\d+ ", line)]
    expected = [line for line in lines if re.match(r"\d+\.\.\d+ ", line)]
    last = max([until, *(int(action[0]) for action in actions), *(int(re.split(r"\D+", e)[1]) for e in expected)])
    while player.second <= last:
        for _, action in (one for one in actions if int(one[0]) == player.second):
            _act(player, action)
        player.look()
        player.second += 1
    _compare(expected, player.messages)
    return player


def _act(player: Player, action: str) -> None:
    verb, *words = action.split()
    match verb:
        case "fire":
            for name in words:
                player.fire(name)
        case "storm":
            for number in range(int(words[1])):
                player.fire(f"{words[0]}{number}")
        case "calm":
            for name in [name for name in player.firing if name.startswith(words[0])]:
                player.resolve(name)
        case "blind":
            player.fire("source_silent/site:gz", queues=tuple(words))
        case "resolve":
            for name in words:
                player.resolve(name)
        case "acknowledge":
            player.acknowledge(words[0])
        case "silence":
            player.silence(words[0], words[1], int(words[3]))
        case "unsilence":
            player.silences.clear()
        case "clock":
            player.step_ms += 1000 * int(words[0])
        case _:
            raise ValueError(action)


def _message(second: int, sending: Sending) -> Message:
    def names(says: Says) -> tuple[str, ...]:
        return tuple(one.alert.rpartition("/")[0] for one in sending.notifications if one.says is says)

    return Message(second, sending.receiver.key, names(Says.FIRING), names(Says.RESOLVED), sending)


def _compare(expected: Sequence[str], messages: Sequence[Message]) -> None:
    rest = list(messages)
    for line in expected:
        found = next((one for one in rest if _fits(line, one)), None)
        assert found is not None, f"not told: {line}\n told: {_told(messages)}"
        rest.remove(found)
    assert not rest, f"told without being expected: {_told(rest)}"


def _fits(line: str, message: Message) -> bool:
    span, receiver, *words = line.replace(": ", " ").split()
    early, late = span.split("..")
    if not int(early) <= message.second <= int(late) or receiver != message.receiver:
        return False
    fires = sorted(word[1:] for word in words if word.startswith("+"))
    over = sorted(word[1:] for word in words if word.startswith("-"))
    marks = {word for word in words if word[0] not in "+-"}
    sending = message.sending
    has = {name for name, there in (("digest", sending.digest), ("storm", sending.incident)) if there}
    has |= {"again"} if any(re.search(r"/firing/\d", one.id) for one in sending.notifications) else set()
    return _same(fires, message.fires, sending.more) and _same(over, message.over, 0) and marks == has


def _same(wanted: Sequence[str], told: Sequence[str], more: int) -> bool:
    if len(wanted) == 1 and wanted[0].isdigit():
        return len(told) + more == int(wanted[0])
    return list(wanted) == sorted(told)


def _told(messages: Sequence[Message]) -> str:
    return "; ".join(
        f"{one.second} {one.receiver}: {' +'.join(('', *one.fires))[:200]}{' -'.join(('', *one.over))[:200]}"
        f" {one.sending.digest or ''} {one.sending.incident and 'storm'} more={one.sending.more}"
        for one in messages
    )
