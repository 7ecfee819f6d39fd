"""Floors with as many queues as a test wants, and provinces with cities. Their numbers are worked out, not drawn.

`QueueFloor` stands before a `SyntheticFloor` (its agents, its doubts) and tells queues of its own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from streams.floor.certainty import Doubt
from streams.floor.numbers import WINDOW_MINUTES, Counters, QueueNumbers
from streams.floor.records import AgentRecord, Gap, Visit, VisitKey
from streams.vocabulary.ids import AgentId, Millis, QueueName, SiteId
from tests.browser.serve import Branch, Wall
from tests.browser.synthetic import SyntheticFloor

SERVICES = (
    "客服热线",
    "宽带报障",
    "账单查询",
    "投诉专席",
    "VIP 专线",
    "携号转网",
    "国际漫游",
    "政企服务",
    "套餐办理",
    "积分商城",
)
PROVINCES = (
    *(
        "北京",
        "天津",
        "河北",
        "山西",
        "内蒙古",
        "辽宁",
        "吉林",
        "黑龙江",
        "上海",
        "江苏",
        "浙江",
        "安徽",
        "福建",
        "江西",
        "山东",
    ),
    *(
        "河南",
        "湖北",
        "湖南",
        "广东",
        "广西",
        "海南",
        "重庆",
        "四川",
        "贵州",
        "云南",
        "西藏",
        "陕西",
        "甘肃",
        "青海",
        "宁夏",
        "新疆",
    ),
)


def names(count: int) -> tuple[QueueName, ...]:
    """客服热线, 宽带报障 …, then 客服热线 2区 …"""
    rounds = [(place // len(SERVICES), SERVICES[place % len(SERVICES)]) for place in range(count)]
    return tuple(QueueName(name if turn == 0 else f"{name} {turn + 1}区") for turn, name in rounds)


@dataclass
class QueueFloor:
    """Mutable; owned by its wall. `lost`: queues whose source is silent; `busy`: extra contacts waiting, by queue."""

    people: SyntheticFloor
    queues: tuple[QueueName, ...]
    lost: set[QueueName] = field(default_factory=set)
    busy: dict[QueueName, int] = field(default_factory=dict)
    targets: dict[QueueName, int] = field(default_factory=dict)

    @property
    def site(self) -> SiteId:
        return self.people.site

    @property
    def agents(self) -> Mapping[AgentId, AgentRecord]:
        return self.people.agents

    @property
    def visits(self) -> Mapping[VisitKey, Visit]:
        return self.people.visits

    @property
    def gaps(self) -> Sequence[Gap]:
        return self.people.gaps

    def doubt(self, agent: AgentRecord, now: Millis) -> Doubt:
        return self.people.doubt(agent, now)

    def step(self, now: Millis, count: int) -> list[AgentId]:
        return self.people.step(now, count)

    def numbers(self, now: Millis) -> list[QueueNumbers]:
        return [self._numbers(place, queue, now) for place, queue in enumerate(self.queues)]

    def _numbers(self, place: int, queue: QueueName, now: Millis) -> QueueNumbers:
        """Levels from 97 % down in steps of three, so that each standing is there."""
        minute = now - now % 60_000
        answered = 60 + 11 * (place % 9)
        met = round(answered * (0.99 - 0.03 * (place * 5 % 11)))
        counters = Counters(
            offered=answered + 5,
            answered=answered,
            answered_in_target=met,
            abandoned=place % 4,
            wait_ms=answered * (4_000 + 900 * (place % 13)),
            ended=answered,
            talk_ms=answered * 180_000,
        )
        waiting = self.busy.get(queue, (place * 3) % 5)
        line = [(Millis(minute - 60_000 * back), 3 - (back * 7 + place) % 5 // 3, 3) for back in range(30, 0, -1)]
        return QueueNumbers(
            at=now,
            site=self.site,
            queue=queue,
            target_ms=self.targets.get(queue, 20_000),
            certain=queue not in self.lost,
            waiting=waiting,
            longest_wait_ms=waiting * 7_000,
            talking=8 + place % 6,
            agents={
                "ready": place % 4,
                "on_contact": 8 + place % 6,
                "on_hold": 1,
                "wrap_up": place % 3,
                "not_ready": 2,
            },
            today=counters,
            windows=dict.fromkeys(WINDOW_MINUTES, counters),
            line=line,
        )


def with_queues(wall: Wall, count: int) -> QueueFloor:
    """The wall's floor, with `count` queues; before it runs."""
    floor = QueueFloor(wall.floor, names(count))
    wall.hub._floor = floor  # the wall is built with a floor of six queues; who wants others puts them in its place
    return floor


def country(*, cities: int = 10, agents: int = 12) -> list[Branch]:
    """31 provinces, each above its cities; one city is silent."""
    below: list[Branch] = []
    for number, province in enumerate(PROVINCES):
        site = f"p{number:02d}"
        below.append(Branch(site, f"{province}省中心", agents=agents))
        below += [
            Branch(
                f"{site}-{city}",
                f"{province}{city + 1}市",
                agents=0 if number == city == 2 else agents,
                parent=site,
                silent=number == city == 2,
            )
            for city in range(cities)
        ]
    return below
