"""A floor for browser tests: real records and numbers made up by a seeded generator. No switch.

`SyntheticFloor` fits monitor.api.live.LiveFloor.
"""

import random

from streams.floor.certainty import Doubt
from streams.floor.numbers import Counters, QueueNumbers
from streams.floor.records import AgentRecord, Gap, Membership, Reserved, Totals, Visit, VisitKey
from streams.vocabulary.ids import AgentId, ContactId, Millis, QueueName, SiteId, SourceId
from streams.vocabulary.states import AgentState, Channel, Direction

QUEUES = ("客服热线", "技术支持", "账单查询", "投诉专席", "VIP 专线", "携号转网")
SURNAMES, GIVEN = "王李张刘陈杨赵黄周吴徐孙", ("伟", "芳", "秀英", "敏", "静", "强", "磊", "丽华", "志强", "晓雯")
HOSTILE = '<img src=x onerror="document.title=1"><b>粗体</b>'
TIERS = {
    "金卡": Counters(offered=41, answered=40, answered_in_target=38, abandoned=1),
    "银卡": Counters(offered=60, answered=54, answered_in_target=41, abandoned=6),
}
SHARES = (
    (AgentState.ON_CONTACT, "", 44, 240_000),
    (AgentState.READY, "", 16, 40_000),
    (AgentState.WRAP_UP, "", 9, 35_000),
    (AgentState.OFFERED, "", 3, 8_000),
    (AgentState.ON_HOLD, "", 3, 50_000),
    (AgentState.NOT_READY, "小休", 6, 420_000),
    (AgentState.NOT_READY, "用餐", 5, 900_000),
    (AgentState.NOT_READY, "会议", 2, 900_000),
    (AgentState.NOT_READY, "unreachable", 1, 100_000),
    (AgentState.SIGNED_OUT, "", 11, 3_600_000),
)


