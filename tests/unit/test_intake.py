"""What file names, manifests and times tell of a recording; which addresses may be fetched; when a file is whole."""

import os
import re
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
import pytest

from asr.intake_manifest import read_manifest
from asr.intake_names import DEFAULTS, Candidate, nearest, told_by, word_fault
from asr.intake_turns import DAY_MS, Lane, lane_of
from asr.jobs import RecordingJob
from monitor.intake_fetch import allowed_address, listed
from monitor.intake_files import Surroundings, first_of_pair, is_recording, job_of_file
from monitor.intake_watch import OLDEST_MS, FolderWatch
from streams.vocabulary.ids import ContactId, Millis, QueueName, SiteId

PATTERNS = [re.compile(one) for one in DEFAULTS]
NOW = Millis(1_795_300_000_000)
UUID = "7f3b9c7e-8b5c-4a59-9a55-0c2a3a4f6d11"


@pytest.mark.parametrize(
    ("name", "contact", "agent", "local"),
    [
        ("1795291649.12", "1795291649.12", "", ""),
        ("q-600-13800138000-20261122-101500-1795291649.12", "1795291649.12", "", ""),
        ("1795291649.12-rx", "1795291649.12", "", ""),
        (UUID, UUID, "", ""),
        (f"2026-11-22_{UUID}", UUID, "", ""),
        ("8001-20261122-101500", "", "8001", "20261122101500"),
        ("holiday", "", "", ""),
    ],
)
def test_a_name_tells_its_contact_or_its_agent_and_time(name: str, contact: str, agent: str, local: str) -> None:
    """MixMonitor, FreePBX, record_session, and names that tell nothing."""
    told = told_by(name, PATTERNS)
    assert (told.contact, told.agent, told.local) == (contact, agent, local)


def around(folder: Path) -> Surroundings:
    sites = {SiteId("gz"): ZoneInfo("Asia/Shanghai"), SiteId("sz"): ZoneInfo("Asia/Shanghai")}
    return Surroundings(folder=folder, sites=sites, names=PATTERNS, agent_channel=0)


def test_a_files_folder_names_its_site_and_local_time_is_the_sites(tmp_path: Path) -> None:
    """10:15 in Shanghai is 02:15 UTC; without a contact the recording is named by its content."""
    job = job_of_file(tmp_path / "sz" / "8001-20261122-101500.wav", around(tmp_path), changed_at=NOW, now=NOW)
    assert (job.site, job.agent, job.contact, job.contact_at) == ("sz", "8001", "", 1_795_313_700_000)
    assert (job.matched, bool(job.sha256)) == ("", True)


@pytest.mark.parametrize(
    ("name", "at"),
    [
        ("8001-20991231-101500.wav", None),  # no clock that is set says so
        ("9999999999.1.wav", None),
        ("1795299000.1.wav", 1_795_299_000_000),
    ],
)
def test_a_moment_that_cannot_be_is_not_taken_from_a_name(tmp_path: Path, name: str, at: int | None) -> None:
    """The warehouse would bury the recording's facts; the file's own time stands in."""
    found = job_of_file(tmp_path / name, around(tmp_path), changed_at=Millis(NOW - 7), now=NOW)
    assert found.contact_at == (at or NOW - 7)


def test_a_name_that_is_no_text_is_a_recording_with_a_reason(tmp_path: Path) -> None:
    """A name in GBK, as old recorders write it: it can be told and shown, and says how to go on."""
    path = laid(tmp_path / os.fsdecode("录音.wav".encode("gbk")))
    watch = FolderWatch(tmp_path, (".",), stable_ms=0)
    (whole,) = watch.look(NOW)
    found = job_of_file(whole.path, around(tmp_path), changed_at=whole.changed_at, now=NOW)
    assert path.name.isascii() is False
    assert (found.refused, found.path) == ("name_not_text", f"{tmp_path}/¼\\udcd2\\udcf4.wav")
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(found), type=RecordingJob) == found


