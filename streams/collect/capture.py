"""A captured wire on disk, played again in virtual time. In: a folder of raw bytes and times. Out: the floor after it.

The bytes go through the same wire, translate and floor code as a live connection's. Folder layout: docs/replay.md.
May not know: what the bytes say.
"""

import io
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import zstandard

from streams.floor.fold import Floor
from streams.floor.outputs import Output
from streams.translate.asterisk import WANTED, AsteriskTranslator
from streams.translate.asterisk_words import SwitchSettings, parse_queues_conf
from streams.vocabulary.events import Event
from streams.vocabulary.ids import Millis, QueueName, SiteId, SourceId
from streams.wire.ami import AmiParser, Message
from streams.wire.queue_log import QueueLogLine

READ_BYTES = 192 * 1024
STILL_OPEN = "capture ended"


class CaptureError(Exception):
    """The folder cannot be played; the text names the file and the mend."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """One connection of the capture. `times`: offset of a message's start -> when its last byte was read."""

    number: int
    file: Path
    connected_at: Millis
    disconnected_at: Millis
    reason: str
    times: dict[int, Millis]


@dataclass(frozen=True, slots=True, kw_only=True)
class Capture:
    folder: Path
    connections: tuple[Connection, ...]
    settings: SwitchSettings


@dataclass(slots=True, kw_only=True)
class Played:
    """The floor at the capture's end, and everything that was passed by or refused, by name."""

    floor: Floor
    ended_at: Millis
    messages: int = 0
    events: int = 0
    passed_by: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    corrected: Mapping[QueueName, int] = field(default_factory=dict)
    """visits that queue_log told and the wire did not, by queue"""
    in_gaps: Mapping[str, int] = field(default_factory=dict)
    """pauses and log-ins that queue_log names within gaps, by event: the picture shows only where they led to"""


def read_file(path: Path) -> bytes:
    """`path`, or `path.zst` where that stands instead. Raises CaptureError if neither does or it is damaged."""
    if path.is_file():
        return path.read_bytes()
    packed = path.with_name(path.name + ".zst")
    if not packed.is_file():
        raise CaptureError(f"{path} is missing (nor is {packed.name} there): a capture needs it, see docs/replay.md")
    try:
        return _unpacked(packed.read_bytes())
    except (zstandard.ZstdError, EOFError) as error:
        raise CaptureError(f"{packed} is not a whole zstd file ({error}): copy it again") from error


def _unpacked(data: bytes) -> bytes:
    """All frames; raises EOFError where the last one breaks off, which zstandard's own reader passes over."""
    parts = []
    while True:
        frame = zstandard.ZstdDecompressor().decompressobj()
        parts.append(frame.decompress(data))
        if not frame.eof:
            raise EOFError("it breaks off")
        data = frame.unused_data
        if not data:
            return b"".join(parts)


def open_capture(folder: Path) -> Capture:
    """Raises CaptureError where the folder is no capture."""
    if not folder.is_dir():
        raise CaptureError(f"{folder} is no folder: give the folder that holds ami.raw and ami.conns.tsv")
    times: dict[int, dict[int, Millis]] = {}
    for conn, offset, at, *_ in _rows(folder / "ami.times.tsv", 5):
        times.setdefault(_number(conn, folder), {})[_number(offset, folder)] = Millis(_number(at, folder))
    connections = tuple(
        Connection(
            number=_number(conn, folder),
            file=folder / _plain_name(file, folder),
            connected_at=Millis(_number(connected, folder)),
            disconnected_at=Millis(_number(disconnected, folder)),
            reason=reason,
            times=times.get(_number(conn, folder), {}),
        )
        for conn, file, connected, disconnected, _, reason in _rows(folder / "ami.conns.tsv", 6)
    )
    if not connections:
        raise CaptureError(f"{folder / 'ami.conns.tsv'} names no connection")
    settings = parse_queues_conf(read_file(folder / "etc" / "queues.conf").decode("utf-8", "replace"))
    return Capture(folder=folder, connections=connections, settings=settings)


