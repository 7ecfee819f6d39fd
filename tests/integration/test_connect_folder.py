"""A watched folder of Amazon Connect's files: torn lines, new files, renamed, replaced and removed ones, restarts."""

import asyncio
import gzip
import os
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from monitor.clock import now
from streams.collect.connect_files import PositionError
from streams.collect.connect_folder import ConnectFolder, FolderPace
from streams.translate.amazon_connect import ConnectTranslator
from streams.vocabulary import events as ev
from streams.vocabulary.ids import Millis, SiteId, SourceId
from tests.golden.connect.stage import record
from tests.integration.test_ami_client import in_loop

QUICK = FolderPace(look_every_s=0.02, settled_s=0.3, pause_s=0.02)


class Room:
    """A folder, its positions and what a collector of it published."""

    def __init__(self, tmp: Path) -> None:
        self.folder = tmp / "in"
        self.folder.mkdir()
        self.positions = tmp / "state" / "positions.json"
        self.events: list[ev.Event] = []

    async def publish(self, events: Sequence[ev.Event]) -> None:
        self.events.extend(events)

    def collector(self) -> ConnectFolder:
        translator = ConnectTranslator(site=SiteId("s"), source=SourceId("connect"))
        clock: Callable[[], Millis] = now
        return ConnectFolder(
            self.folder, translator, publish=self.publish, clock=clock, positions=self.positions, pace=QUICK
        )

    def customers(self) -> list[str]:
        """Which records were told, by the queue they name: the tests name each its own."""
        return [event.queue for event in self.events if isinstance(event, ev.ContactCorrected)]

    async def until(self, true: Callable[[], bool]) -> None:
        async with asyncio.timeout(10):
            while not true():  # noqa: ASYNC110 - files and counters are no events
                await asyncio.sleep(0.01)


@asynccontextmanager
async def running(one: ConnectFolder) -> AsyncIterator[ConnectFolder]:
    task = asyncio.create_task(one.run())
    try:
        yield one
    finally:
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


@pytest.fixture
def room(tmp_path: Path) -> Room:
    return Room(tmp_path)


def line(name: str) -> str:
    """A record, long past, of a contact in a queue of that name."""
    return record(name, told="9:10", queue=name, queued="9:05:00", left="9:05:45", ended="9:05:45").replace(
        "2026-11-20", "2024-11-20"
    )


@in_loop
async def test_files_are_read_in_order_of_name_and_below_folders(room: Room) -> None:
    (room.folder / "2024" / "11").mkdir(parents=True)
    (room.folder / "2024" / "11" / "b").write_text(line("second") + "\n")
    (room.folder / "2024" / "11" / "a.ndjson").write_text(line("first") + "\n")
    (room.folder / "z.json").write_text(line("third") + line("fourth") + "\n")
    async with running(room.collector()):
        await room.until(lambda: len(room.customers()) == 4)
    assert room.customers() == ["first", "second", "third", "fourth"]
    assert [type(event).__name__ for event in room.events[:2]] == ["SourceConnected", "SourceLost"]


@in_loop
async def test_a_torn_last_line_waits_until_it_is_whole(room: Room) -> None:
    file, text = room.folder / "a", line("torn") + "\n"
    file.write_text(line("whole") + "\n" + text[:50])
    async with running(room.collector()) as one:
        await room.until(lambda: room.customers() == ["whole"])
        await asyncio.sleep(0.5)  # longer than a file takes to be settled: half an object is none
        assert room.customers() == ["whole"]
        with file.open("a") as more:
            more.write(text[50:])
        await room.until(lambda: room.customers() == ["whole", "torn"])
        assert not one.counts.refused


@in_loop
async def test_the_last_line_of_a_finished_file_needs_no_newline(room: Room) -> None:
    """Firehose's files have none at all."""
    (room.folder / "a").write_text(line("one") + line("two"))
    async with running(room.collector()):
        await room.until(lambda: room.customers() == ["one", "two"])


@in_loop
async def test_started_again_it_goes_on_where_it_was(room: Room) -> None:
    file = room.folder / "a"
    file.write_text(line("one") + "\n")
    async with running(room.collector()):
        await room.until(lambda: room.customers() == ["one"])
        await room.until(room.positions.exists)
    with file.open("a") as more:
        more.write(line("two") + "\n")
    async with running(room.collector()):
        await room.until(lambda: len(room.customers()) == 2)
    assert room.customers() == ["one", "two"]


@in_loop
async def test_renamed_goes_on_replaced_begins_anew_removed_is_forgotten(room: Room) -> None:
    file = room.folder / "a"
    file.write_text(line("one") + "\n")
    async with running(room.collector()) as one:
        await room.until(lambda: room.customers() == ["one"])
        file.rename(room.folder / "a.1")
        file.write_text(line("two") + "\n")
        await room.until(lambda: room.customers() == ["one", "two"])
        (room.folder / "a.1").unlink()
        file.write_text("")
        await asyncio.sleep(0.1)
        file.write_text(line("three") + "\n")
        await room.until(lambda: room.customers() == ["one", "two", "three"])
        assert one.counts.lost == {}


@in_loop
async def test_garbage_packed_and_unfinished_files_cost_nothing_else(room: Room) -> None:
    (room.folder / "a").write_bytes(b"\xff\xfe\n{\n[]\n\n" + line("good").encode() + b"\n")
    (room.folder / "b.gz").write_bytes(gzip.compress(line("packed").encode()))
    (room.folder / "c.part").write_text(line("unfinished") + "\n")
    (room.folder / ".hidden").write_text(line("hidden") + "\n")
    (room.folder / "link").symlink_to(room.folder / "c.part")
    async with running(room.collector()) as one:
        await room.until(lambda: room.customers() == ["good"])
        await room.until(lambda: one.counts.messages == 4)
        assert one.counts.refused == {"not_json": 2, "wrong_shape": 1, "packed_file": 1}


@in_loop
async def test_a_folder_that_goes_away_is_a_gap_and_its_return_is_noticed(room: Room) -> None:
    aside = room.folder.with_name("aside")
    async with running(room.collector()) as one:
        await room.until(lambda: one.counts.connected)
        room.folder.rename(aside)
        await room.until(lambda: one.counts.lost["folder_missing"] > 0)
        (aside / "a").write_text(line("back") + "\n")
        aside.rename(room.folder)
        await room.until(lambda: room.customers() == ["back"])
        assert one.counts.connections == 2
    assert [event.reason for event in room.events if isinstance(event, ev.SourceLost)] == [
        "started_late",
        "disconnected",
    ]


@in_loop
async def test_a_name_that_is_no_text_is_read_as_any_other(room: Room) -> None:
    """It ended the whole process each time it was started: the place in it could not be written down."""
    (room.folder / os.fsdecode(b"\xff\xfe.ndjson")).write_text(line("甲"), encoding="utf-8")
    os.mkfifo(room.folder / "pipe.ndjson")
    (room.folder / "link.ndjson").symlink_to("/dev/zero")
    async with running(room.collector()):
        await room.until(lambda: room.customers() == ["甲"])
    async with running(room.collector()) as again:
        await room.until(lambda: again.counts.connected)
        assert again.counts.messages == 0, "the place was kept"


def test_damaged_positions_are_a_fault_and_no_silent_beginning(room: Room) -> None:
    room.positions.parent.mkdir()
    room.positions.write_text("{")
    with pytest.raises(PositionError, match="remove it"):
        room.collector()
