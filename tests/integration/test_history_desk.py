"""Questions to the history process over its private socket, answered by chDB and by a ClickHouse 18.16."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from monitor.api.history import HistoryUnavailable
from monitor.history import QuestionDesk, serve_desk
from monitor.history_client import HistoryClient, HistoryNotRunning
from monitor.questions import QUESTIONS
from streams.vocabulary.facts import AlertNoteFact, VerdictFact
from streams.vocabulary.ids import Millis
from streams.vocabulary.states import AgentState, NoteKind
from streams.warehouse.front import AsyncWarehouse
from streams.warehouse.opening import open_warehouse
from tests.integration.bus_room import until
from tests.integration.facts import (
    HOUR,
    MINUTE,
    NOON,
    SITE,
    alert,
    contact_id,
    interval,
    leg,
    migrated,
    recording,
    score,
    store,
    utterance,
)
from tests.integration.warehouse_room import Rolled
from tests.servers import DebianClickHouse, Place

pytestmark = pytest.mark.servers

RANGE: dict[str, Any] = {"since": NOON, "until": NOON + HOUR}
PARAMS: dict[str, dict[str, Any]] = {
    **dict.fromkeys(QUESTIONS, RANGE),
    "agent_intervals": {**RANGE, "agent": "8001"},
    "contact_detail": {"contact": contact_id(1)},
    "contact_count": RANGE,
    "stored_case": {"site": "hz", "contact": contact_id(1), "zone": "UTC", "now": NOON + HOUR},
    "answer_days": {**RANGE, "site": "hz", "scheme": "telecom"},
    "rules_drifting": {"site": "hz", "now": RANGE["until"]},
    "verdict_days": {**RANGE, "site": "hz", "scheme": "telecom"},
    "scored_lately": {**RANGE, "site": "hz", "scored_since": NOON},
    "verdicts_of": {"contact": contact_id(1)},
    "alert_notes": {"alert": "a1"},
    "table_counts": {},
    "rollup_age": {"now": NOON},
    "retention_plan": {"now": NOON + 9_999 * 24 * HOUR},
}
"""One answerable way to ask each question."""
QUIET = ("rules_drifting",)
"""Of one contact nothing drifts: tests/integration/test_rule_jobs.py has five weeks."""


def told_wrong() -> VerdictFact:
    return VerdictFact(
        site=SITE, ver=1, contact_at=NOON, contact=contact_id(1), scheme="telecom", scheme_version=1, item="greeting",
        judged_by="8000", rule="greeting", rule_version=1, outcome="hit", leaning="hit", agreed=False,
    )  # fmt: skip


def noted(note: str, kind: NoteKind, **fields: Any) -> AlertNoteFact:
    return AlertNoteFact(
        site=SITE, ver=NOON, noted_at=Millis(NOON + 11 * MINUTE), alert="a1", note=note, kind=kind, **fields
    )


@pytest.fixture(scope="module", params=["chdb", "clickhouse"])
def filled(request: pytest.FixtureRequest) -> Iterator[Place]:
    """One contact with everything there can be of it, in both engines; read only by the tests."""
    place = Place(str(request.getfixturevalue(f"{request.param}_url")), "desk")
    opened = place.open()
    rolled = Rolled(migrated(opened))
    rolled.write(
        [
            leg(1, wait_ms=4_000, talk_ms=30_000, agent="8001", customer="13800138000"),
            leg(2, wait_ms=60_000, queue="sales"),
            told_wrong(),
            interval(1, start_ms=0, lasts_ms=MINUTE, state=AgentState.ON_CONTACT),
        ]
    )
    rolled.roll()
    store(
        opened,
        recording(1, "done", ver=22, path="/r/a.wav", duration_ms=60_000),
        utterance(1, 0, "您好"),
        score(1, passed=False, fatal=True),
        alert("a1", state="firing", ver=1),
        noted("n1", NoteKind.USEFUL, by="8000"),
        noted("n3", NoteKind.COMMENT, by="8000", text="<b>"),
        noted("n2", NoteKind.NOTIFIED, channel="ops", outcome="delivered"),
    )
    yield place
    opened.execute("DROP DATABASE IF EXISTS desk")
    opened.close()


Body = Callable[[HistoryClient, QuestionDesk], Awaitable[Any]]


@asynccontextmanager
async def open_desk(warehouse: AsyncWarehouse, path: Path) -> AsyncIterator[tuple[HistoryClient, QuestionDesk]]:
    desk = QuestionDesk(warehouse, lambda: {"archive": {"rows": 7}})
    serving = asyncio.create_task(serve_desk(desk, path))
    client = HistoryClient(path)
    try:
        await until(path.exists)
        yield client, desk
    finally:
        await client.close()
        serving.cancel()
        await asyncio.wait({serving})


def at_the_desk(place: Place, tmp_path: Path, body: Body) -> Any:
    async def run() -> Any:
        warehouse = AsyncWarehouse(partial(open_warehouse, place.url, database=place.database))
        try:
            async with asyncio.timeout(30), open_desk(warehouse, tmp_path / "history.sock") as (client, desk):
                return await body(client, desk)
        finally:
            await warehouse.close()

    return asyncio.run(run())


def refusal(place: Place, tmp_path: Path, name: str, **params: object) -> str:
    async def body(client: HistoryClient, desk: QuestionDesk) -> str:
        with pytest.raises(HistoryUnavailable) as refused:
            await client.ask(name, **params)
        assert not isinstance(refused.value, HistoryNotRunning)
        assert await client.ask("table_counts")  # the desk is as able as before
        return refused.value.reason

    return str(at_the_desk(place, tmp_path, body))


# --- questions -----------------------------------------------------------------------------------------------------


def test_every_question_answers_with_rows(filled: Place, tmp_path: Path) -> None:
    """None of them is empty over a world in which everything happened once."""

    async def body(client: HistoryClient, desk: QuestionDesk) -> dict[str, list[dict[str, object]]]:
        return {name: await client.ask(name, **params) for name, params in PARAMS.items()}

    answers = at_the_desk(filled, tmp_path, body)
    assert set(QUESTIONS) <= set(answers)
    assert [name for name, rows in answers.items() if not rows] == [*QUIET]
    assert answers["contact_count"] == [{"contacts": 2}]
    assert answers["contact_detail"][0]["recording"]["path"] == "/r/a.wav"
    assert {row["queue"]: row["wait_ms"] for row in answers["queue_day"]} == {"vip": 4_000, "sales": 60_000}


def test_a_choice_of_contacts_crosses_the_socket(filled: Place, tmp_path: Path) -> None:
    """A filter is a nested value of its own."""

    async def body(client: HistoryClient, desk: QuestionDesk) -> list[dict[str, Any]]:
        return await client.ask("contact_list", **RANGE, choose={"queue": "vip", "fatal": True}, limit=5, offset=0)

    (row,) = at_the_desk(filled, tmp_path, body)
    assert row["leg"]["contact"] == contact_id(1)


def test_an_unknown_question_is_refused_with_the_known_ones(filled: Place, tmp_path: Path) -> None:
    """Two versions of our processes may meet for a moment; the text says what this one can answer."""
    reason = refusal(filled, tmp_path, "everything")
    assert "'everything'" in reason
    assert "queue_day" in reason


@pytest.mark.parametrize(
    ("params", "named"),
    [
        ({**RANGE, "color": "red"}, "color"),
        ({"since": NOON}, "until"),
        ({"since": "noon", "until": NOON}, "since"),
        ({**RANGE, "queue": ["vip"]}, "queue"),
        ({**RANGE, "since": None}, "since"),
    ],
    ids=["unknown", "missing", "text-for-a-moment", "list-for-a-name", "nothing-for-a-moment"],
)
def test_a_wrong_parameter_is_refused_by_name(
    filled: Place, tmp_path: Path, params: dict[str, Any], named: str
) -> None:
    """Before the store hears of it."""
    assert named in refusal(filled, tmp_path, "queue_day", **params)


def test_a_wrong_choice_is_refused_by_name(filled: Place, tmp_path: Path) -> None:
    """An unknown field of the filter would otherwise widen the answer silently."""
    assert "colour" in refusal(filled, tmp_path, "contact_list", **RANGE, choose={"colour": "red"})


def test_hostile_text_in_a_parameter_finds_nothing_and_breaks_nothing(filled: Place, tmp_path: Path) -> None:
    """Values travel as parameters, whatever is in them."""

    async def body(client: HistoryClient, desk: QuestionDesk) -> list[Any]:
        hostile = ["' OR 1=1 --", "\\' OR 1 --", "{queue}", "%(x)s", "a\0b", "客服'\\\n"]
        return [await client.ask("queue_day", **RANGE, queue=text) for text in hostile]

    assert at_the_desk(filled, tmp_path, body) == [[]] * 6


def test_the_status_tells_what_every_part_has_counted(filled: Place, tmp_path: Path) -> None:
    """The /ops page shows it."""

    async def body(client: HistoryClient, desk: QuestionDesk) -> dict[str, Any]:
        await client.ask("table_counts")
        return await client.status()

    assert at_the_desk(filled, tmp_path, body) == {"archive": {"rows": 7}, "questions": {"answered": 1}}


# --- a person's own SELECT -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "sql",
    [
        "INSERT INTO contact_legs VALUES (1)",
        "DROP TABLE contact_legs",
        "SELECT 1; DROP TABLE contact_legs",
        "SELECT * FROM file('/etc/passwd', 'CSV', 'a String')",
        "SELECT * FROM url('http://127.0.0.1:9/', 'CSV', 'a String')",
        "SELECT * FROM/**/file('/etc/passwd', 'CSV', 'a String')",
        "/* SELECT */ INSERT INTO contact_legs SELECT 1",
        "SELECT 1 INTO OUTFILE '/tmp/x'",
        "SELECT 1 -- \n; TRUNCATE TABLE contact_legs",
        "SELECT `file`('/etc/passwd')",
        "",
    ],
)
def test_a_statement_that_does_more_than_read_is_refused_with_its_mend(filled: Place, tmp_path: Path, sql: str) -> None:
    """The store never hears it; comments and quotes hide nothing."""

    async def body(client: HistoryClient, desk: QuestionDesk) -> tuple[dict[str, Any], dict[str, Any]]:
        return await client.sql(sql), await client.sql("SELECT count() FROM contact_legs")

    refused, count = at_the_desk(filled, tmp_path, body)
    assert refused["refused"]
    assert refused["mend"]
    assert count["rows"] == [[2]]


def test_whatever_a_cell_holds_reaches_the_asker(filled: Place, tmp_path: Path) -> None:
    """Huge integers, no number, arrays, moments and broken text become something JSON can say."""
    sql = (
        "SELECT toUInt64(18446744073709551615) AS big, toInt64(-9223372036854775808) AS low, nan AS nan, 1 / 0 AS inf, "
        "[1, 2] AS list, toDateTime(0, 'UTC') AS moment, NULL AS nothing, unhex('FF') AS broken, '电' AS text"
    )

    async def body(client: HistoryClient, desk: QuestionDesk) -> dict[str, Any]:
        return await client.sql(sql)

    (row,) = at_the_desk(filled, tmp_path, body)["rows"]
    assert row[:2] == [2**64 - 1, -(2**63)]
    assert row[6] is None
    assert row[8] == "电"


def test_integers_beyond_64_bits_arrive_whole(chdb_url: str, tmp_path: Path) -> None:
    """ClickHouse has integers of 256 bits."""

    async def body(client: HistoryClient, desk: QuestionDesk) -> dict[str, Any]:
        return await client.sql("SELECT toUInt256('1208925819614629174706176') AS big")

    answer = at_the_desk(Place(chdb_url, "default"), tmp_path, body)
    assert answer["rows"] == [[2**80]]


def test_a_faulty_select_is_refused_in_the_stores_words(filled: Place, tmp_path: Path) -> None:
    """The asker can mend it; it is not an outage."""

    async def body(client: HistoryClient, desk: QuestionDesk) -> str:
        with pytest.raises(HistoryUnavailable) as refused:
            await client.sql("SELECT no_such_column FROM contact_legs")
        assert not isinstance(refused.value, HistoryNotRunning)
        return refused.value.reason

    assert "no_such_column" in at_the_desk(filled, tmp_path, body)


def test_a_statement_longer_than_the_desk_takes_is_not_taken_for_an_outage(filled: Place, tmp_path: Path) -> None:
    """2 MB of SQL: refused as too long."""

    async def body(client: HistoryClient, desk: QuestionDesk) -> str:
        with pytest.raises(HistoryUnavailable) as refused:
            await client.sql("SELECT '" + "x" * 2_000_000 + "'")
        assert not isinstance(refused.value, HistoryNotRunning)
        return refused.value.reason

    assert "100000 are allowed" in at_the_desk(filled, tmp_path, body)


# --- nobody there --------------------------------------------------------------------------------------------------


def test_a_store_that_is_down_is_told_as_such(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """The desk stays; the reason names the store, with a mend; back up, it answers again."""
    server = DebianClickHouse(tmp_path_factory.mktemp("clickhouse-down")).start()
    opened = open_warehouse(server.url)
    migrated(opened).close()

    async def body(client: HistoryClient, desk: QuestionDesk) -> str:
        await client.ask("table_counts")
        assert server.process is not None
        server.process.kill()
        server.process.wait()
        with pytest.raises(HistoryUnavailable) as refused:
            await client.ask("table_counts")
        assert not isinstance(refused.value, HistoryNotRunning)
        assert desk.counts["store_faults"] == 1
        await asyncio.to_thread(server.start)
        assert await client.ask("table_counts")
        return refused.value.reason

    try:
        reason = at_the_desk(Place(server.url, "default"), tmp_path, body)
        assert "check" in reason
    finally:
        server.stop()


def test_a_history_that_takes_too_long_is_not_taken_for_a_missing_one(tmp_path: Path) -> None:
    """`floorwatch sql` opens the store itself only where nobody holds it."""
    path = tmp_path / "history.sock"

    async def body() -> str:
        client = HistoryClient(path, timeout_s=0.2)
        try:
            with pytest.raises(HistoryUnavailable) as refused:
                await client.ask("table_counts")
            assert not isinstance(refused.value, HistoryNotRunning)
            return refused.value.reason
        finally:
            await client.close()

    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(path))
        listening.listen()
        reason = asyncio.run(body())
    assert "within 0.2 s" in reason


@pytest.mark.parametrize("stale", [True, False], ids=["left-over-socket", "no-socket"])
def test_no_history_process_is_told_as_such(tmp_path: Path, *, stale: bool) -> None:
    """A socket that a killed process left behind is no process."""
    path = tmp_path / "history.sock"

    async def body() -> str:
        if stale:
            server = await asyncio.start_unix_server(lambda reader, writer: None, path)
            server.close()
            await server.wait_closed()
            assert path.exists()
        client = HistoryClient(path)
        try:
            with pytest.raises(HistoryNotRunning) as refused:
                await client.ask("table_counts")
            return refused.value.reason
        finally:
            await client.close()

    assert "is its role running?" in asyncio.run(body())


def test_who_asks_after_the_end_is_refused_and_opens_nothing(tmp_path: Path) -> None:
    """A connection opened then would be closed by nobody."""

    async def body() -> str:
        client = HistoryClient(tmp_path / "history.sock")
        await client.close()
        with pytest.raises(HistoryUnavailable) as refused:
            await client.ask("table_counts")
        return refused.value.reason

    assert asyncio.run(body()) == "the service is stopping"


def test_a_left_over_socket_is_replaced(chdb_url: str, tmp_path: Path) -> None:
    """A service killed without mercy starts again on the same folder."""

    async def leave() -> None:
        server = await asyncio.start_unix_server(lambda reader, writer: None, tmp_path / "history.sock")
        server.close()
        await server.wait_closed()

    async def body(client: HistoryClient, desk: QuestionDesk) -> dict[str, Any]:
        await asyncio.sleep(0.1)
        return await client.sql("SELECT 1")

    asyncio.run(leave())
    assert at_the_desk(Place(chdb_url, "default"), tmp_path, body)["rows"] == [[1]]
