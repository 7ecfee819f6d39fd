"""Queues added up over HTTP, as a viewer's own group: by the sums of a configured one, within the viewer's scope."""

import json
from collections.abc import Iterator
from dataclasses import replace
from urllib.error import HTTPError
from urllib.parse import quote
from urllib.request import urlopen

import pytest

from monitor.api.parts import Parts
from monitor.config_wall import Scope
from streams.vocabulary.ids import QueueName
from tests.browser.queue_floor import with_queues
from tests.browser.serve import Wall
from tests.browser.walls import until

pytestmark = [pytest.mark.servers, pytest.mark.timeout(180)]
A, B = QueueName("客服热线"), QueueName("投诉专席")


class Scoped(Wall):
    def parts(self) -> Parts:
        mine = Scope(name="mine", label_zh="我的", label_en="Mine", queues=(A,))
        return replace(super().parts(), scopes={"mine": mine})


@pytest.fixture
def wall() -> Iterator[Wall]:
    made = Scoped(agents=12, rate=0)
    with_queues(made, 8).targets[B] = 15_000
    with made as running:
        until(lambda: running.hub.numbers)
        yield running


def asked(wall: Wall, *queues: str, more: str = "") -> dict:
    query = "&".join(f"queue={quote(queue)}" for queue in queues)
    with urlopen(f"{wall.url}/api/v1/sums?{query}{more}") as answer:
        return json.load(answer)


def test_two_queues_are_one_row_with_both_levels(wall: Wall) -> None:
    """Their thresholds differ; each agent of both is counted once."""
    row = asked(wall, A, B)
    numbers = {one.queue: one for one in wall.hub.numbers}
    assert row["waiting"] == numbers[A].waiting + numbers[B].waiting
    assert (row["differs"], len(row["levels"]), row["agents_counted"]) == (["threshold"], 2, "once")


def test_a_queue_outside_the_scope_is_missing(wall: Wall) -> None:
    row = asked(wall, A, B, more="&scope=mine")
    assert (row["queues"], row["missing"], row["standing"]) == ([A], [B], "uncertain")


@pytest.mark.parametrize("path", ["/api/v1/sums", "/api/v1/sums?" + "&".join(f"queue={n}" for n in range(501))])
def test_none_and_too_many_are_refused_with_the_mend(wall: Wall, path: str) -> None:
    with pytest.raises(HTTPError) as refused:
        urlopen(wall.url + path)
    assert refused.value.code == 400
    assert "?queue=A&queue=B" in refused.value.read().decode()
    refused.value.close()


def test_sites_are_not_added_up_for_a_scope(wall: Wall) -> None:
    with pytest.raises(HTTPError) as refused:
        urlopen(f"{wall.url}/api/v1/sites?scope=mine")
    assert refused.value.code == 403
    refused.value.close()
