"""Half of a pair of mono files brings the other along, whoever told of it: no side of a talk is dropped in silence."""

from pathlib import Path

import pytest

from asr.jobs import RecordingJob
from asr.pipeline import halves
from streams.vocabulary.ids import ContactId, Millis, SiteId


def job(path: Path, other: str = "") -> RecordingJob:
    return RecordingJob(
        site=SiteId("s"), contact=ContactId("c"), contact_at=Millis(0), path=str(path), other_path=other
    )


@pytest.mark.parametrize("told", ["1-rx.wav", "1-tx.wav"])
def test_either_half_brings_the_other(tmp_path: Path, told: str) -> None:
    for name in ("1-rx.wav", "1-tx.wav"):
        (tmp_path / name).write_bytes(b"x")
    assert halves(job(tmp_path / told)) == (str(tmp_path / "1-rx.wav"), str(tmp_path / "1-tx.wav"))


def test_a_half_alone_is_heard_alone(tmp_path: Path) -> None:
    (tmp_path / "1-rx.wav").write_bytes(b"x")
    assert halves(job(tmp_path / "1-rx.wav")) == (str(tmp_path / "1-rx.wav"), "")


def test_a_link_beside_it_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "1-rx.wav").write_bytes(b"x")
    (tmp_path / "1-tx.wav").symlink_to("/etc/passwd")
    assert halves(job(tmp_path / "1-rx.wav")) == (str(tmp_path / "1-rx.wav"), "")


def test_what_the_job_says_counts(tmp_path: Path) -> None:
    assert halves(job(tmp_path / "a.wav", "b.wav")) == (str(tmp_path / "a.wav"), "b.wav")
