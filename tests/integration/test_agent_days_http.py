"""An agent's day and what one may do, over a real socket."""

import pytest

from streams.vocabulary.states import AgentState
from tests.integration.test_api_http import Served, aiohttp, over_http

pytestmark = [pytest.mark.servers, pytest.mark.timeout(180)]


def test_the_day_joins_history_and_what_runs_now():
    """Stretches in order, none beyond the moment of the answer; the last one is open and is the floor's."""

    async def body(web_: Served, client: aiohttp.ClientSession) -> None:
        async with client.get("/api/v1/agents/8001/day") as answer:
            told = await answer.json()
        stretches = told["stretches"]
        assert [one["since"] for one in stretches] == sorted(one["since"] for one in stretches)
        assert (stretches[-1]["open"], stretches[-1]["until"]) == (True, told["now"])
        assert sum(one["duration_ms"] for one in told["parts"]) == sum(one["until"] - one["since"] for one in stretches)
        assert {one["look"] for one in told["parts"]} <= {str(state) for state in AgentState} | {"trouble"}

    over_http(body)


def test_a_day_that_cannot_be_read_says_how_to_write_one():
    async def body(_: Served, client: aiohttp.ClientSession) -> None:
        async with client.get("/api/v1/agents/8001/day?day=yesterday") as answer:
            told = await answer.json()
            assert (answer.status, told["reason"], "2026-11-21" in told["detail"]) == (400, "bad_day", True)

    over_http(body)


def test_history_that_is_away_is_a_503_with_its_reason():
    async def body(web_: Served, client: aiohttp.ClientSession) -> None:
        web_.history.unavailable = "the store is starting"
        async with client.get("/api/v1/agents/8001/day") as answer:
            assert (answer.status, await answer.json()) == (503, {"reason": "the store is starting"})

    over_http(body)


def test_nobody_may_act_while_the_control_side_is_off():
    async def body(_: Served, client: aiohttp.ClientSession) -> None:
        async with client.get("/api/v1/permissions") as answer:
            assert await answer.json() == {"actions": [], "reason": "control_off"}

    over_http(body)


def test_an_agent_s_row_has_the_numbers_of_the_day():
    async def body(_: Served, client: aiohttp.ClientSession) -> None:
        async with client.get("/api/v1/agents/8001") as answer:
            numbers = (await answer.json())["numbers"]
        assert set(numbers) == {
            "handled",
            "declined",
            "handling_ms",
            "ready_ms",
            "not_ready_ms",
            "aht_ms",
            "occupancy",
        }

    over_http(body)
