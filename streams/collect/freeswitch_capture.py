"""A captured event socket on disk, played again in virtual time. In: a folder of bytes, times, lists. Out: the floor.

The bytes go through the same wire, translate and floor code as a live connection's; the polled lists are the pictures.
Folder layout: docs/switches/freeswitch.md. May not know: what the bytes say.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal, TypeVar

import msgspec

from streams.collect.capture import CaptureError, read_file
from streams.collect.freeswitch_lists import ListsAsked
from streams.floor.fold import Floor
from streams.floor.outputs import Output
from streams.translate.freeswitch import WANTED, FreeswitchTranslator
from streams.vocabulary.events import Event
from streams.vocabulary.ids import Millis, SiteId, SourceId
from streams.wire.esl import EslParser

Format = Literal["plain", "json"]
_STEM: Final[dict[Format, str]] = {"plain": "ev", "json": "json"}


class Read(msgspec.Struct, frozen=True):
    """One read of the socket: `n` bytes at `t`."""

    off: int
    t: int
    n: int


class Polled(msgspec.Struct, frozen=True):
    """One list command, asked at `t`, answered at `t2`."""

    t: int
    t2: int
    cmd: str
    answer: str


class _ConnectionRow(msgspec.Struct, frozen=True):
    t: int
    conn: str
    ev: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EslConnection:
    """`lost_at`: None where it was still open when the capture ended."""

    connected_at: Millis
    lost_at: Millis | None
    data: bytes
    reads: tuple[Read, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EslCapture:
    connections: tuple[EslConnection, ...]
    polls: tuple[Polled, ...]
    ended_at: Millis


Row = TypeVar("Row")
_NEVER: Final = Millis(0)


@dataclass(slots=True, kw_only=True)
class EslPlayed:
    """The floor at the capture's end, and everything that was passed by, refused or only noticed, by name."""

    floor: Floor
    ended_at: Millis
    messages: int = 0
    events: int = 0
    passed_by: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    noticed: Counter[str] = field(default_factory=Counter)


def open_esl_capture(folder: Path, *, form: Format | None = None) -> EslCapture:
    """`form` None: plain where it was captured, else JSON. Raises CaptureError where the folder is no capture."""
    if not folder.is_dir():
        raise CaptureError(f"{folder} is no folder: give the folder that holds ev.1.raw and conns.jsonl")
    rows = _rows(folder / "conns.jsonl", _ConnectionRow)
    if form is None:
        form = "plain" if _numbers(rows, "ev") else "json"
    stem = _STEM[form]
    numbers = _numbers(rows, stem)
    if not numbers:
        raise CaptureError(f"{folder / 'conns.jsonl'} names no {stem}.N connection: this capture has no {form} events")
    connections = tuple(_connection(folder, f"{stem}.{number}", rows, last=number == numbers[-1]) for number in numbers)
    return EslCapture(
        connections=connections,
        polls=_rows(folder / "poll.jsonl", Polled) if _stands(folder / "poll.jsonl") else (),
        ended_at=Millis(
            max(row.t for row in rows if row.conn == f"{stem}.{numbers[-1]}" and row.ev != "close_by_client")
        ),
    )


def _numbers(rows: Sequence[_ConnectionRow], stem: str) -> list[int]:
    found = {int(match[1]) for row in rows if (match := re.fullmatch(rf"{stem}\.([1-9]\d{{0,5}})", row.conn))}
    return sorted(found)


def _connection(folder: Path, name: str, rows: Sequence[_ConnectionRow], *, last: bool) -> EslConnection:
    """The capture's own end is no loss: whoever captured said goodbye to the last connection."""
    times = {row.ev: row.t for row in rows if row.conn == name}
    if "connected" not in times:
        raise CaptureError(f"{folder / 'conns.jsonl'} does not say when {name} was connected")
    data = read_file(folder / f"{name}.raw")
    reads = _rows(folder / f"{name}.times.jsonl", Read)
    ends = not last or "close_by_client" not in times
    lost_at = times.get("closed", reads[-1].t if reads else times["connected"]) if ends else None
    return EslConnection(
        connected_at=Millis(times["connected"]),
        lost_at=None if lost_at is None else Millis(lost_at),
        data=data,
        reads=reads,
    )


def _stands(path: Path) -> bool:
    return path.is_file() or path.with_name(path.name + ".zst").is_file()