@pytest.mark.parametrize("contact", ["sha:0123456789", "a\x1b[2J", "a\u202eb", "a\nb", "x" * 129])
def test_no_contact_is_taken_that_is_no_plain_word(contact: str) -> None:
    """Nor one that would pass for the ledger's own name of another recording."""
    assert word_fault(contact)
    assert told_by(f"{contact}.7", [re.compile(r"(?s)^(?P<contact>.*)\.7$")]).contact == ""
    read = read_manifest(f'path,contact\na.wav,"{contact}"\nb.wav,1795291649.1\n')
    assert [row.path for row in read.rows] == ["b.wav"]
    assert [(one.line, one.column) for one in read.faults] == [(2, "contact")]


def test_what_formulas_and_markup_a_manifest_holds_is_text() -> None:
    """It is not computed, nor is it a fault: a queue may be called anything that can be shown."""
    read = read_manifest('path,contact,queue\na.wav,"=HYPERLINK(1)",<img src=x onerror=alert(1)>\n')
    assert [(row.contact, row.queue) for row in read.rows] == [("=HYPERLINK(1)", "<img src=x onerror=alert(1)>")]


def test_a_quote_that_is_never_closed_keeps_only_its_own_lines_out() -> None:
    """The fault stands where the cell begins, not at the end of the file."""
    text = 'path,contact\na.wav,1\nb.wav,"2\n' + "c.wav,3\n" * 20_000
    read = read_manifest(text)
    assert read.rows[0].path == "a.wav"
    assert [one.line for one in read.faults if "CSV" in one.fault] == [3]
    assert read.rows[-1].path == "c.wav"


def candidate(number: int, answered_at: int) -> Candidate:
    return Candidate(contact=ContactId(f"c{number}"), contact_at=Millis(1), answered_at=Millis(answered_at))


@pytest.mark.parametrize(
    ("answers", "chosen"),
    [
        ([NOW + 2_000], "c0"),
        ([NOW + 2_000, NOW - 90_000], "c0"),
        ([NOW + 20_000, NOW - 40_000], None),  # two that are alike: a person decides
        ([NOW + 200_000], None),  # too far
        ([0], None),  # never answered
        ([], None),
    ],
)
def test_time_matches_only_where_one_contact_is_plainly_nearest(answers: list[int], chosen: str | None) -> None:
    found = nearest(NOW, [candidate(number, at) for number, at in enumerate(answers)])
    assert (found.chosen.contact if found.chosen else None) == chosen


def test_every_line_of_a_manifest_is_judged() -> None:
    """A line with a fault keeps no other one out."""
    read = read_manifest(
        "path,contact,at,urgent\n"
        "a.wav,1795291649.1,,1\n"
        ",1795291649.2,,\n"
        "b.wav,,yesterday,\n"
        "c.wav,1795291649.3,2026-11-22T10:15:00+08:00,2\n"
        "a.wav,1795291649.4,,\n"
        "d.wav,1795291649.5\n"
        "e.wav,1795291649.6,1795291649,0\n"
    )
    assert [row.path for row in read.rows] == ["a.wav", "e.wav"]
    assert [(one.line, one.column) for one in read.faults] == [
        (3, "path"), (4, "at"), (5, "urgent"), (6, "path"), (7, ""),
    ]  # fmt: skip
    assert all(one.mend for one in read.faults)
    assert (read.rows[0].urgent, read.rows[1].at) == (True, 1_795_291_649_000)


@pytest.mark.parametrize("text", ["", "name,contact\n", "path,path\n", "path,colour\na,b\n"])
def test_a_manifest_without_its_columns_is_refused_whole(text: str) -> None:
    read = read_manifest(text)
    assert read.rows == ()
    assert read.faults


LISTED = ("https://rec.example.net/calls/", "http://10.1.0.5:8088/r/")


