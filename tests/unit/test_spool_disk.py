"""A spool's files, cut and flipped at every byte: it always starts, and damage costs no more than what it damaged."""

import shutil
from pathlib import Path

import pytest

from streams.bus.stood import Stood
from streams.collect.spool_disk import SpoolFault, SpoolLimits, SpoolLog, SpoolReason
from streams.collect.spool_files import Cursor, SpoolInUse
from streams.collect.spool_format import HEADER_BYTES

LIMITS = SpoolLimits(segment_bytes=200, segment_ms=1_000_000, keep_ms=0)


def opened(folder: Path, limits: SpoolLimits = LIMITS) -> SpoolLog:
    return SpoolLog.open(folder, limits=limits, wait_s=0)


def blob(number: int) -> bytes:
    return f"record {number}".encode() * (1 + number % 3)


def filled(folder: Path, records: int, *, limits: SpoolLimits = LIMITS) -> None:
    log = opened(folder, limits)
    for number in range(records):
        log.write([blob(number)], now=number)
    log.close()


def everything(log: SpoolLog, number: int = 0, *, records_max: int = 7) -> dict[int, bytes]:
    found: dict[int, bytes] = {}
    while number < log.next:
        read = log.read(number, records_max=records_max)
        found |= zip(read.numbers, read.blobs, strict=True)
        assert read.next > number
        number = read.next
    return found


