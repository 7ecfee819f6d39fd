"""queue_log followed on real files: rotated, truncated, torn, missing, or a table; nothing twice, nothing missed."""

import sqlite3
from pathlib import Path

import pytest

from streams.collect.queue_log_tail import (
    BACK_BYTES,
    Position,
    QueueLogFile,
    QueueLogTable,
    load_position,
    open_queue_log,
    save_position,
)
from streams.wire.queue_log import QueueLogParser


def add(path: Path, text: str) -> None:
    with path.open("a") as held:
        held.write(text)


def everything(tail: QueueLogFile | QueueLogTable) -> bytes:
    parts = []
    while data := tail.read():
        parts.append(data)
    return b"".join(parts)


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "queue_log"
    path.write_text("1|a\n2|b\n")
    return path


def test_a_new_collector_begins_at_the_end_and_may_look_back(log: Path) -> None:
    tail = QueueLogFile(log)
    assert tail.look_back() == b"1|a\n2|b\n"
    add(log, "3|c\n")
    assert everything(tail) == b"3|c\n"


def test_an_unfinished_line_at_the_end_is_read_with_its_end(log: Path) -> None:
    add(log, "3|")
    tail = QueueLogFile(log)
    assert tail.look_back() == b"1|a\n2|b\n"
    add(log, "c\n")
    assert everything(tail) == b"3|c\n"