class SyntheticFloor:
    """`step` moves a few agents and returns who changed. `told` False: no source has told of queues or agents."""

    def __init__(self, *, agents: int, now: Millis, seed: int = 7, site: str = "上海中心", told: bool = True) -> None:
        self.site = SiteId(site)
        self.visits: dict[VisitKey, Visit] = {}
        self.doubts: dict[AgentId, Doubt] = {}
        self.details = False
        """outbound contacts and customer tiers"""
        self._told = told
        self.gaps = [
            Gap(
                source=SourceId("asterisk-1"),
                began=Millis(now - 900_000),
                ended=Millis(now - 880_000),
                reason="disconnected",
            )
        ]
        self.agents: dict[AgentId, AgentRecord] = {}
        self._random = random.Random(seed)
        self._began = now
        for number in range(agents):
            self._add(AgentId(str(8001 + number)), now)
        first = next(iter(self.agents.values()), None)
        if first is not None:
            first.name = HOSTILE

    def _add(self, agent: AgentId, now: Millis) -> None:
        queues = self._random.sample(QUEUES, k=self._random.choice((1, 2, 2, 3)))
        name = self._random.choice(SURNAMES) + self._random.choice(GIVEN)
        record = AgentRecord(id=agent, source=SourceId("asterisk-1"), name=name, extension=agent)
        record.memberships = {QueueName(queue): Membership(queue=QueueName(queue), joined_at=now) for queue in queues}
        record.today = Totals(
            answered=self._random.randint(5, 60), talk_ms=9_000_000, not_ready_ms=1_900_000, declined=2
        )
        self.agents[agent] = record
        self._settle(record, Millis(now - self._random.randint(0, 200_000)))

    def _settle(self, record: AgentRecord, since: Millis) -> None:
        state, reason, _, mean = self._random.choices(SHARES, [share[2] for share in SHARES])[0]
        self.put(record.id, state, since, reason=reason)
        if self._random.random() < 0.03:
            record.since = Millis(since - 4 * mean)

    def put(self, agent: AgentId, state: AgentState, since: Millis, *, reason: str = "") -> None:
        record = self.agents[agent]
        record.state, record.reason, record.since = state, reason, since
        busy = state in (AgentState.ON_CONTACT, AgentState.ON_HOLD)
        record.contact = ContactId(f"{since // 1000}.{agent}" if busy else "")
        record.queue = next(iter(record.memberships)) if busy else QueueName("")

    def step(self, now: Millis, count: int) -> list[AgentId]:
        moved = self._random.sample(list(self.agents), k=min(count, len(self.agents)))
        for agent in moved:
            self._settle(self.agents[agent], now)
        return moved

    def doubt(self, agent: AgentRecord, now: Millis) -> Doubt:
        return Doubt.SOURCE_LOST if agent.lost_since is not None else self.doubts.get(agent.id, Doubt.NONE)

    def enrich(self, agent: AgentId, now: Millis) -> None:
        """What switches with more to tell say: skills, two chats and an outbound call at once, a reserved pause."""
        record = self.agents[agent]
        record.skills = {"粤语": 9, "English": 6, "信用卡": 3}
        record.reserved = Reserved(state=AgentState.NOT_READY, reason="用餐")
        about = {"source": record.source, "queue": QueueName(QUEUES[4]), "agent": agent}
        visits = (
            Visit(
                contact=ContactId("chat-71"), leg=1, channel=Channel.CHAT, tier="金卡", queued_at=Millis(now - 400_000),
                answered_at=Millis(now - 380_000), **about,
            ),
            Visit(
                contact=ContactId("chat-72"), leg=1, channel=Channel.CHAT, queued_at=Millis(now - 90_000),
                answered_at=Millis(now - 60_000), held_since=Millis(now - 5_000), **about,
            ),
            Visit(
                contact=ContactId("out-9"), leg=1, direction=Direction.OUTBOUND, queued_at=Millis(now - 45_000),
                answered_at=Millis(now - 30_000), consulting="8002", **about,
            ),
        )  # fmt: skip
        self.visits |= {visit.key: visit for visit in visits}
        record.talks = [visit.key for visit in visits]
        self.put(agent, AgentState.ON_CONTACT, Millis(now - 30_000))
        record.queue = QueueName(QUEUES[4])

    def lose_source(self, now: Millis) -> None:
        for record in self.agents.values():
            record.lost_since = now

    def minutes(self, queue: QueueName) -> dict[int, Counters]:
        """The last hour, one minute like the other; each queue a little worse than the one before."""
        place, this = QUEUES.index(queue), self._began // 60_000
        serving = sum(queue in record.memberships for record in self.agents.values())
        answered = max(1, round(serving / 13))
        counted = Counters(
            offered=answered + place % 2, answered=answered, answered_in_target=max(0, answered - place % 3),
            abandoned=place % 2, wait_ms=9000 * answered, abandoned_wait_ms=40_000 * (place % 2), ended=answered,
            talk_ms=170_000 * answered, wrap_up_ms=30_000 * answered,
        )  # fmt: skip
        return {this - back: counted for back in range(60)}

    def numbers(self, now: Millis) -> list[QueueNumbers]:
        minute = now - now % 60_000
        rows: list[QueueNumbers] = []
        if not self._told:
            return rows
        certain = all(record.lost_since is None for record in self.agents.values())
        for place, queue in enumerate(QUEUES):
            serving = [record for record in self.agents.values() if queue in record.memberships]
            states: dict[str, int] = {}
            for record in serving:
                states[record.state] = states.get(record.state, 0) + 1
            answered, met = 90 + 7 * place, round((90 + 7 * place) * (0.97 - 0.06 * place))
            window = Counters(
                offered=answered + 6,
                answered=answered,
                answered_in_target=met,
                abandoned=4 + place,
                wait_ms=answered * 9000,
                ended=answered,
                talk_ms=answered * 170_000,
                wrap_up_ms=answered * 30_000,
                outbound_dialled=40 if self.details and place == 4 else 0,
                outbound_reached=26 if self.details and place == 4 else 0,
                outbound_unreached=11 if self.details and place == 4 else 0,
                outbound_talk_ms=26 * 95_000 if self.details and place == 4 else 0,
                messages=318 if self.details and place == 4 else 0,
            )
            line = [
                (Millis(minute - 60_000 * back), 3 - (back % 7 == place), 3 + (back % 3 == 0))
                for back in range(30, 0, -1)
            ]
            rows.append(
                QueueNumbers(
                    at=now,
                    site=self.site,
                    queue=QueueName(queue),
                    target_ms=20_000,
                    certain=certain,
                    waiting=(place * 3) % 7,
                    longest_wait_ms=(place * 13_000) % 90_000,
                    talking=states.get("on_contact", 0),
                    agents=states,
                    today=window,
                    windows={5: window, 15: window, 30: window, 60: window},
                    line=line,
                    outbound=3 if self.details and place == 4 else 0,
                    tiers=TIERS if self.details and place == 4 else {},
                )
            )
        return rows
