"""A scoped viewer's picture is the whole picture restricted, whatever happened; nothing of anybody else reaches it."""

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.api.board import AlertBoard
from monitor.attention_desk import AttentionDesk
from monitor.config_wall import QueueGroup, Scope
from monitor.hub_extras import Extras
from seat_map.columns import SeatFlag
from seat_map.generate import generate
from seat_map.palette import SeatCode
from streams.floor.records import Membership
from streams.vocabulary.ids import AgentId, Millis, QueueName
from streams.vocabulary.states import AgentState
from tests.browser.synthetic import QUEUES, SyntheticFloor
from tests.wall_room import Browser, hub_over, watching

NOW = Millis(1_800_000_000_000)
PLAN = generate(90)
BY_TEAM = Scope(name="team", label_zh="", label_en="", teams=(PLAN.teams[0].code,))
BY_QUEUE = Scope(name="queue", label_zh="", label_en="", queues=(QueueName(QUEUES[0]), QueueName(QUEUES[3])))
BOTH = Scope(name="both", label_zh="", label_en="", teams=(PLAN.teams[1].code,), queues=(QueueName(QUEUES[2]),))
GROUPS = (
    QueueGroup(name="seen", label_zh="", label_en="", queues=BY_QUEUE.queues),
    QueueGroup(name="partly", label_zh="", label_en="", queues=(QueueName(QUEUES[0]), QueueName(QUEUES[1]))),
)

agents = st.integers(0, 89).map(lambda number: AgentId(f"agent-{number:03}-x"))
states = st.sampled_from([AgentState.READY, AgentState.ON_CONTACT, AgentState.WRAP_UP, AgentState.NOT_READY])
steps = st.lists(
    st.one_of(
        st.tuples(st.just("state"), agents, states),
        st.tuples(st.just("queues"), agents, st.lists(st.sampled_from(QUEUES), max_size=3, unique=True)),
        st.tuples(st.just("name"), agents, st.just("改名")),
        st.tuples(st.just("come"), st.integers(90, 110).map(lambda n: AgentId(f"agent-{n:03}-x")), st.none()),
        st.tuples(st.just("gone"), agents, st.none()),
        st.tuples(st.just("slow"), st.integers(0, 3), st.none()),
        st.tuples(st.just("tick"), st.sampled_from([50, 1000, 61_000]), st.none()),
    ),
    max_size=25,
)


class Room:
    """A hub with one viewer of everything and one of each scope. Mutable."""

    def __init__(self) -> None:
        self.floor = SyntheticFloor(agents=0, now=NOW)
        for number in range(60):
            self.come(AgentId(f"agent-{number:03}-x"))
        extras = Extras(groups=GROUPS, attention=AttentionDesk)
        self.hub = hub_over(self.floor, PLAN, AlertBoard(), extras)
        self.now = NOW
        self.scopes = (BY_TEAM, BY_QUEUE, BOTH)
        self.ever: dict[str, set[str]] = {scope.name: set() for scope in self.scopes}
        """Whom each scope has seen in this story"""
        self.all = watching(self.hub)
        self.seen = [watching(self.hub, scope) for scope in self.scopes]
        self.tick(50)

    def come(self, agent: AgentId) -> None:
        if agent not in self.floor.agents:
            self.floor._add(agent, NOW)
            self.floor.agents[agent].name = f"名字-{agent}"

    def tick(self, ms: int) -> None:
        self.now = Millis(self.now + ms)
        self.hub.tick(self.now)
        for scope in self.scopes:
            self.ever[scope.name] |= {person.id for person in self.hub.sight(scope).people.values()}

    def do(self, kind: str, what: object, how: object) -> None:
        known = self.floor.agents
        match kind, what:
            case "tick", int(ms):
                self.tick(ms)
            case "slow", int(which):
                line = [self.all, *self.seen][which].line
                line.full = not line.full
            case "come", str(agent):
                self.come(AgentId(agent))
                self.hub.changed(AgentId(agent))
            case _, str(agent) if agent in known:
                self.change(kind, AgentId(agent), how)
                self.hub.changed(AgentId(agent))

    def change(self, kind: str, agent: AgentId, how: object) -> None:
        record = self.floor.agents[agent]
        if kind == "gone":
            del self.floor.agents[agent]
        elif kind == "state" and record.memberships:
            self.floor.put(agent, AgentState(str(how)), self.now)
        elif kind == "name":
            record.name = f"改名-{agent}"
        elif kind == "queues" and isinstance(how, list):
            names = [QueueName(name) for name in how]
            record.memberships = {name: Membership(queue=name, joined_at=self.now) for name in names}


@settings(max_examples=30, deadline=None)
@given(steps)
def test_a_scoped_viewer_sees_the_whole_picture_restricted(story: list[tuple[str, object, object]]) -> None:
    room = Room()
    for step in story:
        room.do(*step)
    for browser in (room.all, *room.seen):
        browser.line.full = False
    room.tick(1000)
    room.tick(1000)
    room.all.read()
    for scope, browser in zip(room.scopes, room.seen, strict=True):
        browser.read()
        same_restricted(room, scope, browser)
        nobody_else(room, scope, browser)


def same_restricted(room: Room, scope: Scope, browser: Browser) -> None:
    mask = room.hub.sight(scope).mask
    assert mask is not None
    whole, mine = room.all.view.columns, browser.view.columns
    for name in ("code", "flags", "reason"):
        assert (getattr(mine, name)[mask] == getattr(whole, name)[mask]).all(), name
    taken = mask & (whole.code != SeatCode.VACANT)  # a vacant desk is so since no moment
    assert (mine.since[taken] == whole.since[taken]).all()
    assert (mine.code[~mask] == SeatCode.VACANT).all()
    assert (mine.flags[~mask] == SeatFlag.OUTSIDE).all()
    assert not mine.reason[~mask].any()
    queues = room.hub.sight(scope).queues
    rows = {row["queue"]: row for row in room.all.said["numbers"]["queues"]}
    assert browser.said["numbers"]["queues"] == [row for name, row in rows.items() if name in queues]
    assert browser.tiers == {row: tier for row, tier in room.all.tiers.items() if mask[row]}


def nobody_else(room: Room, scope: Scope, browser: Browser) -> None:
    """Of those whom the scope has never seen in this story, neither id nor name (names hold the id here)."""
    told = set(re.findall(r"agent-\d{3}-x", browser.everything.decode(errors="replace")))
    assert told <= room.ever[scope.name]
