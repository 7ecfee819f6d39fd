"""Several sites: what a site above others adds up, which one a request means, the switcher's ways."""

import asyncio
import json
from dataclasses import replace

import pytest
from aiohttp.test_utils import make_mocked_request

from monitor.api import past
from monitor.api.parts import SITES, Parts, parts_of
from monitor.api.past_door import PastAnswer, PastQuestion
from monitor.api.sites import BOARD, SiteBoard
from monitor.app import create_app
from monitor.web.site_view import View, floor_address, site_choices, view_of
from streams.floor.records import Gap
from streams.vocabulary.ids import Millis, SiteId, SourceId
from tests.browser.serve import Branch, Wall, alert, now


def built() -> tuple[Wall, dict[str, Branch]]:
    below = [
        Branch("gz", "广州中心", agents=8),
        Branch("sz", "深圳中心", agents=6),
        Branch("sz-1", "南山职场", agents=4, parent="sz"),
        Branch("zh", "珠海中心", agents=0, silent=True),
    ]
    wall = Wall(agents=10, below=below)
    for hub in (wall.hub, *(branch.hub for branch in below)):
        hub.tick(now())
    return wall, {str(branch.floor.site): branch for branch in below}


def sites_of(wall: Wall) -> dict[SiteId, Parts]:
    first = wall.parts()
    return {one.id: one for one in (first, *(branch.parts(first) for branch in wall.below))}


def rows(board: SiteBoard, site: str | None = None, at: Millis | None = None) -> dict[str, dict]:
    told = json.loads(board.answer(SiteId(site) if site else None, at or now()))
    return {row["site"]: row for row in told["sites"]}


def people(numbers: dict) -> int:
    return sum(numbers["seats"].values())


def test_a_row_holds_everybody_below_it() -> None:
    """Ten of its own, eight, six and four below."""
    wall, _ = built()
    told = rows(SiteBoard(sites_of(wall)))
    assert [people(told[site]["total"]) for site in ("上海中心", "gz", "sz", "sz-1", "zh")] == [28, 8, 10, 4, 0]
    assert (people(told["上海中心"]["own"]), told["sz"]["below"], told["sz-1"]["parent"]) == (10, ["sz-1"], "sz")


def test_a_level_adds_parts_and_wholes() -> None:
    wall, _ = built()
    told = rows(SiteBoard(sites_of(wall)))
    part, whole = told["sz-1"]["own"]["level"]
    assert (told["sz"]["total"]["level"], told["sz"]["total"]["formulas"]) == (
        [2 * part, 2 * whole],
        ["answered_abandoned"],
    )


def test_a_site_that_told_nothing_is_missing_by_name_and_never_zero() -> None:
    """And whoever stands above it is not certain; its sisters are."""
    wall, _ = built()
    told = rows(SiteBoard(sites_of(wall)))
    assert told["上海中心"]["total"]["missing"] == ["珠海中心"]
    assert [told[site]["total"]["certain"] for site in ("上海中心", "sz")] == [False, True]


def test_blind_sources_and_alerts_are_counted_upwards() -> None:
    wall, below = built()
    gaps = below["sz-1"].floor.gaps
    gaps.append(Gap(source=SourceId("fs-2"), began=Millis(now() - 1000), ended=None, reason="disconnected"))
    below["sz-1"].alerts.update(alert(now()))
    total = rows(SiteBoard(sites_of(wall)))["sz"]["total"]
    assert (total["blind"], total["alerts"], total["certain"]) == (["fs-2"], 1, False)


def test_a_country_equals_the_sum_over_its_cities() -> None:
    """Added from below, yet the same as all at once; the way down is told from the top."""
    wall, _ = built()
    board = SiteBoard(sites_of(wall))
    told = rows(board)
    fed = [told[site]["own"] for site in ("上海中心", "gz", "sz", "sz-1")]
    total = told["上海中心"]["total"]
    assert total["waiting"] == sum(one["waiting"] for one in fed)
    assert total["level"] == [sum(one["level"][place] for one in fed) for place in (0, 1)]
    assert total["longest_wait_ms"] == max(one["longest_wait_ms"] for one in fed)
    offered = {row["queue"]: row["offered"] for row in total["queues"]}
    assert offered == {row["queue"]: 4 * row["offered"] for row in fed[0]["queues"]}
    above = json.loads(board.answer(SiteId("sz-1"), now()))["above"]
    assert [one["site"] for one in above] == ["上海中心", "sz"]


def test_a_site_says_how_it_stands_and_one_with_a_missing_part_is_uncertain() -> None:
    wall, _ = built()
    told = rows(SiteBoard(sites_of(wall)))
    assert (told["gz"]["total"]["standing"], told["gz"]["total"]["goal_percent"]) == ("missed", 80.0)
    assert told["上海中心"]["total"]["standing"] == "uncertain"


