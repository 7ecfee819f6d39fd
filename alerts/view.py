"""One moment, laid out so that each rule finds what it measures. In: a Moment, now. Out: `View`, `Sample`.

Made once for each look and shared by all rules. May not know: rules, what a number means.
"""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

from msgspec import Struct

from alerts.moment import FRESH_MS, AgentNow, Moment, SiteMoment
from streams.floor.numbers import Counters, QueueNumbers
from streams.floor.rollup import summed
from streams.vocabulary.ids import Millis, QueueName
from streams.vocabulary.states import AgentState

HANDLING = frozenset({AgentState.ON_CONTACT, AgentState.ON_HOLD, AgentState.WRAP_UP})
SERVING = HANDLING | {AgentState.READY, AgentState.OFFERED}


class Sample(Struct, frozen=True, gc=False):
    """What a metric is for one scope. `value` None: no answer. A share is `part` of `whole`, else `whole` tells how
    many it rests on. `who`: whom it is about besides its scope (a contact's agent)."""

    value: float | None
    part: int = 0
    whole: int = 0
    certain: bool = True
    who: str = ""
    label_zh: str = ""
    label_en: str = ""


UNKNOWN = Sample(None, certain=False)
"""Rests on a lost source."""


@dataclass(frozen=True, slots=True)
class Heads:
    """Agents by what they do now."""

    states: Mapping[str, int]

    def of(self, *states: AgentState) -> int:
        return sum(self.states.get(state, 0) for state in states)

    @property
    def handling(self) -> int:
        return self.of(*HANDLING)

    @property
    def staffed(self) -> int:
        """Ready, or serving."""
        return self.of(*SERVING)

    @property
    def signed_in(self) -> int:
        return self.staffed + self.of(AgentState.NOT_READY)

    @property
    def known(self) -> bool:
        return not self.states.get(AgentState.UNKNOWN)


Asks = TypeVar("Asks", bound=Hashable)


class View:
    """Owns nothing but what it has worked out of the moment."""

    def __init__(self, moment: Moment, now: Millis) -> None:
        self.moment = moment
        self.now = now
        self.queues: dict[QueueName, QueueNumbers] = {one.queue: one for one in moment.batch or ()}
        beside = moment.site_moment
        self._read: dict[tuple[str, Hashable], Mapping[str, Sample]] = {}
        self.beside: SiteMoment | None = beside if beside is not None and now - beside.at <= FRESH_MS else None

    def read(
        self, metric: str, asked: Asks, reader: "Callable[[View, Asks], Mapping[str, Sample]]"
    ) -> Mapping[str, Sample]:
        """Read once, however many rules ask."""
        key = (metric, asked)
        found = self._read.get(key)
        if found is None:
            found = self._read[key] = reader(self, asked)
        return found

    @property
    def told(self) -> bool:
        """Queue numbers came, however uncertain."""
        return self.moment.batch is not None

    @cached_property
    def certain(self) -> bool:
        """Of the whole site."""
        return self.told and all(numbers.certain for numbers in self.queues.values())

    @cached_property
    def agents(self) -> Mapping[str, AgentNow]:
        return {one.agent: one for one in self.beside.agents} if self.beside is not None else {}

    @cached_property
    def teams(self) -> Mapping[str, Heads]:
        counted: dict[str, dict[str, int]] = {}
        for one in self.agents.values():
            if one.team:
                states = counted.setdefault(one.team, {})
                states[one.state] = states.get(one.state, 0) + 1
        return {team: Heads(states) for team, states in counted.items()}

    @cached_property
    def everyone(self) -> Heads:
        """Each agent once, however many queues they serve."""
        states: dict[str, int] = {}
        for one in self.agents.values():
            states[one.state] = states.get(one.state, 0) + 1
        return Heads(states)

    def site_window(self, minutes: int) -> Counters:
        """All queues of the site; raises KeyError for a window that is not kept."""
        return summed([numbers.windows[minutes] for numbers in self.queues.values()])
