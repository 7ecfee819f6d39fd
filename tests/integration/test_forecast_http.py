"""A forecast and its what-if over HTTP: validated, within the viewer's scope, each site's own."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.error import HTTPError
from urllib.parse import quote
from urllib.request import urlopen

import pytest

from monitor.api.parts import Parts
from monitor.config_wall import Scope
from streams.vocabulary.ids import QueueName
from tests.browser.serve import Branch, Wall
from tests.browser.synthetic import QUEUES
from tests.browser.walls import until

pytestmark = [pytest.mark.servers, pytest.mark.timeout(180)]
A, B = QueueName(QUEUES[5]), QueueName(QUEUES[0])


class Scoped(Wall):
    def parts(self) -> Parts:
        mine = Scope(name="mine", label_zh="我的", label_en="Mine", queues=(A,))
        return replace(super().parts(), scopes={"mine": mine})


@pytest.fixture(scope="module")
def wall() -> Iterator[Wall]:
    """The first site has sixty agents, the branch thirty; nobody moves."""
    with Scoped(agents=60, rate=0, below=[Branch("gz", "广州中心", agents=30)]) as running:
        assert until(lambda: all(status(running, A, site)[0] == 200 for site in ("", "&site=gz")))
        yield running


def status(wall: Wall, queue: str, query: str = "") -> tuple[int, dict[str, Any]]:
    try:
        with urlopen(f"{wall.url}/api/v1/queues/{quote(queue)}/forecast?{query.lstrip('&')}") as answer:
            return answer.status, json.load(answer)
    except HTTPError as refused:
        return refused.code, json.load(refused)


def asked(wall: Wall, queue: str, query: str = "") -> dict[str, Any]:
    code, row = status(wall, queue, query)
    assert code == 200, row
    return row


@pytest.mark.parametrize("plus", ["agents=+3", "agents=%2B3", "agents=3"])
def test_a_plus_means_more_however_it_is_written(wall: Wall, plus: str) -> None:
    """A bare plus in a query is a blank by the time it arrives."""
    now = asked(wall, A)
    assert asked(wall, A, plus)["agents"] == pytest.approx(now["agents"] + 3, abs=0.01)


def test_arrivals_are_a_factor_on_what_is_expected(wall: Wall) -> None:
    """Without earlier days the trend is 1; a fifth more is asked for."""
    assert (asked(wall, A)["basis"]["trend"], asked(wall, A, "arrivals=1.2")["basis"]["trend"]) == (1.0, 1.2)


@pytest.mark.parametrize(
    ("query", "word"),
    [
        ("agents=2.5", "agents: a whole number"),
        ("agents=many", "agents: a whole number"),
        ("agents=", "agents: a whole number"),
        ("agents=5001", "agents: a whole number"),
        ("agents=%2B+3", "agents: a whole number"),
        ("arrivals=0", "arrivals: a factor"),
        ("arrivals=nan", "arrivals: a factor"),
        ("arrivals=1e9", "arrivals: a factor"),
        ("arrivals=-1", "arrivals: a factor"),
        (f"agents=1&from={quote(A)}", "from: another queue"),
        (f"agents=-1&from={quote(B)}", "agents: how many come"),
        (f"from={quote(B)}", "agents: how many come"),
    ],
)
def test_what_cannot_be_asked_is_refused_with_the_mend(wall: Wall, query: str, word: str) -> None:
    code, answer = status(wall, A, query)
    assert (code, word in answer["reason"]) == (400, True), answer


def test_every_fault_is_named_at_once(wall: Wall) -> None:
    code, answer = status(wall, A, "agents=x&arrivals=y")
    assert code == 400
    assert "agents:" in answer["reason"]
    assert "arrivals:" in answer["reason"]


def test_a_queue_nobody_knows_is_not_there(wall: Wall) -> None:
    code, answer = status(wall, "夜间热线", "agents=1")
    assert (code, "no such queue" in answer["reason"]) == (404, True)


def test_a_queue_outside_the_scope_is_as_unknown_as_one_that_is_not_there(wall: Wall) -> None:
    """Neither asked about nor as the one that gives agents away."""
    assert asked(wall, A, "scope=mine")["queue"] == A
    assert status(wall, B, "scope=mine")[0] == 404
    assert status(wall, A, f"scope=mine&agents=2&from={quote(B)}")[0] == 404


def test_moving_two_between_queues_answers_for_both(wall: Wall) -> None:
    row = asked(wall, A, f"agents=2&from={quote(B)}")
    assert row["agents"] == pytest.approx(asked(wall, A)["agents"] + 2, abs=0.01)
    assert row["giver"]["queue"] == B
    assert row["giver"]["agents"] == pytest.approx(asked(wall, B)["agents"] - 2, abs=0.01)


def test_each_site_has_a_forecast_of_its_own(wall: Wall) -> None:
    """Half as many agents, so another floor and other numbers."""
    assert asked(wall, A, "site=gz")["agents"] < asked(wall, A)["agents"]
