"""A whole capture folder without sockets. In: a Sim, virtual minutes. Out: ami.raw and its companions, as real traces.

Shell: writes files. Files: ami.raw, ami.times.tsv, ami.conns.tsv, ami.sent.tsv, queue_log, etc/queues.conf and
truth.json, the simulator's own counts to compare a replay with.
"""

import json
from dataclasses import asdict
from pathlib import Path
from typing import BinaryIO, TextIO

from monitor.demo.switch.ami_bytes import BANNER, Message, render
from monitor.demo.switch.answers import answer, fully_booted, success
from monitor.demo.switch.centre import queues_conf
from monitor.demo.switch.ledger import seconds
from monitor.demo.switch.recordings import put_in_place
from monitor.demo.switch.sim import Sim
from streams.vocabulary.ids import Millis

_STEP_MS = 1000
_POLL_EVERY_MS = 60_000
_ON_LOGIN = ("QueueStatus", "QueueSummary", "CoreShowChannels", "DeviceStateList", "BridgeList")
_ON_POLL = ("QueueStatus", "QueueSummary", "CoreShowChannels")


class _Tape:
    def __init__(self, raw: BinaryIO, times: TextIO, sent: TextIO) -> None:
        self._raw, self._times, self._sent = raw, times, sent
        self.offset = 0
        times.write("conn\toffset\tepoch_ms\tkind\tname\n")
        sent.write("conn\trecv_offset\tepoch_ms\ttext\n")

    def banner(self, at: Millis) -> None:
        self._times.write(f"0\t0\t{at}\tBanner\tAsterisk Call Manager/11.0.0\n")
        self.offset += self._raw.write(BANNER)

    def messages(self, messages: list[Message]) -> None:
        blocks = []
        for message in messages:
            self._times.write(f"0\t{self.offset}\t{message.at}\t{message.kind}\t{message.name}\n")
            block = render(message)
            self.offset += len(block)
            blocks.append(block)
        self._raw.write(b"".join(blocks))

    def action(self, sim: Sim, name: str, number: int) -> None:
        action_id = f"ami-0-{name}-{number}"
        self._sent.write(f"0\t{self.offset}\t{sim.now}\tAction: {name}\\r\\nActionID: {action_id}\\r\\n\\r\\n\n")
        self.messages(answer(sim, {"action": name, "actionid": action_id}))


def write_capture(sim: Sim, folder: Path, *, minutes: float) -> None:
    """`sim` needs `keep_log`. Overwrites the files of an earlier capture in the folder."""
    (folder / "etc").mkdir(parents=True, exist_ok=True)
    (folder / "etc" / "queues.conf").write_text(queues_conf(sim.centre), encoding="utf-8")
    start, end = sim.now, Millis(sim.now + round(minutes * 60_000))
    with (
        (folder / "ami.raw").open("wb") as raw,
        (folder / "ami.times.tsv").open("w", encoding="utf-8") as times,
        (folder / "ami.sent.tsv").open("w", encoding="utf-8") as sent,
    ):
        tape = _Tape(raw, times, sent)
        tape.banner(start)
        login = {"actionid": "ami-0-login"}
        tape.messages([success(sim, login, "Authentication accepted"), fully_booted(sim, seconds(start))])
        for name in _ON_LOGIN:
            tape.action(sim, name, 0)
        _run(sim, tape, start, end)
        size = tape.offset
    conns = (
        f"conn\tfile\tt_connect_ms\tt_disconnect_ms\tbytes\treason\n0\tami.raw\t{start}\t{end}\t{size}\tcapture ended\n"
    )
    (folder / "ami.conns.tsv").write_text(conns, encoding="utf-8")
    (folder / "queue_log").write_text(sim.queue_log(), encoding="utf-8")
    truth = {name: asdict(counts) for name, counts in sim.truth().items()}
    (folder / "truth.json").write_text(json.dumps(truth, indent=1), encoding="utf-8")


def _run(sim: Sim, tape: _Tape, start: Millis, end: Millis) -> None:
    polls = 0
    at = start
    while at < end:
        at = Millis(min(at + _STEP_MS, end))
        messages = sim.step(at)
        for due in sim.take_recordings():
            put_in_place(due)
        tape.messages(messages)
        if at - start >= (polls + 1) * _POLL_EVERY_MS or at == end:
            polls += 1
            for name in _ON_POLL:
                tape.action(sim, name, polls)
