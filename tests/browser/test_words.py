"""The browser puts the wall's words together again: what it has is what the hub knows."""

import json
from typing import Any

import pytest
from playwright.sync_api import Page

from dashboards.columns import Goals, tile
from monitor.api.wall_news import ListNews
from monitor.api.wall_words import tile_row
from monitor.config_wall import Scope
from seat_map.columns import SeatFlag
from seat_map.palette import SeatCode
from streams.vocabulary.ids import AgentId, QueueName
from streams.vocabulary.states import AgentState
from tests.browser.serve import Wall
from tests.browser.synthetic import QUEUES
from tests.browser.walls import open_floor, until

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]
CLOCK = ("at", "since", "longest_wait_ms")
"""What the time alone changes between two looks"""


def known_to_the_hub(wall: Wall) -> list[dict[str, Any]]:
    rows = wall.call(lambda: json.dumps([tile_row(tile(one, Goals().default)) for one in wall.hub.numbers]))
    return still(json.loads(rows))


def still(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{key: value for key, value in row.items() if key not in CLOCK} for row in rows]


def test_changes_make_the_numbers_whole(page: Page, wall: Wall) -> None:
    """Only what changed travels each second; an outbound contact that ends takes its field along."""
    open_floor(page, wall.url)
    for details in (True, False):
        wall.floor.details = details
        for agent in ("8003", "8009", "8020"):
            wall.put(agent, AgentState.ON_HOLD if details else AgentState.READY)
        assert until(
            lambda: still(page.evaluate("floorwatch.wall.numbers.queues")) == known_to_the_hub(wall), seconds=5
        ), (still(page.evaluate("floorwatch.wall.numbers.queues")), known_to_the_hub(wall))


def test_who_changes_is_told_without_fetching_everybody(page: Page, wall: Wall) -> None:
    open_floor(page, wall.url)
    asked: list[str] = []
    page.wait_for_timeout(500)
    page.on("request", lambda request: asked.append(request.url))

    def renamed() -> None:
        wall.floor.agents[AgentId("8007")].name = "新名字"
        wall.hub.changed(AgentId("8007"))

    wall.call(renamed)
    row = wall.call(lambda: wall.hub.picture.seating.places[AgentId("8007")].index)
    assert until(lambda: page.evaluate("(row) => floorwatch.people.name(row)", row) == "新名字", seconds=5)
    assert not [url for url in asked if "people" in url]


def test_a_scoped_page_draws_other_desks_without_anybody(page: Page, wall: Wall) -> None:
    scope = Scope(name="vip", label_zh="", label_en="", queues=(QueueName(QUEUES[4]),))
    wall.scopes["vip"] = scope
    open_floor(page, f"{wall.url}/floor?scope=vip")
    mask = wall.call(lambda: wall.hub.sight(scope).mask)
    assert mask is not None
    flags = page.evaluate("[...floorwatch.seats.flags]")
    codes = page.evaluate("[...floorwatch.seats.code]")
    people = page.evaluate(
        "Object.entries(floorwatch.people.rows).filter(([, one]) => one).map(([row]) => Number(row))"
    )
    assert {row for row, seen in enumerate(mask) if seen} == set(people)
    for row, seen in enumerate(mask):
        assert bool(flags[row] & SeatFlag.OUTSIDE) is not bool(seen)
        assert seen or codes[row] == SeatCode.VACANT
    assert [one["queue"] for one in page.evaluate("floorwatch.wall.numbers.queues")] == [QUEUES[4]]


def test_a_browser_makes_the_attention_list_whole_as_the_server_does(page: Page, wall: Wall) -> None:
    """New items, values that change, fields that come and go, another order."""
    open_floor(page, wall.url)
    lists: list[list[dict[str, Any]]] = [
        [{"key": "a", "values": {"waiting": 1, "busy": 2}}, {"key": "b", "also": [1]}],
        [{"key": "b", "also": [1, 2]}, {"key": "a", "values": {"waiting": 2}}],
        [{"key": "c"}, {"key": "a", "values": {"waiting": 2}, "also": [3]}, {"key": "b"}],
        [{"key": "a"}],
    ]
    news = ListNews()
    told = [json.loads(word) for one in lists if (word := news.take(one, 0))]
    made = page.evaluate(
        """async (told) => {
          const { Words } = await import('/static/web/words.js'), words = new Words();
          words.take({ t: 'attention', items: [], more: 0 });
          return told.map((word) => words.take(word)[0].items);
        }""",
        told,
    )
    assert made == lists