def test_numbers_that_grew_old_are_missing() -> None:
    """A hub that counts no more is not a calm one."""
    wall, _ = built()
    told = rows(SiteBoard(sites_of(wall)), at=Millis(now() + 20_000))
    assert told["sz"]["total"]["missing"] == ["深圳中心", "南山职场"]
    assert told["sz"]["total"]["queues"] == []


def test_an_answer_is_kept_for_a_second() -> None:
    """However many ask."""
    wall, below = built()
    board, at = SiteBoard(sites_of(wall)), now()
    first = board.answer(SiteId("sz"), at)
    below["sz"].alerts.update(alert(at))
    assert board.answer(SiteId("sz"), Millis(at + 999)) == first
    assert board.answer(SiteId("sz"), Millis(at + 1000)) != first


def test_one_site_is_answered_with_those_directly_below_it() -> None:
    wall, _ = built()
    board = SiteBoard(sites_of(wall))
    assert list(rows(board, "上海中心")) == ["上海中心", "gz", "sz", "zh"]
    assert list(rows(board, "sz")) == ["sz", "sz-1"]


@pytest.mark.parametrize(
    ("path", "site", "view"),
    [
        ("/floor", "上海中心", View.BRANCHES),
        ("/floor?view=own", "上海中心", View.OWN),
        ("/floor?site=sz", "sz", View.BRANCHES),
        ("/floor?site=gz", "gz", View.OWN),
        ("/floor?site=sz&at=-60", "sz", View.OWN),
    ],
)
def test_what_an_address_shows(path: str, site: str, view: View) -> None:
    """A site above others shows all of them; the past is always one floor's."""
    wall, _ = built()
    request = make_mocked_request("GET", path, app=wall.app())
    assert (parts_of(request).id, view_of(request)) == (site, view)


def test_the_switcher_leads_to_every_floor_and_marks_the_one_shown() -> None:
    wall, _ = built()
    request = make_mocked_request("GET", "/floor?site=sz&view=own", app=wall.app())
    choices = site_choices(request, parts_of(request))
    assert [(one.href, one.depth) for one in choices] == [
        ("/floor", 0),
        ("/floor?view=own", 0),
        ("/floor?site=gz", 1),
        ("/floor?site=sz", 1),
        ("/floor?site=sz&view=own", 1),
        ("/floor?site=sz-1", 2),
        ("/floor?site=zh", 1),
    ]
    assert [one.href for one in choices if one.chosen] == ["/floor?site=sz&view=own"]


def test_the_switcher_takes_a_moment_of_the_past_along() -> None:
    """Where a floor of its own is."""
    wall, _ = built()
    request = make_mocked_request("GET", "/floor?site=gz&at=2026-11-21T10:00:00", app=wall.app())
    hrefs = [one.href for one in site_choices(request, parts_of(request))]
    assert hrefs[:2] == ["/floor?at=2026-11-21T10:00:00", "/floor?site=gz&at=2026-11-21T10:00:00"]


def test_one_site_has_no_switcher() -> None:
    wall = Wall(agents=4)
    request = make_mocked_request("GET", "/floor", app=wall.app())
    assert site_choices(request, parts_of(request)) == []
    assert floor_address(request.app[BOARD], request.app[SITES][SiteId("上海中心")].id, View.OWN) == "/floor"


def test_create_app_knows_every_site() -> None:
    wall, _ = built()
    first = wall.parts()
    app = create_app(first, [branch.parts(first) for branch in wall.below])
    assert list(app[SITES]) == ["上海中心", "gz", "sz", "sz-1", "zh"]


class Door:
    """A history process that writes down what it is asked."""

    def __init__(self) -> None:
        self.asked: list[PastQuestion] = []

    async def ask(self, question: PastQuestion) -> PastAnswer:
        self.asked.append(question)
        return PastAnswer(status=200, media="application/json", encoding="", body=b"{}")


def test_the_past_is_asked_of_the_site_s_own_floor_and_seating() -> None:
    """Two sites of equal size must not be taken for one seating."""
    wall, _ = built()
    door = Door()
    first = replace(wall.parts(), past=door)
    app = create_app(first, [branch.parts(first) for branch in wall.below])
    for query in ("site=gz&", ""):
        asyncio.run(past.frame(make_mocked_request("GET", f"/api/v1/past/frame?{query}at=-60", app=app)))
    assert [question.site for question in door.asked] == ["gz", "上海中心"]
    assert "gz" in door.asked[0].seating
    assert "gz" not in door.asked[1].seating
