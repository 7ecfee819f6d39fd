"""An archive is a stranger's: nothing of it lands outside its folder, and nothing fills the disk."""

import stat
import zipfile
from pathlib import Path

import pytest

from monitor.model_record import Trust, judge_digest, read_records, write_record
from monitor.model_unpack import ArchiveLimits, FetchFault, FetchReason, unpack
from streams.vocabulary.ids import Millis
from tests.unit.model_folders import zipped


def archive(tmp_path: Path, *entries: tuple[str | zipfile.ZipInfo, bytes]) -> Path:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as opened:
        for name, body in entries:
            opened.writestr(name, body)
    return tmp_path / "a.zip"


def linked(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name)
    entry.external_attr = (stat.S_IFLNK | 0o777) << 16
    return entry


def test_a_models_archive_is_its_single_top_folder(tmp_path: Path) -> None:
    """As the official archives are made."""
    (tmp_path / "into").mkdir()
    found = unpack(zipped(tmp_path / "m.zip"), tmp_path / "into")
    assert found == tmp_path / "into" / "vosk-model-small-cn-0.22"
    assert (found / "am" / "final.mdl").stat().st_size == 100


@pytest.mark.parametrize(
    "entry",
    ["../evil", "a/../../evil", "/evil", "a\\..\\evil", "C:/evil", "a//b", linked("link")],
    ids=["up", "up later", "absolute", "backslash", "drive", "empty part", "symbolic link"],
)
def test_an_entry_that_leads_out_is_refused_before_a_byte_is_written(
    tmp_path: Path, entry: str | zipfile.ZipInfo
) -> None:
    """Zip slip: the archive is refused whole, whatever else it holds."""
    (tmp_path / "into").mkdir()
    with pytest.raises(FetchFault) as fault:
        unpack(archive(tmp_path, ("good", b"x"), (entry, b"../../etc")), tmp_path / "into")
    assert fault.value.reason is FetchReason.UNSAFE_ARCHIVE
    assert list((tmp_path / "into").iterdir()) == []
    assert not (tmp_path / "evil").exists()


def test_too_many_bytes_or_files_are_refused_by_what_the_archive_announces(tmp_path: Path) -> None:
    """A bomb of zeros is small as a file."""
    (tmp_path / "into").mkdir()
    bomb = archive(tmp_path, ("zeros", bytes(10_000)), ("more", b"1"))
    for limits in (ArchiveLimits(bytes=10_000), ArchiveLimits(files=1)):
        with pytest.raises(FetchFault) as fault:
            unpack(bomb, tmp_path / "into", limits=limits)
        assert fault.value.reason is FetchReason.TOO_LARGE


@pytest.mark.parametrize("cut", [0, 30, -10], ids=["empty", "cut off", "without its end"])
def test_a_damaged_archive_is_said_to_be_none(tmp_path: Path, cut: int) -> None:
    """With what to do about it."""
    (tmp_path / "into").mkdir()
    whole = zipped(tmp_path / "m.zip").read_bytes()
    (tmp_path / "m.zip").write_bytes(whole[:cut])
    with pytest.raises(FetchFault, match="--from") as fault:
        unpack(tmp_path / "m.zip", tmp_path / "into")
    assert fault.value.reason is FetchReason.NOT_AN_ARCHIVE


def test_bytes_changed_inside_are_noticed(tmp_path: Path) -> None:
    """By the archive's own checksums."""
    (tmp_path / "into").mkdir()
    whole = bytearray(zipped(tmp_path / "m.zip", size=5_000).read_bytes())
    whole[3_000] ^= 1
    (tmp_path / "m.zip").write_bytes(whole)
    with pytest.raises(FetchFault) as fault:
        unpack(tmp_path / "m.zip", tmp_path / "into")
    assert fault.value.reason is FetchReason.NOT_AN_ARCHIVE


def test_a_digest_is_the_told_one_else_the_first_one(tmp_path: Path) -> None:
    """Trust on first use, written down beside the models."""
    assert judge_digest("aa", told="", recorded=None) is Trust.FIRST_USE
    assert judge_digest("aa", told="AA", recorded=None) is Trust.TOLD
    write_record(tmp_path, "m", sha256="aa", url="", at=Millis(1), size=1, trust=Trust.FIRST_USE)
    recorded = read_records(tmp_path)["m"]
    assert judge_digest("aa", told="", recorded=recorded) is Trust.AS_BEFORE
    with pytest.raises(FetchFault, match="is bb, the one of the fetch recorded"):
        judge_digest("bb", told="", recorded=recorded)


def test_a_record_nobody_can_read_is_not_taken_for_none(tmp_path: Path) -> None:
    """Else a damaged file would mean trust anew."""
    (tmp_path / "fetched.json").write_text("{")
    with pytest.raises(FetchFault, match="restore"):
        read_records(tmp_path)
