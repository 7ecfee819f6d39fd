"""What the doctor thinks of what was measured. In: plain facts about a machine. Out: Finding values.

Pure, so that a full disk or a clock in the past needs no full disk to be tested. May not know: how facts are gathered.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import PurePath

from alerts.holidays import KNOWN_YEARS
from streams.vocabulary.ids import Millis


class Level(StrEnum):
    OK = "ok"
    WARNING = "warning"
    """works, but not as well as it could, or not for long"""
    PROBLEM = "problem"
    """will not work"""


@dataclass(frozen=True, slots=True)
class Finding:
    """`mend` is empty when there is nothing to mend."""

    level: Level
    subject: str
    what: str
    mend: str


_GB = 1_000_000_000
_FREE_NEEDED = 1 * _GB
_FREE_WANTED = 10 * _GB
_FULL_SHARE = 0.85
_OLDEST_PYTHON = (3, 11)
_WANTED_FORMATS = frozenset({"WAV", "FLAC", "OGG", "MP3"})


def judge_python(version: tuple[int, int]) -> Finding:
    text = "Python " + ".".join(map(str, version))
    if version < _OLDEST_PYTHON:
        return Finding(Level.PROBLEM, "python", f"{text} is too old", "use Python 3.11 or newer")
    return Finding(Level.OK, "python", text, "")


def judge_clock(now: Millis, *, newest_file_at: int) -> Finding:
    """A clock that runs before the program was installed is wrong for sure; small errors cannot be seen from inside."""
    if now < newest_file_at - 86_400_000:
        mend = "set the clock (timedatectl set-ntp true): every record carries its time"
        return Finding(Level.PROBLEM, "clock", "the clock shows a time before Floorwatch was installed", mend)
    return Finding(Level.OK, "clock", "after the installation, as it should be", "")


def judge_disk(folder: PurePath, *, free: int, total: int) -> Finding:
    text = f"{folder}: {free / _GB:.1f} GB of {total / _GB:.1f} GB free"
    mend = "free space there, or move store.data to a larger disk"
    if free < _FREE_NEEDED:
        return Finding(Level.PROBLEM, "data folder", text, mend)
    if free < _FREE_WANTED or free < total * (1 - _FULL_SHARE):
        return Finding(Level.WARNING, "data folder", text, mend)
    return Finding(Level.OK, "data folder", f"{text}, writable", "")


def judge_audio_formats(formats: Collection[str] | None) -> Finding:
    """`formats` as libsndfile names them; None: it could not be loaded."""
    subject = "audio formats"
    if formats is None:
        mend = "reinstall the soundfile package; its wheel brings libsndfile"
        return Finding(Level.PROBLEM, subject, "soundfile cannot be loaded", mend)
    if missing := sorted(_WANTED_FORMATS - set(formats)):
        mend = "upgrade libsndfile to 1.1 or newer, or install ffmpeg"
        return Finding(Level.WARNING, subject, f"libsndfile cannot read {', '.join(missing)}", mend)
    return Finding(Level.OK, subject, f"{len(formats)} through libsndfile", "")


_ADDED = {
    "soundfile": "WAV in all codings, FLAC, Ogg, Opus, MP3, AIFF, AU, CAF",
    "pyav": "adds AMR-NB/WB, AAC, WMA, MP4 and Matroska",
    "ffmpeg": "a last resort for what its own build adds",
}


def judge_decoders(usable: Mapping[str, str] | None, *, voice_detector: bool) -> list[Finding]:
    """`usable`: engine to version, in the order they are asked; None: the decoder's process could not start."""
    subject = "audio decoders"
    if usable is None or "soundfile" not in usable:
        mend = "reinstall the soundfile package; its wheel brings libsndfile"
        return [Finding(Level.PROBLEM, subject, "the decoder's process does not start", mend)]
    told = "; ".join(f"{name} {version}: {_ADDED.get(name, '')}" for name, version in usable.items())
    findings = [Finding(Level.OK, subject, told, "")]
    if "pyav" not in usable and "ffmpeg" not in usable:
        mend = "reinstall the av package, or install the ffmpeg program, if recordings come as AMR, AAC, WMA or films"
        findings = [Finding(Level.WARNING, subject, told, mend)]
    if not voice_detector:
        mend = "reinstall webrtcvad-wheels; until then speech is found by loudness alone"
        findings.append(Finding(Level.WARNING, "voice detector", "webrtcvad cannot be loaded", mend))
    return findings


def judge_holidays(schedules: Collection[str], *, soon: date) -> list[Finding]:
    """`schedules`: those of alert rules that go by China's calendar; `soon`: a day some weeks ahead."""
    if not schedules or soon.year in KNOWN_YEARS:
        return []
    what = f"China's holidays are known to the end of {KNOWN_YEARS[-1]}; schedules that ask for them: "
    mend = f"write the days of {soon.year} as days_off and work_days, or install a newer Floorwatch"
    return [Finding(Level.WARNING, "alerts", what + ", ".join(sorted(schedules)), mend)]


def judge_source_greeting(subject: str, where: str, banner: bytes) -> Finding:
    """Asterisk's manager interface speaks first: "Asterisk Call Manager/11.0.0"."""
    if banner.startswith(b"Asterisk Call Manager/"):
        version = banner.strip().decode("ascii", "replace")[:60]
        return Finding(Level.OK, subject, f"{where}: {version}", "")
    mend = "point host and port at the switch's manager interface (AMI), usually 5038; with TLS 5039 and tls = true"
    return Finding(Level.PROBLEM, subject, f"{where}: something else than a manager interface answers", mend)


def judge_event_socket_greeting(subject: str, where: str, first_line: bytes) -> Finding:
    """FreeSWITCH's event socket speaks first, too: "Content-Type: auth/request"."""
    if first_line.strip() == b"Content-Type: auth/request":
        return Finding(Level.OK, subject, f"{where}: an event socket", "")
    if first_line.startswith(b"Content-Type: text/rude-rejection"):
        mend = "name this machine in apply-inbound-acl of event_socket.conf.xml"
        return Finding(Level.PROBLEM, subject, f"{where}: the event socket rejects this address", mend)
    mend = "point host and port at mod_event_socket (usually 8021)"
    return Finding(Level.PROBLEM, subject, f"{where}: something else than an event socket answers", mend)
