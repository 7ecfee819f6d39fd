"""A capture folder: how it is read, what is wrong with it in words that name the mend, what `replay` prints."""

import json
from pathlib import Path
from typing import Any

import pytest
import zstandard
from typer.testing import CliRunner

from monitor.cli import app
from streams.collect.capture import CaptureError, open_capture, play, read_file
from streams.vocabulary.ids import SiteId
from tests.ami_story import T0, frame

BANNER = b"Asterisk Call Manager/11.0.0\r\nResponse: Success\r\nMessage: Authentication accepted\r\n\r\n"
JOIN = frame("QueueCallerJoin", Uniqueid="1.1", Queue="sales", Position=1)
ABANDON = frame("QueueCallerAbandon", Uniqueid="1.1", Queue="sales", HoldTime=7)
HANGUP = frame("Hangup", Uniqueid="1.1", Cause=16)
QUEUE_LOG = b"1|NONE|NONE|NONE|QUEUESTART|\n1|1.1|sales|NONE|ENTERQUEUE||138|1\n8|1.1|sales|NONE|ABANDON|1|1|7\n"


def write_capture(folder: Path) -> Path:
    """One connection: a contact joins at 1 s and hangs up at 8 s."""
    parts = (BANNER, JOIN, ABANDON, HANGUP)
    offsets = [sum(map(len, parts[:number])) for number in (1, 2, 3)]
    (folder / "etc").mkdir(parents=True)
    (folder / "ami.raw").write_bytes(b"".join(parts))
    (folder / "ami.conns.tsv").write_text(
        "conn\tfile\tconnected\tdisconnected\tbytes\tend\n"
        f"0\tami.raw\t{T0}\t{T0 + 10_000}\t{sum(map(len, parts))}\tcapture ended\n"
    )
    rows = zip(offsets, (1000, 8000, 8001), strict=True)
    (folder / "ami.times.tsv").write_text(
        "conn\toffset\tms\tkind\tname\n" + "".join(f"0\t{at}\t{T0 + ms}\tEvent\tX\n" for at, ms in rows)
    )
    (folder / "etc" / "queues.conf").write_text("[sales]\nservicelevel=20\n")
    (folder / "queue_log").write_bytes(QUEUE_LOG)
    return folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_capture(tmp_path / "run")


def fault(folder: Path) -> str:
    with pytest.raises(CaptureError) as caught:
        play(open_capture(folder), site=SiteId("t"))
    return str(caught.value)


def pack(file: Path) -> Path:
    packed = file.with_name(file.name + ".zst")
    packed.write_bytes(zstandard.ZstdCompressor().compress(file.read_bytes()))
    file.unlink()
    return packed


def test_the_times_of_the_capture_are_the_times_of_the_events(folder: Path) -> None:
    played = play(open_capture(folder), site=SiteId("t"))
    today = played.floor.numbers(played.ended_at)[0].today
    assert (today.abandoned, today.abandoned_wait_ms) == (1, 7000)


@pytest.mark.parametrize("name", ["ami.raw", "ami.times.tsv", "ami.conns.tsv", "etc/queues.conf"])
def test_a_missing_file_is_named_with_where_to_read_on(folder: Path, name: str) -> None:
    (folder / name).unlink()
    text = fault(folder)
    assert name.rpartition("/")[2] in text
    assert "docs/replay.md" in text


@pytest.mark.parametrize("name", ["ami.raw", "ami.times.tsv", "ami.conns.tsv", "etc/queues.conf"])
def test_each_file_may_be_packed(folder: Path, name: str) -> None:
    pack(folder / name)
    assert play(open_capture(folder), site=SiteId("t")).floor.state.contacts == 1


@pytest.mark.parametrize("keep", [0, 1, 3, 10, -1])
def test_a_packed_file_that_was_cut_short_is_not_played_as_if_it_were_whole(folder: Path, keep: int) -> None:
    """A copy that broke off decodes without an error up to the break."""
    packed = pack(folder / "ami.raw")
    packed.write_bytes(packed.read_bytes()[:keep])
    text = fault(folder)
    assert "ami.raw.zst" in text
    assert "copy it again" in text


def test_a_packed_file_that_is_something_else_is_named(folder: Path) -> None:
    pack(folder / "ami.raw").write_bytes(b"PK\x03\x04 a zip, not zstd")
    assert "copy it again" in fault(folder)


def test_a_packed_file_of_several_frames_is_read_to_its_end(tmp_path: Path) -> None:
    """`cat a.zst b.zst`, or a compressor that flushed."""
    pack_one = zstandard.ZstdCompressor().compress
    (tmp_path / "x.zst").write_bytes(pack_one(b"one ") + pack_one(b"two"))
    assert read_file(tmp_path / "x") == b"one two"


def test_a_folder_that_is_none_is_named() -> None:
    assert "ami.conns.tsv" in fault(Path("/nonexistent/run"))


def test_a_row_of_wrong_length_is_named_with_file_and_line(folder: Path) -> None:
    with (folder / "ami.times.tsv").open("a") as file:
        file.write("0\t12\n")
    assert "ami.times.tsv:5: 2 columns instead of 5" in fault(folder)


@pytest.mark.parametrize("name", ["ami.times.tsv", "ami.conns.tsv"])
@pytest.mark.parametrize("word", ["soon", "-1", "²", "9" * 5000, ""])
def test_a_number_that_is_none_is_named_with_its_file(folder: Path, name: str, word: str) -> None:
    with (folder / name).open("a") as file:
        file.write(f"{word}\tami.raw\t1\t2\t3\tx\n" if "conns" in name else f"{word}\t1\t2\tEvent\tX\n")
    assert "stands where a number should" in fault(folder)


