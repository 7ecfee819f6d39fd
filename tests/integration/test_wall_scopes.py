"""Row scopes over real sockets and HTTP: what is outside is not there, and no byte of it is sent."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest
import yarl
from aiohttp import web

from asr.peaks import peaks_of_file
from dashboards.columns import Goals
from monitor.api.board import AlertBoard
from monitor.api.parts import Parts, QueueLabel
from monitor.app import create_app
from monitor.attention_desk import AttentionDesk
from monitor.config_wall import PageKind, QueueGroup, Scope, WallPage
from monitor.hub import Hub
from monitor.hub_extras import Extras
from monitor.plan_desk import FirstPlan, PlanDesk
from monitor.plan_store import Origin, PlanStore
from seat_map.columns import SeatColumns, SeatFlag
from seat_map.frames import View, decode
from seat_map.generate import generate
from seat_map.plan_draft import Parsed
from streams.vocabulary.ids import AgentId, Millis, QueueName
from streams.vocabulary.states import AgentState
from tests.browser.canned import CannedHistory
from tests.browser.serve import alert
from tests.browser.synthetic import QUEUES, SyntheticFloor

pytestmark = [pytest.mark.servers, pytest.mark.timeout(180)]
PLAN = generate(80)
TEAM = PLAN.teams[0].code
INSIDE, OUTSIDE = AgentId("8001"), AgentId("8075")
SCOPES = {
    "a": Scope(name="a", label_zh="A 组", label_en="Team A", teams=(TEAM,), queues=(QueueName(QUEUES[0]),)),
    "vip": Scope(name="vip", label_zh="VIP", label_en="VIP", queues=(QueueName(QUEUES[4]),)),
}

GROUP = QueueGroup(name="both", label_zh="两个", label_en="Both", queues=(QueueName(QUEUES[0]), QueueName(QUEUES[3])))


def now() -> Millis:
    return Millis(time.time_ns() // 1_000_000)


class Room:
    def __init__(self) -> None:
        self.floor = SyntheticFloor(agents=80, now=now())
        for record in self.floor.agents.values():
            record.name = f"员工{record.id}"
        self.board = AlertBoard()
        extras = Extras(attention=AttentionDesk)
        self.hub = Hub(
            floor=self.floor, plan=PLAN, goals=Goals(), alerts=self.board, clock=now, extras=extras
        )  # fmt: skip
        self.url = ""

    def parts(self) -> Parts:
        return Parts(
            floor=self.floor, hub=self.hub, history=CannedHistory(now()), alerts=self.board, recordings=Path("."),
            site="hz", clock=now, status=dict, peaks=peaks_of_file, scopes=SCOPES,
            labels={QueueName(queue): QueueLabel(zh=f"{queue}专线", en=queue) for queue in QUEUES}, groups=(GROUP,),
            wall_pages=(WallPage(kind=PageKind.QUEUES, queues=GROUP.queues), WallPage(kind=PageKind.MAP)),
            plans=PlanDesk(PlanStore(Path("nowhere")), FirstPlan(parsed=Parsed(PLAN, ()), origin=Origin.GENERATED)),
        )  # fmt: skip

    def put(self, agent: AgentId, state: AgentState) -> None:
        self.floor.put(agent, state, now())
        self.hub.changed(agent)


@asynccontextmanager
async def served() -> AsyncIterator[tuple[Room, aiohttp.ClientSession]]:
    room = Room()
    runner = web.AppRunner(create_app(room.parts()), access_log=None, shutdown_timeout=0.2, auto_decompress=False)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    room.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    ticking = asyncio.create_task(room.hub.run())
    try:
        async with aiohttp.ClientSession() as client:
            yield room, client
    finally:
        ticking.cancel()
        await asyncio.gather(ticking, return_exceptions=True)
        await runner.cleanup()


async def heard(line: aiohttp.ClientWebSocketResponse, seconds: float, view: View) -> bytes:
    """All that comes in this time."""
    sent = b""
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        try:
            message = await line.receive(timeout=left)
        except TimeoutError:
            break
        if message.type is aiohttp.WSMsgType.BINARY:
            sent += message.data
            view.apply(decode(message.data))
        else:
            sent += message.data.encode()
    return sent


def outsiders(room: Room) -> list[str]:
    inside = room.hub.sight(SCOPES["a"])
    return [agent for agent in room.floor.agents if not inside.sees(agent)]


def test_no_byte_of_an_agent_outside_reaches_a_scoped_socket() -> None:
    async def run() -> None:
        async with served() as (room, client), client.ws_connect(f"{room.url}/ws/floor?scope=a") as line:
            view = View(SeatColumns(0))
            sent = await heard(line, 0.5, view)
            room.board.update(alert(now(), queue=QUEUES[3]))
            room.floor.agents[OUTSIDE].name = "员工改名"
            for agent in (INSIDE, OUTSIDE):
                room.put(agent, AgentState.ON_HOLD)
            sent += await heard(line, 2.2, view)
            text = sent.decode(errors="replace")
            assert not [agent for agent in outsiders(room) if f"员工{agent}" in text or f'"{agent}"' in text]
            assert "员工改名" not in text
            assert QUEUES[3] not in text
            row = room.hub.picture.seating.places[OUTSIDE].index
            assert view.columns.flags[row] == SeatFlag.OUTSIDE
            assert view.columns.code[room.hub.picture.seating.places[INSIDE].index] == 4

    asyncio.run(run())


def test_what_is_outside_the_scope_is_not_there() -> None:
    async def run() -> None:
        async with served() as (room, client):
            await asyncio.sleep(0.2)

            async def status(path: str) -> int:
                async with client.get(room.url + path) as answer:
                    return answer.status

            assert await status(f"/api/v1/agents/{INSIDE}?scope=a") == 200
            assert await status(f"/api/v1/agents/{OUTSIDE}?scope=a") == 404
            assert await status(f"/api/v1/agents/{OUTSIDE}/day?scope=a") == 404
            assert await status(f"/agents/{OUTSIDE}?scope=a") == 404
            assert await status(f"/api/v1/queues/{QUEUES[0]}?scope=a") == 200
            assert await status(f"/api/v1/queues/{QUEUES[1]}?scope=a") == 404
            assert await status("/api/v1/past/frame?at=-60&scope=a") == 403
            assert await status(f"/api/v1/agents/{OUTSIDE}") == 200

    asyncio.run(run())


@pytest.mark.parametrize("path", ["/api/v1/floor", "/api/v1/floor/people", "/api/v1/queues", "/api/v1/alerts"])
def test_lists_hold_only_what_the_scope_sees(path: str) -> None:
    async def run() -> None:
        async with served() as (room, client):
            await asyncio.sleep(0.2)
            room.board.update(alert(now(), queue=QUEUES[3]))
            async with client.get(f"{room.url}{path}?scope=a") as answer:
                text = await answer.text()
            assert not [agent for agent in outsiders(room) if f"员工{agent}" in text]
            assert QUEUES[3] not in text or path in ("/api/v1/floor", "/api/v1/floor/people")
            async with client.get(f"{room.url}{path}") as answer:
                assert len(await answer.text()) > len(text)

    asyncio.run(run())


def test_an_unknown_scope_names_those_there_are() -> None:
    async def run() -> None:
        async with served() as (room, client):
            async with client.get(f"{room.url}/api/v1/floor?scope=b") as answer:
                assert answer.status == 404
                assert (await answer.json())["reason"] == "there is no such scope; there are a, vip"
            with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
                await client.ws_connect(f"{room.url}/ws/floor?scope=b")
            assert refused.value.status == 404

    asyncio.run(run())


def test_people_carry_team_and_skills() -> None:
    async def run() -> None:
        async with served() as (room, client):
            room.floor.agents[INSIDE].skills = {"English": 3, "粤语": 9}
            await asyncio.sleep(0.2)
            async with client.get(f"{room.url}/api/v1/floor/people") as answer:
                people = (await answer.json())["people"]
            person = next(one for one in people.values() if one["id"] == INSIDE)
            assert person["team"] == TEAM
            assert list(person["skills"].items()) == [("粤语", 9), ("English", 3)]

    asyncio.run(run())


def test_viewers_of_one_scope_are_sent_the_same_bytes() -> None:
    """Encoded once: what the second viewer costs is a write."""

    async def run() -> None:
        async with (
            served() as (room, client),
            client.ws_connect(f"{room.url}/ws/floor?scope=vip") as one,
            client.ws_connect(f"{room.url}/ws/floor?scope=vip") as two,
        ):
            await asyncio.gather(heard(one, 0.3, View(SeatColumns(0))), heard(two, 0.3, View(SeatColumns(0))))
            assert sorted(len(audience.viewers) for audience in room.hub._audiences.values()) == [0, 2]

    asyncio.run(run())


def test_plans_pages_and_acknowledgements_stop_at_the_scope() -> None:
    """A plan names everybody's desk."""

    async def run() -> None:
        async with served() as (room, client):
            await asyncio.sleep(0.2)
            firing = alert(now(), queue=QUEUES[3])
            room.board.update(firing)

            async def asked(method: str, path: str) -> int:
                ours = {"X-Floorwatch": "1"}
                async with client.request(method, room.url + path, headers=ours, json={}) as answer:
                    return answer.status

            for method, path in (
                ("GET", "/api/v1/plan"),
                ("POST", "/api/v1/plan"),
                ("POST", "/api/v1/plan/check"),
                ("GET", "/api/v1/plan/export.csv"),
                ("GET", "/api/v1/plan/versions/0"),
                ("PUT", f"/api/v1/plan/seats/{PLAN.seats[0].id}/agent"),
                ("GET", "/plan"),
                ("GET", "/api/v1/sites"),
            ):
                assert await asked(method, f"{path}?scope=a") == 403, path
            acknowledge = f"/api/v1/alerts/{firing.alert}/acknowledge"
            assert await asked("POST", f"{acknowledge}?scope=a") == 404
            assert await asked("POST", acknowledge) == 200

    asyncio.run(run())


