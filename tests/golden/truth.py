"""What really happened, by Asterisk's own files. In: text of queue_log, `queue show`, snapshots.ndjson. Out: values.

Knows nothing of our translator or floor, so that a golden test compares two independent readings of one run. Queue_log
counts whole seconds; its `hold` is our wait. Only `read_text` and the `*_of` functions touch a disk.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import zstandard

GOLDEN = Path(__file__).parent / "asterisk"
RUNS = ("dev", "dev_ringinuse", "mini_exits", "mini_restart")

_OVERFLOW = {"EXITWITHTIMEOUT": "timeout", "EXITWITHKEY": "key", "EXITEMPTY": "empty", "WITHDRAW": "withdrawn"}
_COMPLETE = frozenset({"COMPLETEAGENT", "COMPLETECALLER"})
_TRANSFER = frozenset({"BLINDTRANSFER", "ATTENDEDTRANSFER"})


class TruthError(ValueError):
    """A line of the truth that we do not understand: `place` is its line number, counted from 1."""

    def __init__(self, place: int, line: str, reason: str) -> None:
        super().__init__(f"line {place}: {reason}: {line!r}")
        self.place = place


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueTruth:
    """One queue over the whole log.

    offered = answered + abandoned + sum(overflowed) + cut_waiting + waiting.
    answered = completed + cut_talking + talking.
    `cut_*`: visits that a QUEUESTART found open, so nobody wrote their end.
    """

    offered: int = 0
    answered: int = 0
    abandoned: int = 0
    overflowed: Mapping[str, int] = field(default_factory=dict)
    """Only reasons that occurred: timeout, key, empty, withdrawn."""
    transferred_out: int = 0
    completed: int = 0
    """COMPLETEAGENT + COMPLETECALLER + transferred_out."""
    cut_waiting: int = 0
    cut_talking: int = 0
    waiting: int = 0
    talking: int = 0
    wait_s: int = 0
    """Of answered visits, from CONNECT."""
    max_wait_s: int = 0
    ring_s: int = 0
    talk_s: int = 0
    """Of completed visits."""
    answered_by: Mapping[str, int] = field(default_factory=dict)
    """Member name to number of CONNECTs; a member without a name stands with its interface."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownQueue:
    """One queue's head line of the CLI's `queue show`: Asterisk's own counters."""

    calls: int
    holdtime_s: int
    talktime_s: int
    completed: int
    abandoned: int
    service_level_percent: float
    service_level2_percent: float
    target_s: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberSeen:
    queue: str
    location: str
    name: str
    status: int
    paused: bool
    paused_reason: str
    in_call: bool
    calls_taken: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EntrySeen:
    queue: str
    unique_id: str
    position: int
    wait_s: int
    channel: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ParamsSeen:
    queue: str
    calls: int
    completed: int
    abandoned: int
    target_s: int
    service_level_percent: float
    service_level2_percent: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """One QueueStatus answer: what Asterisk said at some moment in `t_sent <= t <= t_done` (epoch ms)."""

    number: int
    why: str
    t_sent: int
    t_done: int
    queues: tuple[ParamsSeen, ...]
    members: tuple[MemberSeen, ...]
    entries: tuple[EntrySeen, ...]


@dataclass(slots=True)
class _Tally:
    """Counts of one queue while its log is being read; owned by `read_queue_log`."""

    counts: dict[str, int] = field(default_factory=dict)
    overflowed: dict[str, int] = field(default_factory=dict)
    answered_by: dict[str, int] = field(default_factory=dict)
    waiting: list[str] = field(default_factory=list)
    talking: list[str] = field(default_factory=list)

    def add(self, what: str, amount: int = 1) -> None:
        self.counts[what] = self.counts.get(what, 0) + amount

    def enter(self, unique_id: str) -> None:
        self.add("offered")
        self.waiting.append(unique_id)

    def connect(self, unique_id: str, agent: str, data: list[str]) -> None:
        wait_s, ring_s = int(data[0]), int(data[2])
        self.waiting.remove(unique_id)
        self.talking.append(unique_id)
        self.add("answered")
        self.add("wait_s", wait_s)
        self.add("ring_s", ring_s)
        self.counts["max_wait_s"] = max(self.counts.get("max_wait_s", 0), wait_s)
        self.answered_by[agent] = self.answered_by.get(agent, 0) + 1

    def finish(self, unique_id: str, event: str, data: list[str]) -> None:
        self.talking.remove(unique_id)
        self.add("completed")
        self.add("talk_s", int(data[1] if event in _COMPLETE else data[3]))
        if event in _TRANSFER:
            self.add("transferred_out")

    def leave(self, unique_id: str, event: str) -> None:
        self.waiting.remove(unique_id)
        if event == "ABANDON":
            self.add("abandoned")
        else:
            reason = _OVERFLOW[event]
            self.overflowed[reason] = self.overflowed.get(reason, 0) + 1

    def cut(self) -> None:
        """Asterisk started anew: what was open has no closing line and never will."""
        self.add("cut_waiting", len(self.waiting))
        self.add("cut_talking", len(self.talking))
        self.waiting.clear()
        self.talking.clear()

    def value(self) -> QueueTruth:
        return QueueTruth(
            **self.counts,
            overflowed=dict(self.overflowed),
            answered_by=dict(self.answered_by),
            waiting=len(self.waiting),
            talking=len(self.talking),
        )


