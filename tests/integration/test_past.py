"""A real Asterisk's recorded hours in real stores: the floor of any second is the floor that lived then."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from functools import cache, partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest

from dashboards.columns import Goals
from monitor.api.past_door import PastAnswer, PastQuestion
from monitor.api.past_time import day_of
from monitor.history import QuestionDesk, serve_desk
from monitor.past_client import PastClient
from monitor.past_desk import Past, PastDesk, PastSite
from monitor.past_picture import unpacked
from seat_map.frames import decode
from seat_map.palette import SeatCode
from streams.collect.capture import events_of, open_capture
from streams.floor.fold import Floor
from streams.floor.report import report
from streams.translate.asterisk import AsteriskTranslator
from streams.vocabulary.events import Event
from streams.vocabulary.ids import Millis, SiteId, SourceId
from streams.warehouse.engine import Warehouse
from streams.warehouse.front import AsyncWarehouse
from streams.warehouse.opening import open_warehouse
from streams.warehouse.past import Checkpoint, save_checkpoint
from streams.warehouse.rows import event_columns
from tests.golden.truth import GOLDEN
from tests.integration.bus_room import until
from tests.integration.facts import migrated
from tests.servers import Place

pytestmark = pytest.mark.servers

SITE = SiteId("golden")
ZONE = ZoneInfo("Asia/Shanghai")
CAPTURE = open_capture(GOLDEN / "dev")
TARGETS = CAPTURE.settings.targets_ms()
HOUR_MS = 3_600_000


@cache
def happened() -> tuple[Event, ...]:
    translator = AsteriskTranslator(site=SITE, source=SourceId("asterisk"), settings=CAPTURE.settings)
    return tuple(events_of(CAPTURE, translator))


def first() -> Millis:
    return happened()[0].at


def last() -> Millis:
    return happened()[-1].at


def lived(at: int) -> dict[str, Any]:
    """Told by the floor that heard it all as it happened."""
    floor = Floor(SITE, targets_ms=TARGETS)
    for event in happened():
        if event.at > at:
            break
        floor.apply(event)
    floor.advance(Millis(at))
    told: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(report(floor, now=Millis(at))))
    return told


def past() -> Past:
    site = PastSite(
        day_of=partial(day_of, zone=ZONE),
        new_floor=partial(Floor, SITE, targets_ms=TARGETS),
        restore=partial(Floor.restore, targets_ms=TARGETS),
    )
    return Past(sites={SITE: site}, goals=Goals())


def fill(warehouse: Warehouse, *, checkpoints: bool) -> None:
    warehouse.insert("events", event_columns(happened()))
    if checkpoints:
        floor, due = Floor(SITE, targets_ms=TARGETS), first() + 60_000
        for event in happened():
            floor.apply(event)
            if event.at >= due:
                due += 60_000
                save_checkpoint(
                    warehouse, Checkpoint(at=floor.state.at, site=SITE, position="1-1", blob=floor.snapshot())
                )


@pytest.fixture(scope="module", params=["chdb", "clickhouse"])
def stored(request: pytest.FixtureRequest) -> Iterator[Place]:
    """Without checkpoints in database `past`, with one a minute in `past_with`."""
    url = str(request.getfixturevalue(f"{request.param}_url"))
    opened = []
    for database in ("past", "past_with"):
        warehouse = Place(url, database).open()
        opened.append(warehouse)
        fill(migrated(warehouse), checkpoints=database == "past_with")
    yield Place(url, "past")
    for database, warehouse in zip(("past", "past_with"), opened, strict=True):
        warehouse.execute(f"DROP DATABASE IF EXISTS {database}")
        warehouse.close()


def arrive(ask: Callable[[], PastAnswer]) -> PastAnswer:
    while (answer := ask()).status == 202:
        pass
    return answer


def said(answer: PastAnswer) -> dict[str, Any]:
    from gzip import decompress

    body = decompress(answer.body) if answer.encoding == "gzip" else answer.body
    told: dict[str, Any] = msgspec.json.decode(body)
    return told


@pytest.mark.timeout(120)
@pytest.mark.parametrize("database", ["past", "past_with"])
def test_the_report_of_any_second_equals_the_living_floor_s(stored: Place, database: str) -> None:
    """Forty moments in any order, folded by what the store gives back."""
    warehouse = Place(stored.url, database).open()
    asked, draw = past(), random.Random(11)
    try:
        for _ in range(40):
            at = Millis(draw.randrange(first() + 1, last()))
            question = PastQuestion(kind="report", site=SITE, at=at)
            now = Millis(last() + HOUR_MS)
            told = said(arrive(partial(asked.answer, warehouse, question, now)))
            where = told.pop("past")
            assert told == lived(at), at - first()
            assert where["at"] == at
    finally:
        warehouse.close()


def test_a_checkpoint_is_where_the_fold_begins(stored: Place) -> None:
    warehouse = Place(stored.url, "past_with").open()
    try:
        at = Millis((first() + last()) // 2)
        told = said(past().answer(warehouse, PastQuestion(kind="report", site=SITE, at=at), Millis(last() + HOUR_MS)))
        assert told["past"]["basis"] == "checkpoint"
        assert at - told["past"]["began"] < 61_000
    finally:
        warehouse.close()


@pytest.mark.parametrize(
    ("after_ms", "reason"), [(-60_000, "before_first"), (48 * HOUR_MS, "after_now")], ids=["before", "after"]
)
def test_a_moment_without_a_floor_says_why(stored: Place, after_ms: int, reason: str) -> None:
    warehouse = stored.open()
    try:
        question = PastQuestion(kind="frame", site=SITE, at=Millis(first() + after_ms), seating="s", size=4)
        answer = past().answer(warehouse, question, Millis(last() + HOUR_MS))
        assert (answer.status, answer.media, said(answer)["reason"]) == (200, "application/json", reason)
    finally:
        warehouse.close()


def test_events_that_retention_dropped_are_told_as_such(stored: Place) -> None:
    """A contact is remembered of a time whose events are gone."""
    from tests.integration.facts import leg, store

    warehouse = Place(stored.url, f"{stored.database}_dropped").open()
    try:
        fill(migrated(warehouse), checkpoints=False)
        old = msgspec.structs.replace(leg(1), site=SITE, queued_at=Millis(first() - 90 * 24 * HOUR_MS))
        store(warehouse, old)
        question = PastQuestion(kind="report", site=SITE, at=Millis(first() - HOUR_MS))
        answer = past().answer(warehouse, question, Millis(last() + HOUR_MS))
        assert said(answer)["reason"] == "dropped"
        assert said(answer)["first"] == first()
    finally:
        warehouse.execute(f"DROP DATABASE IF EXISTS {stored.database}_dropped")
        warehouse.close()


# --- over the private socket ----------------------------------------------------------------------------------------


@asynccontextmanager
async def open_door(place: Place, path: Path) -> AsyncIterator[tuple[PastClient, PastDesk]]:
    store = AsyncWarehouse(partial(open_warehouse, place.url, database=place.database))
    asking = AsyncWarehouse(partial(open_warehouse, place.url, database=place.database))
    desk = PastDesk(store, past=past(), clock=lambda: Millis(last() + HOUR_MS))
    serving = asyncio.create_task(serve_desk(QuestionDesk(asking, dict, routes=desk.routes()), path))
    client = PastClient(path)
    try:
        await until(path.exists)
        yield client, desk
    finally:
        await client.close()
        serving.cancel()
        await asyncio.wait({serving})
        await store.close()
        await asking.close()


def through_the_door(place: Place, tmp_path: Path, body: Callable[[PastClient, PastDesk], Awaitable[Any]]) -> Any:
    async def run() -> Any:
        async with asyncio.timeout(60), open_door(place, tmp_path / "history.sock") as (client, desk):
            return await body(client, desk)

    return asyncio.run(run())


async def arrived(client: PastClient, question: PastQuestion) -> PastAnswer:
    while (answer := await client.ask(question)).status == 202:
        pass
    return answer


def plain(answer: PastAnswer) -> bytes:
    from gzip import decompress

    return decompress(answer.body) if answer.encoding == "gzip" else answer.body


def test_a_frame_seats_everybody_where_they_sit_today(stored: Place, tmp_path: Path) -> None:
    """Told once; an agent who has no place today takes a free one; one too many is counted."""
    at = Millis((first() + last()) // 2)
    agents = sorted(lived(at)["agents"])
    places = {agent: 10 + row for row, agent in enumerate(agents[:-2])}

    async def body(client: PastClient, desk: PastDesk) -> tuple[PastAnswer, PastAnswer, PastAnswer]:
        unknown = PastQuestion(kind="frame", site=SITE, at=at, seating="a.1")
        told = PastQuestion(
            kind="frame", site=SITE, at=at, seating="a.1", size=10 + len(places), places=places, free=[3]
        )
        return await arrived(client, unknown), await arrived(client, told), await arrived(client, unknown)

    before, frame, again = through_the_door(stored, tmp_path, body)
    assert before.status == 409
    words, data = unpacked(plain(frame))
    shown = decode(data)
    assert shown.at == at
    assert shown.code[3] != SeatCode.VACANT
    assert list(shown.code[:3]) == [SeatCode.VACANT] * 3
    by_name = {str(word["t"]): word for word in words}
    assert by_name["past"]["not_seated"] == 1
    assert {row["queue"] for row in by_name["numbers"]["queues"]} == set(lived(at)["queues"])  # type: ignore[attr-defined]
    assert len(by_name["people"]["people"]) == len(agents) - 1  # type: ignore[arg-type]
    assert plain(again) == plain(frame)


def test_names_that_the_browser_has_are_not_sent_again(stored: Place, tmp_path: Path) -> None:
    at = Millis((first() + last()) // 2)

    async def body(client: PastClient, desk: PastDesk) -> bytes:
        question = PastQuestion(kind="frame", site=SITE, at=at, seating="a", size=50, free=list(range(50)))
        revision = decode(unpacked(plain(await arrived(client, question)))[1]).revision
        question.people = revision
        return plain(await arrived(client, question))

    words, _ = unpacked(through_the_door(stored, tmp_path, body))
    assert "people" not in {word["t"] for word in words}


def test_one_agent_of_then(stored: Place, tmp_path: Path) -> None:
    at = Millis((first() + last()) // 2)
    name, agent = next(iter(lived(at)["agents"].items()))

    async def body(client: PastClient, desk: PastDesk) -> tuple[PastAnswer, PastAnswer]:
        known = PastQuestion(kind="agent", site=SITE, at=at, agent=name)
        nobody = PastQuestion(kind="agent", site=SITE, at=at, agent="nobody")
        return await arrived(client, known), await arrived(client, nobody)

    told, refused = through_the_door(stored, tmp_path, body)
    assert said(told)["state"] == agent["state"]
    assert said(told)["today"]["answered"] == agent["answered"]
    assert (refused.status, said(refused)["reason"]) == (404, "unknown_agent")


def test_a_day_s_marks_name_its_ends_and_gaps(stored: Place, tmp_path: Path) -> None:
    async def body(client: PastClient, desk: PastDesk) -> PastAnswer:
        return await client.ask(PastQuestion(kind="day", site=SITE, at=first()))

    day = said(through_the_door(stored, tmp_path, body))
    assert (day["first"], day["last"]) == (first(), last())
    assert day["since"] <= first() < day["until"]
    assert {gap["source"] for gap in day["gaps"]} <= {"asterisk"}


def test_a_question_of_another_version_and_an_unknown_site_are_refused(stored: Place, tmp_path: Path) -> None:
    async def body(client: PastClient, desk: PastDesk) -> tuple[PastAnswer, PastAnswer]:
        other = await client.ask(PastQuestion(kind="report", site=SiteId("elsewhere"), at=first()))
        return other, await client.ask(PastQuestion(kind="colour", site=SITE, at=first()))  # type: ignore[arg-type]

    elsewhere, unread = through_the_door(stored, tmp_path, body)
    assert (elsewhere.status, said(elsewhere)["reason"]) == (404, "unknown_site")
    assert (unread.status, said(unread)["reason"]) == (400, "not_a_question")


def test_many_viewers_at_once_are_all_answered_or_told_to_wait(stored: Place, tmp_path: Path) -> None:
    """Thirty at the same moment: nobody hangs."""
    draw = random.Random(3)

    async def body(client: PastClient, desk: PastDesk) -> list[int]:
        moments = [Millis(draw.randrange(first(), last())) for _ in range(30)]
        asked = [client.ask(PastQuestion(kind="report", site=SITE, at=at)) for at in moments]
        return [answer.status for answer in await asyncio.gather(*asked)]

    assert set(through_the_door(stored, tmp_path, body)) <= {200, 202, 503}