def test_looking_back_is_bounded_and_begins_with_a_whole_line(tmp_path: Path) -> None:
    path = tmp_path / "queue_log"
    path.write_bytes(b"".join(b"%09d|line\n" % n for n in range(BACK_BYTES // 15 + 5000)))
    back = QueueLogFile(path).look_back()
    assert len(back) <= BACK_BYTES
    assert (len(back.split(b"\n")[0]), back[-6:]) == (14, b"|line\n")


def test_a_rotated_file_is_read_to_its_end_and_the_new_one_from_its_beginning(log: Path) -> None:
    tail = QueueLogFile(log)
    tail.look_back()
    add(log, "3|c\n")
    log.rename(log.with_name("queue_log.1"))
    add(log.with_name("queue_log.1"), "4|d\n")
    log.write_text("5|e\n")
    assert everything(tail) + everything(tail) == b"3|c\n4|d\n5|e\n"
    assert tail.counts == {"rotated": 1}


def test_a_line_torn_by_a_rotation_does_not_run_into_the_next_file(log: Path) -> None:
    tail = QueueLogFile(log)
    tail.look_back()
    add(log, "3|c")
    log.rename(log.with_name("queue_log.1"))
    log.write_text("4|d\n")
    assert everything(tail) + everything(tail) == b"3|c\n4|d\n"


def test_a_file_moved_away_is_waited_for(log: Path) -> None:
    """Between `mv` and Asterisk's `logger rotate` there is none."""
    tail = QueueLogFile(log)
    tail.look_back()
    log.rename(log.with_name("queue_log.1"))
    assert everything(tail) == b""
    log.write_text("3|c\n")
    assert everything(tail) + everything(tail) == b"3|c\n"


def test_copytruncate_begins_anew(log: Path) -> None:
    tail = QueueLogFile(log)
    tail.look_back()
    with log.open("r+") as held:
        held.truncate(0)
    assert everything(tail) == b""
    add(log, "3|c\n")
    assert everything(tail) == b"3|c\n"
    assert tail.counts["truncated"] >= 1


def test_a_truncated_file_that_grew_past_our_place_is_known_by_what_stands_there(log: Path) -> None:
    tail = QueueLogFile(log)
    tail.look_back()
    log.write_text("9|another day, longer than before\n")
    assert everything(tail) == b"9|another day, longer than before\n"
    assert tail.counts["truncated"] == 1


def test_a_file_that_is_not_there_yet_is_read_from_its_first_line_or_found_later(tmp_path: Path) -> None:
    path = tmp_path / "queue_log"
    tail = QueueLogFile(path)
    assert tail.look_back() == b""
    assert everything(tail) == b""
    assert tail.counts["unreadable: FileNotFoundError"] >= 1
    path.write_text("1|a\n")
    assert everything(tail) == b"1|a\n"


def test_a_collector_that_comes_back_goes_on_where_it_was(log: Path, tmp_path: Path) -> None:
    tail = QueueLogFile(log)
    tail.look_back()
    save_position(tmp_path / "place", tail.position)
    add(log, "3|c\n")
    again = QueueLogFile(log, load_position(tmp_path / "place"))
    assert (again.look_back(), everything(again)) == (b"1|a\n2|b\n", b"3|c\n")


def test_a_rotation_while_nobody_read_loses_nothing(log: Path) -> None:
    tail = QueueLogFile(log)
    tail.look_back()
    place = tail.position
    add(log, "3|c\n")
    log.rename(log.with_name("queue_log.1"))
    log.write_text("4|d\n")
    again = QueueLogFile(log, place)
    assert everything(again) + everything(again) == b"3|c\n4|d\n"


def test_a_place_whose_file_is_gone_begins_with_the_file_there_is(log: Path) -> None:
    tail = QueueLogFile(log, Position(inode=1, offset=99))
    assert everything(tail) == b"1|a\n2|b\n"
    assert tail.counts == {"rotated_away": 1}


@pytest.mark.parametrize("torn", [b"", b"{", b'{"inode":"x"}', b"\xff"])
def test_a_torn_place_is_no_place(tmp_path: Path, torn: bytes) -> None:
    (tmp_path / "place").write_bytes(torn)
    assert load_position(tmp_path / "place") in (None, Position())


def test_a_folder_in_its_place_is_counted_and_waited_for(tmp_path: Path) -> None:
    (tmp_path / "queue_log").mkdir()
    tail = QueueLogFile(tmp_path / "queue_log", Position())
    assert everything(tail) == b""
    assert any(name.startswith("unreadable") for name in tail.counts)


@pytest.mark.parametrize("cut", range(1, 40))
def test_wherever_a_read_ends_the_lines_are_the_same(tmp_path: Path, cut: int) -> None:
    whole = "1|1.1|sales|NONE|ENTERQUEUE||李|1\n2|1.1|sales|NONE|ABANDON|1|1|1\n".encode()
    path = tmp_path / "queue_log"
    path.write_bytes(b"")
    tail, parser = QueueLogFile(path), QueueLogParser()
    tail.look_back()
    found = []
    for piece in (whole[:cut], whole[cut:]):
        with path.open("ab") as held:
            held.write(piece)
        found += parser.feed(everything(tail))
    assert [one.event for one in found] == ["ENTERQUEUE", "ABANDON"]


# --- the table -----------------------------------------------------------------------------------------------------


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "queue_log.sqlite3"
    held = sqlite3.connect(path)
    held.execute(
        "CREATE TABLE queue_log (id INTEGER PRIMARY KEY, time TEXT, callid TEXT, queuename TEXT, agent TEXT,"
        " event TEXT, data1 TEXT, data2 TEXT, data3 TEXT, data4 TEXT, data5 TEXT)"
    )
    held.close()
    return path


def insert(path: Path, at: str, event: str, *data: str | None) -> None:
    held = sqlite3.connect(path)
    with held:
        held.execute(
            "INSERT INTO queue_log (time, callid, queuename, agent, event, data1, data2, data3, data4, data5)"
            " VALUES (?, '1.1', 'sales', 'NONE', ?, ?, ?, ?, ?, ?)",
            (at, event, *(*data, None, None, None, None, None)[:5]),
        )
    held.close()


def test_rows_of_the_table_are_lines(table: Path) -> None:
    """Times are the switch's own local time: 2026-11-22 09:10:48 in Shanghai is 01:10:48 UTC."""
    insert(table, "1", "ABANDON", "1", "1", "1")
    tail = open_queue_log(table, None, zone="Asia/Shanghai")
    assert isinstance(tail, QueueLogTable)
    assert tail.look_back() == b"1|1.1|sales|NONE|ABANDON|1|1|1\n"
    insert(table, "2026-11-22 09:10:48.123456", "ENTERQUEUE", "", "138|\n", "1", None)
    (line,) = QueueLogParser().feed(everything(tail))
    assert (line.at_s, line.event, line.text(1)) == (1_795_309_848, "ENTERQUEUE", "138")


def test_a_table_is_followed_from_its_kept_row(table: Path) -> None:
    for event in ("ENTERQUEUE", "CONNECT", "ABANDON"):
        insert(table, "1", event)
    tail = QueueLogTable(table, Position(offset=2))
    tail.look_back()
    assert everything(tail) == b"1|1.1|sales|NONE|ABANDON\n"
    assert tail.position.offset == 3


def test_a_table_that_cannot_be_read_is_counted_and_waited_for(tmp_path: Path) -> None:
    (tmp_path / "db").write_bytes(b"SQLite format 3\0 and then junk")
    tail = open_queue_log(tmp_path / "db", None)
    assert everything(tail) == b""
    assert any(name.startswith("unreadable") for name in tail.counts)