def _rows(path: Path, columns: int) -> Iterator[list[str]]:
    """The rows after the header."""
    for number, line in enumerate(read_file(path).decode("utf-8", "replace").split("\n"), start=1):
        if number == 1 or not line:
            continue
        row = line.rstrip("\r").split("\t", columns - 1)
        if len(row) != columns:
            raise CaptureError(f"{path}:{number}: {len(row)} columns instead of {columns}")
        yield row


def _plain_name(name: str, folder: Path) -> str:
    """A capture may come from anybody: it names files beside it, nothing else of this machine."""
    if not name or name in (".", "..") or "/" in name or "\\" in name or "\0" in name:
        raise CaptureError(f"{folder / 'ami.conns.tsv'} names {name!r}: give the name of a file that stands beside it")
    return name


def _number(text: str, folder: Path) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 18:
        raise CaptureError(f"{folder}: {text[:40]!r} stands where a number should (ami.times.tsv or ami.conns.tsv)")
    return int(text)


class Player:
    """One translator in virtual time, queue_log beside it: a line is known from the second after its own on."""

    def __init__(self, translator: AsteriskTranslator, log: Sequence[QueueLogLine] | None = None) -> None:
        self._translator = translator
        self._lines = log or ()
        self._next = 0
        self._second = 0
        self._has_log = log is not None
        if self._has_log:
            translator.listen_to_log()

    def connected(self, at: Millis) -> list[Event]:
        return self._translator.connected(at)

    def lost(self, at: Millis) -> list[Event]:
        return self._translator.lost(at)

    def message(self, message: Message, at: Millis) -> list[Event]:
        second = at // 1000
        if self._has_log and second > self._second:
            return [*self._log_until(at), *self._translator.translate(message, at)]
        return self._translator.translate(message, at)

    def finish(self, at: Millis) -> list[Event]:
        """The capture's end: every line there is, and no grace for what the wire might still tell."""
        if not self._has_log:
            return []
        rest, self._next = self._lines[self._next :], len(self._lines)
        return self._translator.log_lines(rest, at, final=True)

    def _log_until(self, at: Millis) -> list[Event]:
        self._second = at // 1000
        start = self._next
        while self._next < len(self._lines) and self._lines[self._next].at_s < self._second:
            self._next += 1
        return self._translator.log_lines(self._lines[start : self._next], at)


def events_of(
    capture: Capture,
    translator: AsteriskTranslator,
    *,
    read_bytes: int = READ_BYTES,
    played: Played | None = None,
    log: Sequence[QueueLogLine] | None = None,
) -> Iterator[Event]:
    """Every event of the capture in order. `read_bytes`: how the bytes are cut, which must not matter."""
    player = Player(translator, log)
    for connection in capture.connections:
        yield from player.connected(connection.connected_at)
        parser = AmiParser(WANTED)
        at = connection.connected_at
        stream = io.BytesIO(read_file(connection.file))
        while data := stream.read(read_bytes):
            for message in parser.feed(data):
                at = connection.times.get(message.offset, at)
                yield from player.message(message, at)
        if played is not None:
            played.messages += parser.messages
            played.passed_by += parser.messages - parser.kept
            played.refused.update(parser.malformed)
        if connection.reason != STILL_OPEN:
            yield from player.lost(connection.disconnected_at)
    yield from player.finish(capture.connections[-1].disconnected_at)
    if played is not None:
        played.refused.update(translator.malformed)
        played.refused.update(translator.untold)


def play(
    capture: Capture,
    *,
    site: SiteId,
    outputs: list[Output] | None = None,
    log: Sequence[QueueLogLine] | None = None,
) -> Played:
    """The whole capture into a new floor. `outputs`: where facts and changes are collected; `log`: queue_log."""
    source = SourceId("asterisk")
    translator = AsteriskTranslator(site=site, source=source, settings=capture.settings)
    floor = Floor(site, targets_ms=capture.settings.targets_ms())
    played = Played(floor=floor, ended_at=capture.connections[-1].disconnected_at)
    for event in events_of(capture, translator, played=played, log=log):
        played.events += 1
        told = floor.apply(event)
        if outputs is not None:
            outputs.extend(told)
    told = floor.advance(played.ended_at)
    if outputs is not None:
        outputs.extend(told)
    if translator.log is not None:
        played.corrected = dict(translator.log.corrected)
        played.in_gaps = dict(translator.log.in_gaps)
    return played