def test_a_capture_without_connections_is_named(folder: Path) -> None:
    (folder / "ami.conns.tsv").write_text("conn\tfile\tconnected\tdisconnected\tbytes\tend\n")
    assert "names no connection" in fault(folder)


@pytest.mark.parametrize("name", ["../ami.raw", "/etc/hostname", "", ".", ".."])
def test_a_connection_file_outside_the_folder_is_refused(folder: Path, name: str) -> None:
    """A capture comes from somebody else; it may not make us read other files."""
    (folder / "ami.conns.tsv").write_text(f"h\th\th\th\th\th\n0\t{name}\t{T0}\t{T0}\t0\tx\n")
    assert "stands beside it" in fault(folder)


# --- floorwatch replay

QUEUE_KEYS = {
    "offered",
    "answered",
    "abandoned",
    "overflowed",
    "turned_away",
    "transferred_out",
    "waiting",
    "talking",
    "service_level",
    "wait_ms",
    "talk_ms",
}
AGENT_KEYS = {"state", "reason", "answered", "talk_ms", "hold_ms", "not_ready_ms"}


def replay(*arguments: object) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, ["replay", "asterisk", *map(str, arguments)])
    return result.exit_code, result.stdout, result.stderr


def printed(*arguments: object) -> dict[str, Any]:
    code, out, _ = replay(*arguments, "--json")
    assert code in (0, 1)
    told: dict[str, Any] = json.loads(out)
    return told


def with_an_agent(folder: Path) -> Path:
    added = frame("QueueMemberAdded", Queue="sales", MemberName="李 雷", Interface="PJSIP/1001", Status=1, Paused=0)
    with (folder / "ami.raw").open("ab") as file:
        file.write(added)
    return folder


def test_the_json_has_the_agreed_shape(folder: Path) -> None:
    """DESIGN section 4 and docs/replay.md: keys may be added, none renamed."""
    told = printed(with_an_agent(folder))
    assert set(told) == {"contacts", "queues", "agents", "gaps", "anomalies", "repairs", "refused"}
    queue, agent = told["queues"]["sales"], told["agents"]["1001"]
    added = {"lost", "target_ms", "hold_ms", "wrap_up_ms", "answered_unseen", "messages", "outbound", "tiers"}
    assert set(queue) == QUEUE_KEYS | added
    assert (set(queue["wait_ms"]), set(queue["talk_ms"])) == ({"sum", "max"}, {"sum"})
    assert {frozenset(one) for one in queue["service_level"].values()} == {
        frozenset(("numerator", "denominator", "percent"))
    }
    assert set(agent) == AGENT_KEYS | {"name"}
    assert agent["name"] == "李 雷"


def test_nothing_of_nothing_is_no_percentage(folder: Path) -> None:
    assert printed(folder)["queues"]["sales"]["service_level"]["answered_only"] == {
        "numerator": 0,
        "denominator": 0,
        "percent": None,
    }


def test_a_queue_log_that_agrees_is_exit_code_0(folder: Path) -> None:
    code, out, _ = replay(folder, "--queue-log", folder / "queue_log", "--json")
    assert (code, json.loads(out)["queue_log"]) == (
        0,
        {"unreadable_lines": 0, "differences": [], "corrected": {}, "agent_lines_in_gaps": {}},
    )


def test_each_difference_from_a_queue_log_is_named_and_exit_code_1(folder: Path) -> None:
    (folder / "queue_log").write_bytes(QUEUE_LOG + b"9|2.2|vip|NONE|ENTERQUEUE||139|1\ntorn\n")
    code, out, _ = replay(folder, "--queue-log", folder / "queue_log", "--json")
    told = json.loads(out)["queue_log"]
    assert (code, told["unreadable_lines"]) == (1, 1)
    assert told["differences"] == ["vip: offered: events 0, queue_log 1"]


def test_people_are_shown_the_same_differences(folder: Path) -> None:
    (folder / "queue_log").write_bytes(b"9|2.2|[bold]vip|NONE|ENTERQUEUE||139|1\n")
    code, out, _ = replay(folder, "--queue-log", folder / "queue_log")
    assert code == 1
    assert "[bold]vip: offered: events 0, queue_log 1" in out


def test_no_capture_is_exit_code_2_and_says_what_to_give(tmp_path: Path) -> None:
    code, out, error = replay(tmp_path / "nowhere", "--json")
    assert (code, out) == (2, "")
    assert "ami.conns.tsv" in error


def test_a_missing_queue_log_is_exit_code_2(folder: Path) -> None:
    assert replay(folder, "--queue-log", folder / "other")[0] == 2


def test_gaps_and_refusals_are_printed(folder: Path) -> None:
    """A second connection after two seconds of silence, and one frame without a head."""
    (folder / "ami.2.raw").write_bytes(BANNER + b"no head\r\n\r\n" + JOIN)
    (folder / "ami.conns.tsv").write_text(
        "conn\tfile\tconnected\tdisconnected\tbytes\tend\n"
        f"0\tami.raw\t{T0}\t{T0 + 10_000}\t1\teof\n"
        f"1\tami.2.raw\t{T0 + 12_000}\t{T0 + 20_000}\t1\tcapture ended\n"
    )
    told = printed(folder)
    assert told["gaps"] == [{"from": T0 + 10_000, "to": None, "reason": "disconnected"}]
    assert told["refused"] == {"headless": 1}
