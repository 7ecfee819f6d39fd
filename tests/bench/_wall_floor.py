"""A floor that real events move. In: how many agents. Out: a `Floor`, and for each step the agent whose label changed.

Each step is one event or two of our vocabulary, folded by the product's own floor: contacts queue, ring, are answered,
held, end, are wrapped up; now and then an agent pauses. Seeded: two runs tell the same story. No clock.
"""

import random
import time
from collections.abc import Callable
from heapq import heapify, heappop, heappush
from itertools import count

from streams.floor.fold import Floor
from streams.floor.outputs import AgentChange
from streams.vocabulary.agent_events import (
    AgentJoinedQueue,
    AgentLeftQueue,
    AgentNotReady,
    AgentReady,
    WrapUpEnded,
    WrapUpStarted,
)
from streams.vocabulary.contact_events import (
    ContactAnswered,
    ContactEnded,
    ContactHeld,
    ContactOffered,
    ContactQueued,
    ContactResumed,
)
from streams.vocabulary.events import Event
from streams.vocabulary.ids import AgentId, ContactId, Millis, QueueName, SiteId, SourceId
from streams.vocabulary.source_events import QueueConfigured, SourceConnected
from streams.vocabulary.states import AgentState, EndedBy

SITE, SOURCE = SiteId("bench"), SourceId("switch")
NAMED = "客服热线 技术支持 账单查询 投诉专席 VIP专线 携号转网 宽带报障 国际漫游 政企 外呼回访 充值 积分"
QUEUES = tuple(QueueName(name) for name in NAMED.split())
REASONS = ("小休", "用餐", "培训", "会议", "辅导")
TIERS = ("", "", "", "", "", "", "金卡", "银卡", "银卡", "VIP")
DWELL_S = {
    AgentState.READY: 30.0,
    AgentState.OFFERED: 6.0,
    AgentState.ON_CONTACT: 150.0,
    AgentState.ON_HOLD: 40.0,
    AgentState.WRAP_UP: 30.0,
    AgentState.NOT_READY: 400.0,
}
"""How long an agent stays so; only their proportions count, the pace is whoever steps."""
NAMES = ("王伟", "李芳", "张秀英", "刘敏", "陈静", "杨强", "赵磊", "黄丽华", "周志强", "吴晓雯")


class MovingFloor:
    """Mutable; one owner."""

    def __init__(self, agents: int, now: Millis, *, seed: int = 7) -> None:
        self.floor = Floor(SITE, short_abandon_ms=5_000)
        self._random = random.Random(seed)
        self._seq = count(1)
        self._number = count(1)
        self._contacts: dict[AgentId, tuple[ContactId, QueueName]] = {}
        self._names = [AgentId(str(8001 + number)) for number in range(agents)]
        self.events = 0
        self.folding_s = 0.0
        """CPU seconds inside the product's own fold; the rest of a step is ours"""
        self._tell(SourceConnected, now)
        for queue in QUEUES:
            self._tell(QueueConfigured, now, queue=queue, target_ms=20_000)
        for number, agent in enumerate(self._names):
            for queue in self._random.sample(QUEUES, k=2):
                name = NAMES[number % len(NAMES)]
                self._tell(AgentJoinedQueue, now, agent=agent, queue=queue, name=name, extension=agent)
        self._due = [(self._random.expovariate(1 / 60), agent) for agent in self._names]
        heapify(self._due)
        for back in range(3 * agents, 0, -1):  # a floor in full swing, not one that has just opened
            self.step(Millis(now - back * 180_000 // (3 * agents)))

    def step(self, now: Millis) -> list[AgentId]:
        """One agent goes on with the day; who looks different now."""
        due, agent = heappop(self._due)
        told = self._go_on(agent, now)
        stays = self._random.expovariate(1 / DWELL_S.get(self.floor.agents[agent].state, 60.0))
        heappush(self._due, (due + stays, agent))
        return told

    def _go_on(self, agent: AgentId, now: Millis) -> list[AgentId]:
        record = self.floor.agents[agent]
        told: list[AgentId] = []
        match record.state:
            case AgentState.READY if self._random.random() < 0.2:
                told += self._tell(AgentNotReady, now, agent=agent, reason=self._random.choice(REASONS))
            case AgentState.READY:
                told += self._offer(agent, now)
            case AgentState.OFFERED:
                told += self._talk(ContactAnswered, agent, now)
            case AgentState.ON_CONTACT if self._random.random() < 0.2:
                told += self._talk(ContactHeld, agent, now)
            case AgentState.ON_HOLD:
                told += self._talk(ContactResumed, agent, now)
            case AgentState.ON_CONTACT:
                told += self._end(agent, now)
            case AgentState.WRAP_UP:
                told += self._tell(WrapUpEnded, now, agent=agent)
            case AgentState.NOT_READY if self._random.random() < 0.1:  # moved to another queue: people change
                queue = next(iter(record.memberships))
                told += self._tell(AgentReady, now, agent=agent)
                told += self._tell(AgentLeftQueue, now, agent=agent, queue=queue)
                told += self._tell(AgentJoinedQueue, now, agent=agent, queue=self._random.choice(QUEUES))
            case _:
                told += self._tell(AgentReady, now, agent=agent)
        return told

    def _offer(self, agent: AgentId, now: Millis) -> list[AgentId]:
        contact = ContactId(f"c{next(self._number)}")
        queue = self._random.choice(list(self.floor.agents[agent].memberships))
        self._contacts[agent] = (contact, queue)
        at = Millis(now - self._random.randint(0, 15_000))
        self._tell(ContactQueued, at, contact=contact, leg=1, queue=queue, tier=self._random.choice(TIERS))
        return self._tell(ContactOffered, now, contact=contact, leg=1, queue=queue, agent=agent)

    def _talk(self, kind: Callable[..., Event], agent: AgentId, now: Millis) -> list[AgentId]:
        contact, queue = self._contacts[agent]
        return self._tell(kind, now, contact=contact, leg=1, queue=queue, agent=agent)

    def _end(self, agent: AgentId, now: Millis) -> list[AgentId]:
        contact, queue = self._contacts.pop(agent)
        told = self._tell(WrapUpStarted, now, agent=agent, queue=queue, contact=contact, leg=1)
        return told + self._tell(
            ContactEnded, now, contact=contact, leg=1, queue=queue, agent=agent, ended_by=EndedBy.CUSTOMER, talk_ms=None
        )

    def _tell(self, kind: Callable[..., Event], at: Millis, **values: object) -> list[AgentId]:
        event = kind(at=at, site=SITE, source=SOURCE, seq=next(self._seq), **values)
        self.events += 1
        began = time.thread_time()
        outputs = self.floor.apply(event)
        self.folding_s += time.thread_time() - began
        return [out.agent for out in outputs if isinstance(out, AgentChange)]
