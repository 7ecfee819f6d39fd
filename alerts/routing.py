"""Who is told what, and how often: a tree of routes. In: an alert's Labels, now. Out: the routes it takes, receivers.

Children hold all their own values (routing_parse.py lets them inherit). What no route takes goes the default way: the
channels of its rule. May not know: what was told before.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from alerts.digest import Quiet
from alerts.escalation import Escalation
from alerts.inhibition import Inhibition
from alerts.labels import Labels, Match
from alerts.oncall import Rota, on_duty
from streams.vocabulary.ids import Millis

HOUR_MS: Final = 3_600_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """`channels` and `rotas` None: the channels of each rule. `max_per_hour` 0: no cap on messages about one rule.

    `goes_on`: siblings below are asked too. `name` is part of what is remembered of who was told.
    """

    name: str
    match: Match = field(default_factory=Match)
    channels: tuple[str, ...] | None = None
    rotas: tuple[str, ...] | None = None
    group_by: tuple[str, ...] = ("rule",)
    group_wait_ms: int = 5_000
    group_interval_ms: int = 60_000
    repeat_ms: int = 4 * HOUR_MS
    max_per_hour: int = 0
    quiet: tuple[str, ...] = ()
    escalation: str = ""
    goes_on: bool = False
    children: "tuple[Route, ...]" = ()


DEFAULT: Final = Route(name="default")


@dataclass(frozen=True, slots=True, kw_only=True)
class Routing:
    routes: tuple[Route, ...] = ()
    inhibitions: tuple[Inhibition, ...] = ()
    rotas: Mapping[str, Rota] = field(default_factory=dict)
    escalations: Mapping[str, Escalation] = field(default_factory=dict)
    quiet: Mapping[str, Quiet] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, order=True)
class Receiver:
    """One channel, and whom it reaches where a rota chose it."""

    channel: str
    person: str = ""
    mobile: str = ""

    @property
    def key(self) -> str:
        return f"{self.channel}/{self.person}" if self.person else self.channel


def routes_of(routing: Routing, labels: Labels) -> Sequence[Route]:
    """At least one."""
    return _walk(routing.routes, labels) or (DEFAULT,)


def receivers_of(
    routing: Routing, channels: Sequence[str], rotas: Sequence[str], *, now: Millis
) -> tuple[Receiver, ...]:
    """Channels, and those of who is on call; each once."""
    found = [Receiver(channel) for channel in channels]
    for name in rotas:
        person = on_duty(routing.rotas[name], now).person
        found += [Receiver(channel, person.name, person.mobile) for channel in person.channels]
    return tuple(dict.fromkeys(found))


def told_by(routing: Routing, route: Route, rule_channels: Sequence[str], *, now: Millis) -> tuple[Receiver, ...]:
    """Whom a route tells of an alert whose rule names `rule_channels`."""
    if route.channels is None and route.rotas is None:
        return receivers_of(routing, rule_channels, (), now=now)
    return receivers_of(routing, route.channels or (), route.rotas or (), now=now)


def quiet_now(routing: Routing, route: Route, now: Millis) -> bool:
    return any(routing.quiet[name].holds(now) for name in route.quiet)


def group_of(route: Route, labels: Labels) -> str:
    """`route{word="…"}`: what is told together."""
    words = ",".join(f"{name}={labels.word(name)}" for name in route.group_by)
    return f"{route.name}{{{words}}}"


def flat(routes: Sequence[Route]) -> Sequence[Route]:
    """All of a tree, parents before children."""
    return [one for route in routes for one in (route, *flat(route.children))]


def _walk(routes: Sequence[Route], labels: Labels) -> tuple[Route, ...]:
    taken: tuple[Route, ...] = ()
    for route in routes:
        if route.match.fits(labels):
            taken += _walk(route.children, labels) or (route,)
            if not route.goes_on:
                break
    return taken
