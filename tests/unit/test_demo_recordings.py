"""The demo's calls as recordings: found, measured, put in place whole."""

from pathlib import Path

import pytest
import soundfile

from monitor.demo.switch.floor import RecordingDue
from monitor.demo.switch.recordings import NoDemoCalls, Put, demo_calls_folder, put_in_place, read_calls


def test_every_demo_call_is_found_with_its_length() -> None:
    """STREAMINFO says what libsndfile says."""
    calls = read_calls(demo_calls_folder())
    assert len(calls) == 24
    for call in calls:
        assert abs(call.duration_ms - soundfile.info(call.file).duration * 1000) <= 1


def test_a_recording_appears_whole_at_its_path(tmp_path: Path) -> None:
    """Its folder is made, nothing half-written stays."""
    source = tmp_path / "call.flac"
    source.write_bytes(b"fLaC" + bytes(100))
    target = tmp_path / "monitor" / "billing-1.2.flac"
    put_in_place(RecordingDue(path=str(target), file=str(source)))
    assert target.read_bytes() == source.read_bytes()
    assert [path for path in target.parent.iterdir() if path.is_file()] == [target]


def test_whoever_writes_into_a_recording_spares_the_package(tmp_path: Path) -> None:
    """It happened: a link to the package's own file let a test of bad recordings destroy the demo's calls."""
    source = tmp_path / "call.flac"
    source.write_bytes(b"fLaC" + bytes(100))
    due = RecordingDue(path=str(tmp_path / "monitor" / "billing-1.2.flac"), file=str(source))
    assert put_in_place(due) is Put.IN_PLACE
    Path(due.path).write_bytes(b"x")
    assert source.read_bytes() == b"fLaC" + bytes(100)
    put_in_place(due)
    assert Path(due.path).read_bytes() == source.read_bytes()


def test_a_disk_that_takes_nothing_does_not_stop_the_switch(tmp_path: Path) -> None:
    """A full disk ends an Asterisk's recordings, not its calls: the file is missing and nothing half-written stays."""
    target = tmp_path / "monitor" / "billing-1.2.flac"
    assert put_in_place(RecordingDue(path=str(target), file=str(tmp_path / "gone.flac"))) is Put.NOT_WRITTEN
    assert not any(path.is_file() for path in target.parent.rglob("*"))


def test_a_folder_without_calls_is_named(tmp_path: Path) -> None:
    """So is a file that only calls itself FLAC."""
    with pytest.raises(NoDemoCalls, match="--calls"):
        read_calls(tmp_path)
    (tmp_path / "a.flac").write_bytes(b"RIFF")
    with pytest.raises(NoDemoCalls, match=r"a\.flac is not FLAC"):
        read_calls(tmp_path)
