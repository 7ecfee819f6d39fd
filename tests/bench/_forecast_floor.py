"""A floor of many queues for the forecast's benchmark: each plays a simulated day (tests/forecast_day.py).

Fits monitor.api.live.LiveFloor as far as a forecaster reads it. Mutable: `at` moves it; one owner.
"""

from collections.abc import Mapping, Sequence

from streams.floor.certainty import Doubt
from streams.floor.numbers import Counters, QueueNumbers
from streams.floor.records import AgentRecord, Gap, Membership, Visit, VisitKey
from streams.vocabulary.ids import AgentId, Millis, QueueName, SiteId, SourceId
from streams.vocabulary.states import AgentState
from tests.forecast_day import INTERVAL_S, Centre, Contact, Day, simulated

SITE, SOURCE = SiteId("bench"), SourceId("bench")
PER_HOUR = (30, 60, 90, 150, 220, 300, 420, 600)
"""Six to fifty agents a queue: about a thousand on forty queues"""
ORIGIN_S = 972_000 * INTERVAL_S
"""Epoch second at which the days begin, an interval's border"""


class BenchFloor:
    def __init__(self, queues: int) -> None:
        self.days = {
            QueueName(f"q{k:02}"): simulated(Centre(per_hour=PER_HOUR[k % len(PER_HOUR)], hours=6), 900 + k)
            for k in range(queues)
        }
        self.site = SITE
        self.visits: Mapping[VisitKey, Visit] = {}
        self.gaps: Sequence[Gap] = ()
        self.agents: dict[AgentId, AgentRecord] = {}
        self._minutes = {queue: _minutes(day) for queue, day in self.days.items()}
        self._numbers: list[QueueNumbers] = []

    def at(self, second: float) -> Millis:
        """`second` of the day; the instant as epoch milliseconds."""
        now = Millis(round(1000 * (ORIGIN_S + second)))
        self.agents = {}
        self._numbers = [self._move(queue, day, second, now) for queue, day in self.days.items()]
        return now

    def _move(self, queue: QueueName, day: Day, second: float, now: Millis) -> QueueNumbers:
        waiting = [one for one in day.contacts if one.came <= second < one.left]
        busy = sum(one.answered and one.left <= second < one.done for one in day.contacts)
        for place in range(day.agents[int(second // INTERVAL_S)]):
            agent = AgentRecord(id=AgentId(f"{queue}-{place}"), source=SOURCE, name="", extension="")
            agent.memberships = {queue: Membership(queue=queue, joined_at=Millis(0))}
            agent.state = AgentState.ON_CONTACT if place < busy else AgentState.READY
            agent.queue = queue if place < busy else QueueName("")
            self.agents[agent.id] = agent
        return QueueNumbers(
            at=now,
            site=SITE,
            queue=queue,
            target_ms=20_000,
            certain=True,
            waiting=len(waiting),
            longest_wait_ms=round(1000 * max((second - one.came for one in waiting), default=0.0)),
            talking=busy,
            agents={},
            today=Counters(),
            windows={},
            line=[],
        )

    def numbers(self, now: Millis) -> list[QueueNumbers]:
        return self._numbers

    def doubt(self, agent: AgentRecord, now: Millis) -> Doubt:
        return Doubt.NONE

    def minutes(self, queue: QueueName) -> Mapping[int, Counters]:
        """The last hour, as a floor keeps it: what is to come is not told."""
        this = self._numbers[0].at // 60_000
        return {at: one for at, one in self._minutes[queue].items() if this - 60 < at <= this}


def _minutes(day: Day) -> dict[int, Counters]:
    found: dict[int, Counters] = {}

    def add(second: float, counted: Counters) -> None:
        minute = int((ORIGIN_S + second) // 60)
        found[minute] = found.get(minute, Counters()) + counted

    for one in day.contacts:
        add(one.came, Counters(offered=1))
        add(one.left, _left(one, day.centre.target_s))
        if one.answered:
            add(one.done, Counters(ended=1, talk_ms=round(1000 * (one.done - one.left))))
    return found


def _left(one: Contact, target_s: float) -> Counters:
    wait = one.left - one.came
    if not one.answered:
        return Counters(abandoned=1, abandoned_wait_ms=round(1000 * wait))
    return Counters(answered=1, answered_in_target=int(wait <= target_s), wait_ms=round(1000 * wait))