def read_queue_log(text: str) -> dict[str, QueueTruth]:
    """Truth per queue that had a visit. Raises TruthError for a line that does not fit the lines before it."""
    tallies: dict[str, _Tally] = {}
    for place, line in enumerate(text.split("\n"), start=1):
        if not line:
            continue
        columns = line.split("|")
        if len(columns) < 5:
            raise TruthError(place, line, "fewer than 5 columns")
        _, unique_id, queue, agent, event, *data = columns
        try:
            _count(tallies, unique_id, queue, agent, event, data)
        except (ValueError, IndexError) as error:
            raise TruthError(place, line, f"does not follow from the lines before it ({error})") from error
    return {queue: tally.value() for queue, tally in tallies.items()}


def _count(tallies: dict[str, _Tally], unique_id: str, queue: str, agent: str, event: str, data: list[str]) -> None:
    if event == "QUEUESTART":
        for tally in tallies.values():
            tally.cut()
    elif event == "ENTERQUEUE":
        tallies.setdefault(queue, _Tally()).enter(unique_id)
    elif event == "CONNECT":
        _known(tallies, queue).connect(unique_id, agent, data)
    elif event in _COMPLETE or event in _TRANSFER:
        _known(tallies, queue).finish(unique_id, event, data)
    elif event == "ABANDON" or event in _OVERFLOW:
        _known(tallies, queue).leave(unique_id, event)


def _known(tallies: dict[str, _Tally], queue: str) -> _Tally:
    if queue not in tallies:
        raise ValueError(f"nobody entered queue {queue!r}")
    return tallies[queue]


_SHOWN = re.compile(
    r"^(?P<queue>\S+) has (?P<calls>\d+) calls? \(max [^)]*\) in '[^']*' strategy "
    r"\((?P<holdtime>\d+)s holdtime, (?P<talktime>\d+)s talktime\), W:\d+, C:(?P<completed>\d+), A:(?P<abandoned>\d+), "
    r"SL:(?P<sl>[\d.]+)%, SL2:(?P<sl2>[\d.]+)% within (?P<target>\d+)s"
)


def read_queue_show(text: str) -> dict[str, ShownQueue]:
    """Asterisk's counters per queue; the last head line of a queue counts."""
    shown: dict[str, ShownQueue] = {}
    for line in text.split("\n"):
        match = _SHOWN.match(line)
        if match is None:
            continue
        shown[match["queue"]] = ShownQueue(
            calls=int(match["calls"]),
            holdtime_s=int(match["holdtime"]),
            talktime_s=int(match["talktime"]),
            completed=int(match["completed"]),
            abandoned=int(match["abandoned"]),
            service_level_percent=float(match["sl"]),
            service_level2_percent=float(match["sl2"]),
            target_s=int(match["target"]),
        )
    return shown


def read_snapshots(text: str) -> list[Snapshot]:
    """Every complete QueueStatus answer, in the order asked; other actions and failed answers are left out."""
    snapshots: list[Snapshot] = []
    for line in text.split("\n"):
        if not line:
            continue
        row = json.loads(line)
        if row["action"] != "QueueStatus" or not row["ok"]:
            continue
        items = list(_messages(row["raw"]))
        if not any(item.get("Event") == "QueueStatusComplete" for item in items):
            continue
        snapshots.append(
            Snapshot(
                number=row["n"],
                why=row["why"],
                t_sent=row["t_sent"],
                t_done=row["t_done"],
                queues=tuple(_params(item) for item in items if item.get("Event") == "QueueParams"),
                members=tuple(_member(item) for item in items if item.get("Event") == "QueueMember"),
                entries=tuple(_entry(item) for item in items if item.get("Event") == "QueueEntry"),
            )
        )
    return snapshots


def _messages(raw: str) -> Iterator[dict[str, str]]:
    for block in raw.split("\r\n\r\n"):
        if block:
            pairs = (line.partition(":") for line in block.split("\r\n") if line)
            yield {key: value.strip(" ") for key, _, value in pairs}


def _member(item: dict[str, str]) -> MemberSeen:
    return MemberSeen(
        queue=item["Queue"],
        location=item["Location"],
        name=item["Name"],
        status=int(item["Status"]),
        paused=item["Paused"] == "1",
        paused_reason=item["PausedReason"],
        in_call=item["InCall"] == "1",
        calls_taken=int(item["CallsTaken"]),
    )


def _entry(item: dict[str, str]) -> EntrySeen:
    return EntrySeen(
        queue=item["Queue"],
        unique_id=item["Uniqueid"],
        position=int(item["Position"]),
        wait_s=int(item["Wait"]),
        channel=item["Channel"],
    )


def _params(item: dict[str, str]) -> ParamsSeen:
    return ParamsSeen(
        queue=item["Queue"],
        calls=int(item["Calls"]),
        completed=int(item["Completed"]),
        abandoned=int(item["Abandoned"]),
        target_s=int(item["ServiceLevel"]),
        service_level_percent=float(item["ServicelevelPerf"]),
        service_level2_percent=float(item["ServicelevelPerf2"]),
    )


def read_text(path: Path) -> str:
    """The file, or its `.zst` beside it."""
    if path.exists():
        return path.read_bytes().decode("utf-8")
    packed = path.with_name(path.name + ".zst").read_bytes()
    return zstandard.ZstdDecompressor().decompressobj().decompress(packed).decode("utf-8")


def queue_log_of(run: str) -> dict[str, QueueTruth]:
    return read_queue_log(read_text(GOLDEN / run / "queue_log"))


def queue_show_of(run: str) -> dict[str, ShownQueue]:
    """Only dev and dev_ringinuse kept a final `queue show`."""
    return read_queue_show(read_text(GOLDEN / run / "final_queue_show.txt"))


def snapshots_of(run: str) -> list[Snapshot]:
    return read_snapshots(read_text(GOLDEN / run / "snapshots.ndjson"))
