"""Records of Amazon Connect, or pushed events, played again in virtual time. In: files. Out: the floor after them.

The same translators and the same floor as live ones; what would be refused live is refused here. May not know: clocks,
so that the same file gives the same result on any day.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import msgspec

from streams.collect.capture import CaptureError, read_file
from streams.collect.connect_files import PACKED, look
from streams.floor.fold import Floor
from streams.floor.outputs import Output
from streams.floor.reorder import REFOLD_HARMLESS_MS
from streams.translate.amazon_connect import ConnectTranslator
from streams.translate.push import RefusedLine, judge_line
from streams.vocabulary.events import Event, SourceConnected
from streams.vocabulary.ids import Millis, SiteId, SourceId
from streams.vocabulary.states import Order
from streams.wire.ndjson import cut

ZST: Final = ".zst"
MOST_REFUSED_SHOWN: Final = 20
BEGINNING: Final = Millis(0)
LATEST: Final = Millis(4_102_444_800_000)
"""2100: what is later is absurd in any recording"""


@dataclass(slots=True, kw_only=True)
class Replayed:
    """`refused_lines`: the first of them, for whoever has to mend the file."""

    floor: Floor
    ended_at: Millis = BEGINNING
    messages: int = 0
    events: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    refused_lines: list[RefusedLine] = field(default_factory=list)
    outputs: list[Output] = field(default_factory=list)


def play_connect(path: Path, *, site: SiteId) -> Replayed:
    """A file of NDJSON or a folder of such, `.zst` too. Raises CaptureError."""
    translator = ConnectTranslator(site=site, source=SourceId("connect"))
    replayed = Replayed(floor=Floor(site))
    events: list[Event] = []
    for file in _files(path):
        data = _read(file)
        records, taken = cut(data, complete=True)
        if data[taken:].strip():
            replayed.refused["torn_line"] += 1
        for record in records:
            events += translator.translate(record, LATEST)
        replayed.messages += len(records)
    replayed.refused += translator.refused + translator.passed_by
    first = min((event.at for event in events), default=BEGINNING)
    _fold(replayed, [*translator.connected(first), *events] if events else [])
    return replayed


def play_push(path: Path, *, order: Order = Order.TIMED) -> Replayed:
    """One file of vocabulary events, as they would be pushed. Its first line says the site. Raises CaptureError."""
    if path.is_dir():
        raise CaptureError(f"{path} is a folder: give one file of events, one JSON object a line")
    lines = [line.strip(b" \t\r") for line in _read(path).removeprefix(b"\xef\xbb\xbf").split(b"\n")]
    probes = [probe for line in lines if line and (probe := _probe_of(line)) is not None]
    site = next((probe.site for probe in probes if probe.site), SiteId("replay"))
    sources = frozenset(probe.source for probe in probes if probe.source)
    replayed = Replayed(floor=Floor(site))
    events: list[Event] = []
    for number, line in enumerate(lines, start=1):
        if not line:
            continue
        replayed.messages += 1
        told = judge_line(line, number=number, site=site, sources=sources, now=LATEST)
        if not isinstance(told, RefusedLine):
            events.append(told)
            continue
        replayed.refused[told.reason] += 1
        if len(replayed.refused_lines) < MOST_REFUSED_SHOWN:
            replayed.refused_lines.append(told)
    first = min((event.at for event in events), default=BEGINNING)
    begun = [
        SourceConnected(at=first, site=site, source=source, seq=0, order=order)
        for source in sorted(sources)
        if order is not Order.ARRIVAL
    ]
    _fold(replayed, [*begun, *events] if events else [])
    return replayed


class _Probe(msgspec.Struct):
    site: SiteId = SiteId("")
    source: SourceId = SourceId("")


_decode_probe = msgspec.json.Decoder(_Probe).decode


def _probe_of(line: bytes) -> _Probe | None:
    try:
        return _decode_probe(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None  # judged, and refused by name, later


def _fold(replayed: Replayed, events: Iterable[Event]) -> None:
    floor = replayed.floor
    for event in events:
        replayed.events += 1
        replayed.ended_at = max(replayed.ended_at, event.at)
        replayed.outputs += floor.apply(event)
    # what came out of order is put in its place a little later
    replayed.outputs += floor.advance(Millis(replayed.ended_at + REFOLD_HARMLESS_MS))


def _files(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    try:
        found, packed = look(path)
    except OSError as error:
        raise CaptureError(f"{path} is neither a file nor a folder: give NDJSON of Amazon Connect") from error
    if other := [name for name in packed if not name.endswith(ZST)]:
        raise CaptureError(f"{path / other[0]} is packed: unpack it, or pack it with zstd")
    files = sorted([one.path for one in found] + [path / name for name in packed])
    if not files:
        raise CaptureError(f"{path} holds no file: give NDJSON of Amazon Connect")
    return files


def _read(file: Path) -> bytes:
    """Raises CaptureError."""
    if file.name.endswith(PACKED) and file.suffix != ZST:
        raise CaptureError(f"{file} is packed: unpack it, or pack it with zstd")
    try:
        return read_file(file.with_suffix("") if file.suffix == ZST else file)
    except OSError as error:
        raise CaptureError(f"{file} cannot be read ({error.strerror}): check its rights") from error