def test_a_sum_counts_nobody_of_a_queue_that_is_outside() -> None:
    async def run() -> None:
        async with served() as (room, client):
            await asyncio.sleep(0.2)
            async with client.get(f"{room.url}/api/v1/sums?queue={QUEUES[3]}&scope=a") as answer:
                row = await answer.json()
            assert row["missing"] == [QUEUES[3]]
            assert row["agents"] == {}
            async with client.get(f"{room.url}/api/v1/sums?queue={QUEUES[3]}") as answer:
                assert (await answer.json())["agents"]

    asyncio.run(run())


@pytest.mark.parametrize("path", ["/api/v1/floor/map", "/wall", "/floor", "/api/v1/wallboard"])
def test_pages_and_the_drawing_name_no_queue_that_is_outside(path: str) -> None:
    async def run() -> None:
        async with served() as (room, client):
            await asyncio.sleep(0.2)
            async with client.get(f"{room.url}{path}?scope=a") as answer:
                assert answer.status == 200
                text = await answer.text()
            assert QUEUES[3] not in text

    asyncio.run(run())


@pytest.mark.parametrize("name", ["a%00", "%F0%9F%98%80", "%2e%2e%2fa", "A", "a%20", "%ff", "x" * 5_000, "__class__"])
def test_a_name_that_is_no_scope_shows_nothing(name: str) -> None:
    async def run() -> None:
        async with served() as (room, client):
            url = yarl.URL(f"{room.url}/api/v1/floor?scope={name}", encoded=True)
            async with client.get(url) as answer:
                assert answer.status == 404
                assert "agents" not in await answer.text()

    asyncio.run(run())