def segments(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.log"))


def test_records_come_back_in_order_over_segments_and_restarts(tmp_path: Path) -> None:
    """Three openings, many segments, numbers without a hole."""
    for part in range(3):
        log = opened(tmp_path)
        for number in range(part * 20, part * 20 + 20):
            log.write([blob(number)], now=number)
        log.close()
    log = opened(tmp_path)
    assert everything(log) == {number: blob(number) for number in range(60)}
    assert len(segments(tmp_path)) > 5
    assert (log.next, log.counts.torn, log.counts.missing) == (60, 0, 0)
    assert log.last_blob == blob(59)
    log.close()


def test_a_tail_cut_at_every_byte_loses_only_what_it_cut(tmp_path: Path) -> None:
    """The spool starts; whole records before the cut are read, the next write gets the next number and is read too."""
    whole = tmp_path / "whole"
    filled(whole, 8, limits=SpoolLimits())
    (segment,) = segments(whole)
    data = segment.read_bytes()
    ends = [HEADER_BYTES]
    for number in range(8):
        ends.append(ends[-1] + 8 + len(blob(number)))
    assert ends[-1] == len(data)
    for cut in range(len(data)):
        folder = tmp_path / "cut"
        shutil.copytree(whole, folder)
        (folder / segment.name).write_bytes(data[:cut])
        log = opened(folder)
        good = max(0, sum(end <= cut for end in ends) - 1)
        assert (log.next, log.counts.torn) == (good, int(cut not in ends))
        log.write([b"after"], now=99)
        assert everything(log) == {**{number: blob(number) for number in range(good)}, good: b"after"}
        assert log.counts.missing == 0
        log.close()
        shutil.rmtree(folder)


def test_a_byte_flipped_anywhere_costs_at_most_its_own_segment(tmp_path: Path) -> None:
    """In every byte of every file, the cursor and headers included: it starts, goes on, and counts what it lost."""
    whole = tmp_path / "whole"
    filled(whole, 12)
    log = opened(whole)
    log.confirm(Cursor(position=2, stood=Stood("server", "7-0")), now=0)
    log.close()
    for file in [*segments(whole), whole / "cursor"]:
        for place in range(file.stat().st_size):
            folder = tmp_path / "flipped"
            shutil.copytree(whole, folder)
            damaged = bytearray(file.read_bytes())
            damaged[place] ^= 0x41
            (folder / file.name).write_bytes(damaged)
            log = opened(folder)
            log.write([b"after"], now=99)
            found = everything(log)
            assert found.pop(log.next - 1) == b"after"
            lost = {n for n in range(12) if n not in found}
            assert all(found[n] == blob(n) for n in range(12) if n in found)
            in_header = file.suffix != ".log" or place < HEADER_BYTES
            assert not (lost and in_header), (file.name, place)
            first = int(file.stem) if file.suffix == ".log" else 0
            following = [int(one.stem) for one in segments(whole) if int(one.stem) > first] or [12]
            assert all(first <= n < following[0] for n in lost), (file.name, place, lost)
            if file != segments(whole)[-1]:
                assert log.counts.missing == len(lost)
            log.close()
            shutil.rmtree(folder)


def test_one_flipped_record_in_the_middle_costs_one_record(tmp_path: Path) -> None:
    """Its length still leads to its successor; the bytes are kept for a person to look at."""
    filled(tmp_path, 10, limits=SpoolLimits())
    (segment,) = segments(tmp_path)
    data = bytearray(segment.read_bytes())
    data[data.index(b"record 4") + 3] ^= 1
    segment.write_bytes(data)
    log = opened(tmp_path)
    assert sorted(everything(log)) == [0, 1, 2, 3, 5, 6, 7, 8, 9]
    assert sorted(everything(log)) == [0, 1, 2, 3, 5, 6, 7, 8, 9]
    assert (log.counts.missing, log.counts.quarantined, len(list(tmp_path.glob("*.bad")))) == (1, 1, 1)
    log.close()


def test_a_damaged_middle_segment_is_passed_over(tmp_path: Path) -> None:
    """Its rest is set aside and counted; the following segments are read whole."""
    filled(tmp_path, 40)
    target = segments(tmp_path)[1]
    following = int(segments(tmp_path)[2].stem)
    target.write_bytes(target.read_bytes()[: HEADER_BYTES + 3])
    log = opened(tmp_path)
    lost = set(range(40)) - everything(log).keys()
    assert lost == set(range(int(target.stem), following))
    assert log.counts.missing == len(lost)
    log.close()


@pytest.mark.parametrize("garbage", [b"", b"\0" * 5_000, b"\xff" * 5_000], ids=["nothing", "zeros", "ones"])
def test_a_tail_of_garbage_is_no_record(tmp_path: Path, garbage: bytes) -> None:
    """File systems leave zeros where a write was promised and a crash came."""
    filled(tmp_path, 5, limits=SpoolLimits())
    (segment,) = segments(tmp_path)
    segment.write_bytes(segment.read_bytes() + garbage)
    log = opened(tmp_path)
    assert len(everything(log)) == 5
    assert log.counts.torn == int(bool(garbage))
    log.close()


def test_nothing_is_deleted_before_the_bus_has_it_and_its_time_is_over(tmp_path: Path) -> None:
    """Segments go from the oldest on, never one with a record above the cursor, never one younger than `keep_ms`."""
    limits = SpoolLimits(segment_bytes=100, segment_ms=1_000_000, keep_ms=50)
    log = opened(tmp_path, limits)
    for number in range(40):
        log.write([blob(number)], now=number)
    log.confirm(Cursor(position=40), now=60)
    assert 5 <= log.oldest <= 10
    log.confirm(Cursor(position=20), now=1_000)
    assert 15 <= log.oldest <= 20
    assert sorted(everything(log, log.oldest)) == list(range(log.oldest, 40))
    log.confirm(Cursor(position=40), now=1_000)
    assert log.oldest > 30
    log.close()


def test_the_cursor_and_where_the_bus_stood_survive(tmp_path: Path) -> None:
    """A new collector begins where the old one was sure."""
    filled(tmp_path, 10)
    log = opened(tmp_path)
    log.confirm(Cursor(position=6, stood=Stood("abc:def", "12-3")), now=0)
    log.close()
    log = opened(tmp_path)
    assert log.cursor == Cursor(position=6, stood=Stood("abc:def", "12-3"))
    log.close()


def test_a_torn_tail_below_the_cursor_uses_no_number_twice(tmp_path: Path) -> None:
    """The bus had those records: a new one with an old number would be taken for a redelivery."""
    filled(tmp_path, 10, limits=SpoolLimits())
    log = opened(tmp_path)
    log.confirm(Cursor(position=10), now=0)
    log.close()
    (segment,) = segments(tmp_path)
    segment.write_bytes(segment.read_bytes()[:-30])
    log = opened(tmp_path)
    assert log.next == 10
    log.write([b"after"], now=1)
    assert log.read(10, records_max=5).blobs == [b"after"]
    log.close()


def test_the_size_limit_takes_kept_segments_first_and_then_refuses(tmp_path: Path) -> None:
    """What the bus already has gives way; what it does not have is never thrown away."""
    limits = SpoolLimits(bytes_max=2_000, segment_bytes=300, segment_ms=1_000_000, keep_ms=1_000_000)
    log = opened(tmp_path, limits)
    written = 0
    refused: SpoolReason | None = None
    while refused is None:
        try:
            log.write([blob(written)], now=written)
        except SpoolFault as fault:
            refused = fault.reason
        else:
            written += 1
    assert refused is SpoolReason.SIZE_LIMIT
    assert sorted(everything(log)) == list(range(written))
    log.confirm(Cursor(position=written // 2), now=0)
    log.write([blob(written)], now=written)
    assert log.counts.kept_short >= 1
    assert set(everything(log, written // 2)) == set(range(written // 2, written + 1))
    log.close()


def test_two_writers_of_one_folder_are_refused(tmp_path: Path) -> None:
    """The second one says what to do."""
    log = opened(tmp_path)
    with pytest.raises(SpoolInUse, match="data folder"):
        opened(tmp_path)
    log.close()
    opened(tmp_path).close()


def test_foreign_files_in_the_folder_are_set_aside(tmp_path: Path) -> None:
    """A name that is no number is no segment of ours."""
    (tmp_path / "backup.log").write_bytes(b"x")
    log = opened(tmp_path)
    log.write([b"one"], now=0)
    assert everything(log) == {0: b"one"}
    assert (tmp_path / "backup.log.bad").exists()
    log.close()


def test_a_record_larger_than_a_read_comes_back(tmp_path: Path) -> None:
    """Three megabytes in one event are much, but no reason to stop."""
    log = opened(tmp_path, SpoolLimits())
    large = bytes(range(256)) * 12_000
    log.write([b"a", large, b"b"], now=0)
    assert everything(log) == {0: b"a", 1: large, 2: b"b"}
    log.close()


def test_what_went_out_from_memory_is_not_missing_when_it_is_looked_for(tmp_path: Path) -> None:
    """The bus asks for the last minutes again before anything new is written: only memory ever had the rest."""
    log = opened(tmp_path)
    log.write([blob(0), blob(1)], now=1)
    log.skip_to(40)
    assert everything(log) == {0: blob(0), 1: blob(1)}
    assert log.counts.missing == 0
    log.write([blob(40)], now=2)
    assert everything(log) == {0: blob(0), 1: blob(1), 40: blob(40)}
    assert log.counts.missing == 0
    log.close()


@pytest.mark.parametrize(
    ("back_ms", "bytes_max"),
    [
        pytest.param(1_000, 1_000_000, id="all of it"),
        pytest.param(0, 1_000_000, id="the segments of the last moment"),
        pytest.param(1_000, 1, id="the last segment, however large"),
    ],
)
def test_what_is_recalled_ends_with_the_newest_and_has_no_hole(tmp_path: Path, back_ms: int, bytes_max: int) -> None:
    """A new collector hears the end of what the one before it told; how much of it the limits say."""
    filled(tmp_path, 60)
    log = opened(tmp_path)
    found = list(log.recent(back_ms=back_ms, bytes_max=bytes_max))
    everyone = [blob(number) for number in range(60)]
    assert found == everyone[60 - len(found) :]
    assert (len(found) == 60) == (back_ms > 0 and bytes_max > 1)
    assert found
    log.close()


def test_recalling_neither_counts_nor_mends_what_is_damaged(tmp_path: Path) -> None:
    """Whoever sends the records finds the damage as before; the records behind it are recalled all the same."""
    filled(tmp_path, 60)
    oldest = min(tmp_path.glob("*.log"))
    data = bytearray(oldest.read_bytes())
    data[HEADER_BYTES + 8] ^= 1
    oldest.write_bytes(data)
    log = opened(tmp_path)
    assert list(log.recent(back_ms=1_000, bytes_max=1_000_000)) == [blob(number) for number in range(1, 60)]
    assert (log.counts.quarantined, log.counts.missing) == (0, 0)
    assert 0 not in everything(log)
    assert (log.counts.quarantined, log.counts.missing) == (1, 1)
    log.close()
