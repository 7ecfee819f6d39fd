"""A switch's file name: below the recordings folder, or refused with a reason."""

import os
from pathlib import Path

import pytest

from monitor.safe_path import PathReason, PathRefused, below


def reason(folder: Path, path: str) -> PathReason:
    with pytest.raises(PathRefused) as refused:
        below(folder, path)
    return refused.value.reason


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    inside = tmp_path / "monitor"
    (inside / "2026").mkdir(parents=True)
    (inside / "2026" / "a.wav").write_bytes(b"RIFF")
    (tmp_path / "secret.wav").write_bytes(b"RIFF")
    return inside


@pytest.mark.parametrize(
    "told",
    [
        "2026/a.wav",
        "./2026/a.wav",
        "2026/../2026/a.wav",
        "not-there-yet.wav",
        "来电 1.wav",
        "%2e%2e%2fsecret.wav",
        "~/a",
    ],
)
def test_a_path_below_the_folder_is_taken_as_it_is(folder: Path, told: str) -> None:
    """Relative paths start at the folder; nothing is decoded or expanded; the file need not be there yet."""
    found = below(folder, told)
    assert found.is_relative_to(folder)
    assert found == (folder / told).resolve()


def test_an_absolute_path_below_the_folder_is_taken(folder: Path) -> None:
    """Asterisk tells MixMonitor's file by its absolute name."""
    assert below(folder, str(folder / "2026" / "a.wav")) == folder / "2026" / "a.wav"


@pytest.mark.parametrize("told", ["../secret.wav", "2026/../../secret.wav", "/etc/passwd", "//etc/passwd", "..", "/"])
def test_a_path_that_leaves_the_folder_is_refused(folder: Path, told: str) -> None:
    """By dots or by an absolute name."""
    assert reason(folder, told) is PathReason.OUTSIDE


def test_a_folder_whose_name_begins_alike_is_outside(folder: Path) -> None:
    """`monitor-private` is not below `monitor`."""
    assert reason(folder, f"{folder}-private/a.wav") is PathReason.OUTSIDE


@pytest.mark.parametrize("link", ["file", "folder"])
def test_a_link_out_of_the_folder_is_refused(folder: Path, link: str) -> None:
    """Links are followed before the decision."""
    (folder / "file").symlink_to(folder.parent / "secret.wav")
    (folder / "folder").symlink_to(folder.parent)
    assert reason(folder, "file" if link == "file" else "folder/secret.wav") is PathReason.OUTSIDE


def test_a_recordings_folder_that_is_itself_a_link_serves_its_files(folder: Path) -> None:
    """A centre mounts its storage elsewhere and links to it; the switch may name either."""
    linked = folder.parent / "linked"
    linked.symlink_to(folder)
    assert below(linked, "2026/a.wav") == folder / "2026" / "a.wav"
    assert below(linked, str(linked / "2026" / "a.wav")) == folder / "2026" / "a.wav"


@pytest.mark.parametrize(
    "told",
    [
        "",
        "a\0.wav",
        "x" * 5_000,
        "x" * 300 + ".wav",
        "\ud800.wav",
        "电" * 90 + ".wav",
        ".",
        "2026/..",
    ],
    ids=["empty", "nul", "5000", "name-of-304-bytes", "lone-surrogate", "name-of-274-bytes", "dot", "the-folder"],
)
def test_what_cannot_name_a_file_is_no_path(folder: Path, told: str) -> None:
    """Nothing that the operating system would choke on later gets on; nor does the folder itself."""
    assert reason(folder, told) is PathReason.NOT_A_PATH


def test_a_circle_of_links_is_no_path(folder: Path) -> None:
    """Following it never ends."""
    (folder / "a").symlink_to(folder / "b")
    (folder / "b").symlink_to(folder / "a")
    assert reason(folder, "a/x.wav") is PathReason.NOT_A_PATH


def test_a_link_to_a_name_that_is_no_utf8_is_no_path(folder: Path) -> None:
    """A job is a message of text; such a name cannot be told to anyone."""
    (folder / "link.wav").symlink_to(os.fsdecode(os.fsencode(folder) + b"/\xff.wav"))
    assert reason(folder, "link.wav") is PathReason.NOT_A_PATH


def test_the_refused_path_is_not_in_the_message(folder: Path) -> None:
    """File names carry telephone numbers; reasons are logged."""
    with pytest.raises(PathRefused) as refused:
        below(folder, "../13800138000.wav")
    assert str(refused.value) == "outside"
