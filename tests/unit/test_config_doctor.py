"""What the doctor thinks of a machine."""

from datetime import date
from pathlib import PurePath

import pytest

from monitor.doctor_checks import (
    Finding,
    Level,
    judge_audio_formats,
    judge_clock,
    judge_decoders,
    judge_disk,
    judge_event_socket_greeting,
    judge_holidays,
    judge_python,
    judge_source_greeting,
)
from streams.vocabulary.ids import Millis

GB = 1_000_000_000
INSTALLED = 1_795_000_000_000


@pytest.mark.parametrize(
    ("finding", "level"),
    [
        (judge_python((3, 11)), Level.OK),
        (judge_python((3, 10)), Level.PROBLEM),
        (judge_disk(PurePath("d"), free=20 * GB, total=100 * GB), Level.OK),
        (judge_disk(PurePath("d"), free=9 * GB, total=20 * GB), Level.WARNING),
        (judge_disk(PurePath("d"), free=14 * GB, total=100 * GB), Level.WARNING),
        (judge_disk(PurePath("d"), free=GB // 2, total=100 * GB), Level.PROBLEM),
        (judge_clock(Millis(INSTALLED + 1), newest_file_at=INSTALLED), Level.OK),
        (judge_clock(Millis(0), newest_file_at=INSTALLED), Level.PROBLEM),
        (judge_audio_formats(["WAV", "FLAC", "OGG", "MP3", "AIFF"]), Level.OK),
        (judge_audio_formats(["WAV", "FLAC", "OGG"]), Level.WARNING),
        (judge_audio_formats(None), Level.PROBLEM),
        (judge_decoders({"soundfile": "1.2.2", "pyav": "18.1.0"}, voice_detector=True)[0], Level.OK),
        (judge_decoders({"soundfile": "1.2.2", "ffmpeg": "/usr/bin/ffmpeg"}, voice_detector=True)[0], Level.OK),
        (judge_decoders({"soundfile": "1.2.2"}, voice_detector=True)[0], Level.WARNING),
        (judge_decoders({"soundfile": "1.2.2", "pyav": "18.1.0"}, voice_detector=False)[1], Level.WARNING),
        (judge_decoders(None, voice_detector=True)[0], Level.PROBLEM),
        (judge_source_greeting("s", "h:1", b"Asterisk Call Manager/11.0.0\r\n"), Level.OK),
        (judge_source_greeting("s", "h:1", b"SSH-2.0-OpenSSH\r\n"), Level.PROBLEM),
        (judge_source_greeting("s", "h:1", b""), Level.PROBLEM),
        (judge_event_socket_greeting("s", "h:1", b"Content-Type: auth/request\n"), Level.OK),
        (judge_event_socket_greeting("s", "h:1", b"Content-Type: text/rude-rejection\n"), Level.PROBLEM),
        (judge_event_socket_greeting("s", "h:1", b"Asterisk Call Manager/11.0.0\r\n"), Level.PROBLEM),
    ],
)
def test_what_is_fit_and_what_is_not(finding: Finding, level: Level) -> None:
    assert finding.level is level


@pytest.mark.parametrize(
    "finding", [judge_python((3, 9)), judge_audio_formats(None), judge_clock(Millis(0), newest_file_at=INSTALLED)]
)
def test_a_problem_has_a_mend(finding: Finding) -> None:
    assert finding.mend


@pytest.mark.parametrize(
    ("schedules", "soon", "levels"),
    [
        (["office"], date(2026, 12, 31), []),
        (["office"], date(2031, 1, 1), [Level.WARNING]),
        ([], date(2031, 1, 1), []),
    ],
)
def test_holidays_that_nobody_knows_yet_are_told_before_they_come(
    schedules: list[str], soon: date, levels: list[Level]
) -> None:
    """Else a rule would watch on 春节 as on any other day."""
    assert [finding.level for finding in judge_holidays(schedules, soon=soon)] == levels
