"""Raw bytes of a real Asterisk to events: how many messages per CPU-second, beside panoramisk on the same bytes.

In: tests/golden/asterisk/dev, fed in the very pieces its socket delivered. Out: one JSON object (see `measure`).
Our side does more: it frames, selects, translates and makes validated events; panoramisk's side frames and makes
`Message`s. Of its two ways the faster one is `ratio`: the body of its `data_received` without dispatch.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import zstandard
from panoramisk import utils as panoramisk_utils
from panoramisk.ami_protocol import AMIProtocol
from panoramisk.message import Message as PanoramiskMessage

from streams.translate.asterisk import WANTED, AsteriskTranslator
from streams.translate.asterisk_words import parse_queues_conf
from streams.vocabulary.ids import Millis, SiteId, SourceId
from streams.wire.ami import AmiParser
from tests.bench import _report

RUN = Path(__file__).parent.parent / "golden" / "asterisk" / "dev"
ROUNDS = 7
LEAST_RATIO = 8.0


@dataclass(frozen=True, slots=True)
class Read:
    """One read of the socket."""

    at: Millis
    data: bytes


@dataclass(frozen=True, slots=True)
class Outcome:
    messages: int
    events: int = 0


def unpacked(path: Path) -> bytes:
    return zstandard.ZstdDecompressor().decompressobj().decompress(path.read_bytes())


def recorded_reads(run: Path) -> list[Read]:
    raw = unpacked(run / "ami.raw.zst")
    rows = unpacked(run / "ami.chunks.tsv.zst").decode("ascii").splitlines()[1:]
    return [Read(Millis(at), raw[start : start + length]) for start, length, at in _cuts(rows)]


def _cuts(rows: list[str]) -> Iterator[tuple[int, int, int]]:
    for row in rows:
        _connection, start, length, at = row.split("\t")
        yield int(start), int(length), int(at)


def ours(reads: list[Read], queues_conf: str) -> Outcome:
    parser = AmiParser(WANTED)
    translator = AsteriskTranslator(
        site=SiteId("bench"), source=SourceId("asterisk"), settings=parse_queues_conf(queues_conf)
    )
    events = len(translator.connected(reads[0].at))
    for read in reads:
        for message in parser.feed(read.data):
            events += len(translator.translate(message, read.at))
    return Outcome(parser.messages, events)


def panoramisk_messages(reads: list[Read]) -> Outcome:
    """AMIProtocol.data_received line for line, less its log calls and its dispatch."""
    queue: deque[str] = deque()
    end = panoramisk_utils.EOL + panoramisk_utils.EOL
    parse = PanoramiskMessage.from_line
    count = 0
    for read in reads:
        data = read.data.decode("utf8", "ignore")
        if queue:
            data = queue.popleft() + data
        lines = data.split(end)
        queue.append(lines.pop(-1))
        for line in lines:
            if parse(line.strip()) is not None:
                count += 1
    return Outcome(count)


class _Nobody:
    """The factory that an AMIProtocol wants; nobody listens."""

    save_stream = None

    def dispatch(self, message: Any) -> None:
        pass

    def connection_lost(self, reason: Any) -> None:
        pass


class _Nowhere:
    def close(self) -> None:
        pass


def panoramisk_protocol(reads: list[Read]) -> None:
    """panoramisk as its users run it, with no callback registered."""
    protocol = AMIProtocol()
    protocol.connection_made(_Nowhere())
    protocol.factory = _Nobody()
    protocol.encoding = "utf8"
    for read in reads:
        protocol.data_received(read.data)


def measure() -> dict[str, _report.Json]:
    reads = recorded_reads(RUN)
    queues_conf = (RUN / "etc" / "queues.conf").read_text(encoding="utf-8")
    mine, theirs = ours(reads, queues_conf), panoramisk_messages(reads)
    # panoramisk makes nothing of the two or three blocks that are no message; more would be no fair comparison
    if abs(mine.messages - theirs.messages) > 3:
        raise RuntimeError(f"not the same work: {mine.messages} messages against {theirs.messages}")
    seconds = _report.alternate(
        ROUNDS,
        {
            "ours": lambda: ours(reads, queues_conf),
            "messages": lambda: panoramisk_messages(reads),
            "protocol": lambda: panoramisk_protocol(reads),
        },
    )
    middle = {side: _report.median(spent) for side, spent in seconds.items()}
    ratio = middle["messages"] / middle["ours"]
    return {
        "messages_per_cpu_second": round(mine.messages / middle["ours"]),
        "ratio": round(ratio, 2),
        "panoramisk_messages_per_cpu_second": round(theirs.messages / middle["messages"]),
        "panoramisk_protocol_messages_per_cpu_second": round(theirs.messages / middle["protocol"]),
        "ratio_to_protocol": round(middle["protocol"] / middle["ours"], 2),
        "events_per_cpu_second": round(mine.events / middle["ours"]),
        "best": {
            "messages_per_cpu_second": round(mine.messages / min(seconds["ours"])),
            "ratio": round(min(seconds["messages"]) / min(seconds["ours"]), 2),
        },
        "least_ratio_wanted": LEAST_RATIO,
        "reached": ratio >= LEAST_RATIO,
        "rounds": ROUNDS,
        "input": {
            "trace": "tests/golden/asterisk/dev",
            "bytes": sum(len(read.data) for read in reads),
            "reads": len(reads),
            "messages": mine.messages,
            "events": mine.events,
        },
        "machine": _report.machine(),
    }


if __name__ == "__main__":
    _report.tell("parse", measure)