def _rows(path: Path, kind: type[Row]) -> tuple[Row, ...]:
    decoder = msgspec.json.Decoder(kind)
    rows: list[Row] = []
    for number, line in enumerate(read_file(path).split(b"\n"), start=1):
        if not line:
            continue
        try:
            rows.append(decoder.decode(line))
        except msgspec.DecodeError as error:
            raise CaptureError(f"{path}:{number}: {error}: copy the file again") from error
    return tuple(rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Step:
    """What happened at one moment: bytes of a connection, or a list command's asking or answer."""

    at: Millis
    read: Read | None = None
    asked: Polled | None = None
    answered: Polled | None = None


@dataclass(slots=True, kw_only=True)
class _Player:
    capture: EslCapture
    translator: FreeswitchTranslator
    played: EslPlayed | None
    heard_at: Millis = _NEVER
    lists: ListsAsked | None = None

    def events(self) -> Iterator[Event]:
        polls = list(self.capture.polls)
        for number, connection in enumerate(self.capture.connections):
            later = self.capture.connections[number + 1 :]
            until = connection.lost_at if connection.lost_at is not None else self.capture.ended_at
            mine = [one for one in polls if connection.connected_at <= one.t and (not later or one.t < until)]
            yield from self._connection(connection, mine)

    def _connection(self, connection: EslConnection, polls: Sequence[Polled]) -> Iterator[Event]:
        yield from self.translator.connected(connection.connected_at)
        self.heard_at = connection.connected_at
        self.lists = None
        parser = EslParser(WANTED)
        for step in _steps(connection, polls):
            if step.read is not None:
                self.heard_at = step.at
                for message in parser.feed(connection.data[step.read.off : step.read.off + step.read.n]):
                    yield from self.translator.translate(message, step.at)
            elif step.asked is not None:
                if ListsAsked.begins(step.asked.cmd):
                    self.lists = ListsAsked()
                    yield from self.translator.picture_asked(step.at)
            elif step.answered is not None and self.lists is not None:
                yield from self._answered(self.lists, step.answered, step.at)
        if self.played is not None:
            self.played.messages += parser.messages
            self.played.passed_by += parser.messages - parser.kept
            self.played.refused.update(parser.malformed)
        if connection.lost_at is not None:
            yield from self.translator.lost(self.heard_at)

    def _answered(self, lists: ListsAsked, polled: Polled, at: Millis) -> Iterator[Event]:
        lists.answered(polled.cmd, polled.answer)
        if not lists.is_complete:
            return
        self.lists = None
        drawn = lists.lists()
        if self.played is not None:
            self.played.refused.update(lists.refused)
        if drawn is None:
            self.translator.picture_failed()
        else:
            yield from self.translator.picture(drawn, at)


def _steps(connection: EslConnection, polls: Sequence[Polled]) -> list[_Step]:
    """In order of time; at one moment the bytes come first, and lists stay in the order they were asked for."""
    reads = [_Step(at=Millis(read.t), read=read) for read in connection.reads]
    lists: list[_Step] = []
    for polled in polls:
        lists.append(_Step(at=Millis(polled.t), asked=polled))
        lists.append(_Step(at=Millis(polled.t2), answered=polled))
    return sorted(reads + lists, key=lambda step: (step.at, step.read is None))


def esl_events_of(
    capture: EslCapture, translator: FreeswitchTranslator, *, played: EslPlayed | None = None
) -> Iterator[Event]:
    """Every event of the capture in order."""
    player = _Player(capture=capture, translator=translator, played=played)
    yield from player.events()
    if played is not None:
        played.refused.update(translator.malformed)
        played.refused.update(translator.untold)
        played.noticed.update(translator.noticed)


def play_esl(capture: EslCapture, *, site: SiteId, outputs: list[Output] | None = None) -> EslPlayed:
    """The whole capture into a new floor. `outputs`: where facts and changes are collected, if wanted."""
    floor = Floor(site)
    played = EslPlayed(floor=floor, ended_at=capture.ended_at)
    for event in esl_events_of(capture, FreeswitchTranslator(site=site, source=SourceId("freeswitch")), played=played):
        played.events += 1
        told = floor.apply(event)
        if outputs is not None:
            outputs.extend(told)
    told = floor.advance(played.ended_at)
    if outputs is not None:
        outputs.extend(told)
    return played
