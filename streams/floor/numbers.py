"""Numbers that add up and can say "no answer". In: counts. Out: `Counters`, `Ratio`, service-level formulas as data.

Sources of the formulas: docs/metrics.md. May not know: events, agents, screens; never rounds a percentage.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from msgspec import Struct
from msgspec.structs import fields

from streams.vocabulary.ids import Millis, QueueName, SiteId


@dataclass(frozen=True, slots=True)
class Ratio:
    """`part` of `whole`. `value` is None when there is no whole: 0 of 0 is no answer, not 0 %."""

    part: int
    whole: int

    @property
    def value(self) -> float | None:
        return self.part / self.whole if self.whole else None

    @property
    def percent(self) -> float | None:
        return 100 * self.part / self.whole if self.whole else None

    def __add__(self, other: "Ratio") -> "Ratio":
        return Ratio(self.part + other.part, self.whole + other.whole)


class Counters(Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True, gc=False):
    """Everything counted of one queue over one stretch of time; sums over queues and times by `+`.

    Durations in ms. `*_in_target` compares with the queue's target at the time; `switch_*` follow the switch's own
    rules. Mutable: its one owner is the floor; whoever wants to keep one adds it to `Counters()`.
    """

    offered: int = 0
    answered: int = 0
    answered_unseen: int = 0
    """of `answered`: found with an agent after a gap, so its wait is not known"""
    answered_in_target: int = 0
    accepted_in_target: int = 0
    abandoned: int = 0
    abandoned_in_target: int = 0
    short_abandoned: int = 0
    overflowed_timeout: int = 0
    overflowed_key: int = 0
    overflowed_empty: int = 0
    overflowed_withdrawn: int = 0
    turned_away_full: int = 0
    turned_away_join_empty: int = 0
    transferred_out: int = 0
    ended: int = 0
    lost: int = 0
    wait_ms: int = 0
    """of answered contacts"""
    wait_max_ms: int = 0
    abandoned_wait_ms: int = 0
    ring_ms: int = 0
    talk_ms: int = 0
    hold_ms: int = 0
    wrap_up_ms: int = 0
    switch_completed: int = 0
    switch_completed_in_target: int = 0
    switch_abandoned: int = 0
    switch_abandoned_in_target: int = 0
    outbound_dialled: int = 0
    outbound_reached: int = 0
    outbound_unreached: int = 0
    outbound_ended: int = 0
    outbound_dial_ms: int = 0
    """of reached contacts"""
    outbound_unreached_ms: int = 0
    outbound_talk_ms: int = 0
    outbound_hold_ms: int = 0
    outbound_wrap_up_ms: int = 0
    messages: int = 0

    def __add__(self, other: "Counters") -> "Counters":
        total = Counters()
        for name in COUNTER_NAMES:
            setattr(total, name, getattr(self, name) + getattr(other, name))
        total.wait_max_ms = max(self.wait_max_ms, other.wait_max_ms)
        return total

    @property
    def overflowed(self) -> dict[str, int]:
        """By reason, only reasons that happened."""
        return _happened(self, "overflowed_")

    @property
    def turned_away(self) -> dict[str, int]:
        return _happened(self, "turned_away_")

    @property
    def asa(self) -> float | None:
        """平均应答: mean wait, ms, of answered contacts whose wait is known."""
        known = self.answered - self.answered_unseen
        return self.wait_ms / known if known else None

    @property
    def aht(self) -> float | None:
        """平均处理时长: handling of ended contacts, ms each; outbound ones with their dialling, as Genesys does."""
        ended = self.ended + self.outbound_ended
        return self.handle_ms / ended if ended else None

    @property
    def handle_ms(self) -> int:
        inbound_ms = self.talk_ms + self.hold_ms + self.wrap_up_ms
        outbound_ms = self.outbound_dial_ms + self.outbound_talk_ms + self.outbound_hold_ms + self.outbound_wrap_up_ms
        return inbound_ms + outbound_ms

    @property
    def reach_rate(self) -> Ratio:
        """外呼接通率: reached of the attempts that are decided."""
        return Ratio(self.outbound_reached, self.outbound_reached + self.outbound_unreached)

    @property
    def abandon_rate(self) -> Ratio:
        return Ratio(self.abandoned, self.offered)


COUNTER_NAMES = tuple(field.name for field in fields(Counters))


def _happened(counters: Counters, prefix: str) -> dict[str, int]:
    names = [name for name in COUNTER_NAMES if name.startswith(prefix)]
    return {name.removeprefix(prefix): getattr(counters, name) for name in names if getattr(counters, name)}


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceLevelFormula:
    """Sums of counters over sums of counters; a name with `-` before it is taken off."""

    name: str
    part: tuple[str, ...]
    whole: tuple[str, ...]

    def of(self, counters: Counters) -> Ratio:
        return Ratio(_signed_sum(counters, self.part), _signed_sum(counters, self.whole))

    @property
    def text(self) -> str:
        return f"({' + '.join(self.part)}) / ({' + '.join(self.whole)})".replace("+ -", "- ")


def _signed_sum(counters: Counters, names: tuple[str, ...]) -> int:
    return sum(-getattr(counters, name[1:]) if name[0] == "-" else getattr(counters, name) for name in names)


def _formula(name: str, part: tuple[str, ...], whole: tuple[str, ...]) -> tuple[str, ServiceLevelFormula]:
    return name, ServiceLevelFormula(name=name, part=part, whole=whole)


FORMULAS: Mapping[str, ServiceLevelFormula] = dict(
    (
        # app_queue.c: callscompletedinsl / callscompleted
        _formula("asterisk", ("switch_completed_in_target",), ("switch_completed",)),
        # app_queue.c: (callscompletedinsl + callsabandonedinsl) / (callscompleted + callsabandoned)
        _formula(
            "asterisk2",
            ("switch_completed_in_target", "switch_abandoned_in_target"),
            ("switch_completed", "switch_abandoned"),
        ),
        _formula("answered_abandoned", ("answered_in_target",), ("answered", "abandoned")),
        _formula("answered_only", ("answered_in_target",), ("answered",)),
        _formula("without_short_abandons", ("answered_in_target",), ("answered", "abandoned", "-short_abandoned")),
        _formula(
            "all_ways_out",
            ("answered_in_target",),
            (
                "answered",
                "abandoned",
                "overflowed_timeout",
                "overflowed_key",
                "overflowed_empty",
                "overflowed_withdrawn",
            ),
        ),
    )
)
DEFAULT_FORMULA = "answered_abandoned"

WINDOW_MINUTES = (1, 5, 15, 20, 30, 60)


class QueueNumbers(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One queue at one instant, as the wall and the alerts see it (entry of `metrics:{site}`, in lists).

    `certain` is False while a source that feeds this queue is lost: the numbers then rest on the past.
    `windows` maps the trailing whole minutes (1, 5, 15, 20, 30, 60; the running minute included) to their counters.
    """

    at: Millis
    site: SiteId
    queue: QueueName
    target_ms: int
    certain: bool
    waiting: int
    longest_wait_ms: int
    talking: int
    agents: dict[str, int]
    """agent state -> how many of the queue's signed-in agents"""
    today: Counters
    windows: dict[int, Counters]
    line: list[tuple[Millis, int, int]]
    """Last 30 closed minutes: (minute's start, answered_in_target, answered + abandoned)."""
    outbound: int = 0
    """outbound contacts being dialled or talked to"""
    tiers: dict[str, Counters] = {}
    """customer tier -> its part of `today`"""
