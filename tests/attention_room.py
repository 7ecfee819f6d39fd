"""A small floor that may need attention. In: agents, queues. Out: a scene, tiles; for unit and property tests."""

from collections.abc import Mapping, Sequence

import numpy as np

from dashboards.columns import Goal, Tile, tile
from monitor.attention_items import Scene
from seat_map.columns import Reasons, SeatColumns, label_of
from seat_map.picture import person_of
from streams.floor.certainty import Doubt
from streams.floor.numbers import Counters, QueueNumbers
from streams.floor.records import AgentRecord, Membership
from streams.vocabulary.ids import AgentId, Millis, QueueName, SiteId, SourceId
from streams.vocabulary.states import AgentState

NOW = Millis(1_795_291_649_000)
QUEUE = QueueName("账单")


def agent(
    number: int, state: AgentState, for_ms: int, *, reason: str = "", queues: Sequence[str] = (QUEUE,)
) -> AgentRecord:
    """Who has been in `state` for so long at `NOW`."""
    record = AgentRecord(id=AgentId(str(8000 + number)), source=SourceId("pbx"), name=f"agent {number}")
    record.state, record.reason, record.since = state, reason, Millis(NOW - for_ms)
    record.memberships = {QueueName(name): Membership(queue=QueueName(name), joined_at=Millis(0)) for name in queues}
    record.queue = QueueName(queues[0])
    return record


def scene(
    agents: Sequence[AgentRecord], *, doubts: Mapping[AgentId, Doubt] | None = None, teams: Sequence[int] = ()
) -> Scene:
    """Agent k sits in row k; `teams`: by row, "A", "B", …"""
    columns, reasons = SeatColumns(len(agents)), Reasons()
    for row, record in enumerate(agents):
        label = label_of(record, (doubts or {}).get(record.id, Doubt.NONE))
        columns.put(row, label, reasons.number(label.reason))
    return Scene(
        columns=columns,
        reasons=reasons.texts,
        people={row: person_of(record) for row, record in enumerate(agents)},
        team_of=np.array(teams, np.int32),
        teams=[chr(65 + number) for number in range(max(teams, default=-1) + 1)],
    )


def queue(name: str = QUEUE, *, goal: Goal | None = None, window: Counters | None = None, **more: object) -> Tile:
    values: dict[str, object] = {
        "at": NOW,
        "site": SiteId("hz"),
        "queue": QueueName(name),
        "target_ms": 20_000,
        "certain": True,
        "waiting": 0,
        "longest_wait_ms": 0,
        "talking": 0,
        "agents": {"ready": 1, "on_contact": 3},
        "today": Counters(),
        "windows": {30: window or Counters()},
        "line": [],
    }
    return tile(QueueNumbers(**(values | more)), goal or Goal())  # type: ignore[arg-type]