@pytest.mark.parametrize(
    ("url", "fine"),
    [
        ("https://rec.example.net/calls/a.wav", True),
        ("http://10.1.0.5:8088/r/2026/a.wav", True),
        ("http://rec.example.net/calls/a.wav", False),
        ("https://rec.example.net:444/calls/a.wav", False),
        ("https://rec.example.net.evil.example/calls/a.wav", False),
        ("https://rec.example.net@evil.example/calls/a.wav", False),
        ("https://rec.example.net/callsigns/a.wav", False),
        ("https://rec.example.net/calls/../admin", False),
        ("https://rec.example.net/calls/%2e%2e/admin", False),
        ("file:///etc/passwd", False),
    ],
)
def test_only_listed_addresses_are_fetched(url: str, *, fine: bool) -> None:
    assert listed(url, LISTED) is fine


@pytest.mark.parametrize(
    ("address", "fine"),
    [
        ("10.1.0.5", True), ("10.2.0.5", False), ("127.0.0.1", False), ("169.254.169.254", False), ("::1", False),
        ("::ffff:127.0.0.1", False), ("8.8.8.8", True), ("fe80::1%eth0", False), ("no address", False),
    ],
)  # fmt: skip
def test_no_private_network_is_reached_that_is_not_listed(address: str, *, fine: bool) -> None:
    assert allowed_address(address, ("10.1.0.0/16",)) is fine


def job(**told: object) -> RecordingJob:
    fields = {"site": SiteId("gz"), "contact": ContactId("c"), "contact_at": NOW, "path": "/r/a.wav"} | told
    return RecordingJob(**fields)  # type: ignore[arg-type]


def test_complaints_go_before_today_and_today_before_the_backlog() -> None:
    complaints = frozenset({QueueName("complaints")})
    old = Millis(NOW - DAY_MS - 1)
    assert lane_of(job(queue="complaints", contact_at=old), now=NOW, urgent_queues=complaints) is Lane.URGENT
    assert lane_of(job(urgent=True), now=NOW) is Lane.URGENT
    assert lane_of(job(), now=NOW) is Lane.TODAY
    assert lane_of(job(contact_at=old), now=NOW) is Lane.BACKLOG


def laid(path: Path, text: bytes = b"x", *, at: int = NOW) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text)
    os.utime(path, (at / 1000, at / 1000))
    return path


def test_a_file_is_taken_once_it_stands_still(tmp_path: Path) -> None:
    """In any sub-folder; one that still grows waits; each comes once; parts, hidden and old files never."""
    watch = FolderWatch(tmp_path, (".",), stable_ms=1_000)
    whole = laid(tmp_path / "2026" / "11" / "a.wav")
    laid(tmp_path / "b.wav.part")
    laid(tmp_path / ".c.wav")
    laid(tmp_path / "old.wav", at=NOW - OLDEST_MS - 1_000)
    growing = laid(tmp_path / "g.wav")
    assert watch.look(NOW) == []
    laid(growing, b"xx")
    assert [one.path for one in watch.look(Millis(NOW + 1_000))] == [whole]
    assert [one.path for one in watch.look(Millis(NOW + 2_000))] == [growing]
    assert watch.look(Millis(NOW + 3_000)) == []
    assert watch.counts["too_old"] == 1


def test_the_second_half_of_a_pair_goes_with_the_first(tmp_path: Path) -> None:
    assert first_of_pair(Path("/r/a-tx.wav")) == Path("/r/a-rx.wav")
    assert first_of_pair(Path("/r/a-rx.wav")) is None
    watch = FolderWatch(tmp_path, (".",), stable_ms=1_000)
    first = laid(tmp_path / "a-rx.wav")
    laid(tmp_path / "a-tx.wav")
    watch.look(NOW)
    assert [one.path for one in watch.look(Millis(NOW + 1_000))] == [first]


def test_what_is_no_recording_by_name_is_left_alone() -> None:
    assert is_recording(Path("a.WAV"))
    assert not any(is_recording(Path(name)) for name in ("a.txt", "a.wav.part", ".a.wav", "a"))
