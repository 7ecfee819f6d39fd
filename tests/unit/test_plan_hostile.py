"""Plans made to hurt: small files that ask for much, files that are no files, writers that were killed."""

import fcntl
import os
import struct
import time
import zlib
from pathlib import Path

import pytest

from monitor.plan_pictures import PictureRefused, save
from monitor.plan_store import NoVersion, PlanStore, VersionDamaged, write_atomically
from seat_map.parse import parse
from seat_map.plan import SEATS_MAX, Box, Plan, Room, Seat
from seat_map.plan_csv import read_csv, write_csv
from seat_map.plan_draft import ROOMS_MAX
from seat_map.plan_faults import FaultKind
from streams.vocabulary.ids import AgentId, Millis


def kinds(text: str) -> set[FaultKind]:
    return {fault.kind for fault in read_csv(text).faults}


@pytest.mark.parametrize("count", ["00019999999", "0" * 5_000, "9" * 5_000, "201", "0"])
def test_a_table_s_rows_are_counted_whole(count: str) -> None:
    """Not by their first four digits: two billion rows of desks would be drawn."""
    assert kinds(f"kind,team,seat,rows,columns\nteam,A,,{count},2\n,A,A1,,\n") == {FaultKind.BAD_COUNT}


def test_thirty_blocks_of_forty_thousand_desks_are_refused_before_they_are_made() -> None:
    teams = "".join(f'[[room.team]]\ncode="{number}"\nleft=1\ntop=1\nrows=200\ncolumns=200\n' for number in range(30))
    parsed = parse(f'[[room]]\nname="r"\nwidth=500\nheight=500\n{teams}')
    assert len(parsed.plan.seats) <= SEATS_MAX
    assert parsed.more < 4 * 40_000


def test_a_table_of_more_rooms_than_a_plan_has_keeps_those_it_can_have() -> None:
    parsed = read_csv("seat,room\n" + "".join(f"S{number},R{number}\n" for number in range(ROOMS_MAX + 30)))
    assert len(parsed.plan.rooms) == len(parsed.plan.seats) == ROOMS_MAX
    assert {fault.kind for fault in parsed.faults} == {FaultKind.TOO_MANY_ROOMS}


@pytest.mark.parametrize("key", [".".join(["a"] * 60_000), ".".join(['"a"'] * 60_000), "[" + "a." * 60_000 + "a]"])
def test_a_key_of_sixty_thousand_parts_is_refused_at_once(key: str) -> None:
    """tomllib alone takes 3 GB for it."""
    began = time.process_time()
    parsed = parse(f"{key} = 1\n")
    assert [fault.kind for fault in parsed.faults] == [FaultKind.BAD_SYNTAX]
    assert time.process_time() - began < 5


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20"])
def test_no_name_of_an_exported_table_is_a_formula(sign: str) -> None:
    """Full-width signs, too; and what is read again is the same name."""
    name = sign + 'cmd|"/c calc"!A0'
    room = Room(name=name, box=Box(left=0, top=0, right=5, bottom=5))
    plan = Plan(name=name, rooms=(room,), teams=(), seats=(Seat(id=name, x=1, y=1, room=0, agent=name),))
    table = write_csv(plan)
    assert f",{sign}" not in table
    assert f'"{sign}' not in table
    assert read_csv(table).plan == plan


def png(width: int, height: int) -> bytes:
    head = b"IHDR" + struct.pack("!IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + struct.pack("!I", 13) + head + struct.pack("!I", zlib.crc32(head)) + b"rest"


def test_a_picture_that_a_browser_would_unpack_to_a_gigabyte_is_refused(tmp_path: Path) -> None:
    assert save(tmp_path, png(16_000, 16_000)) is PictureRefused.TOO_WIDE
    assert not isinstance(save(tmp_path, png(16_000, 4_000)), PictureRefused)


def test_a_version_that_is_a_link_or_a_pipe_is_damaged_and_holds_nobody_up(tmp_path: Path) -> None:
    (tmp_path / "000001.json").symlink_to("/dev/zero")
    os.mkfifo(tmp_path / "000002.json")
    store = PlanStore(tmp_path)
    for number in (1, 2):
        with pytest.raises(VersionDamaged):
            store.read(number)
    assert store.newest() is None
    with pytest.raises(NoVersion):
        store.read(3)


def test_what_a_killed_writer_left_is_swept_and_what_is_being_written_is_not(tmp_path: Path) -> None:
    old, young = tmp_path / ".000001.json.77.part", tmp_path / ".000002.json.78.part"
    for left in (old, young):
        left.write_bytes(b"half")
    os.utime(old, (1_000, 1_000))
    write_atomically(tmp_path / "000003.json", b"{}")
    assert sorted(path.name for path in tmp_path.iterdir()) == [young.name, "000003.json"]


def test_a_lock_that_is_never_given_back_is_said(tmp_path: Path) -> None:
    with (tmp_path / "lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(OSError, match="another process has held"):
            PlanStore(tmp_path, lock_s=0.1).pin("A1", AgentId("8001"), by="me", at=Millis(1))
