"""A capture of an Asterisk written by hand, for a `Switch` to play. In: what is said when. Out: a capture's folder."""

from dataclasses import dataclass, field
from pathlib import Path

from tests.ami_story import CONF, frame
from tests.faults.switch import BANNER, LOGIN

T0 = 1_795_291_200_000
TALKER, AGENT_LEG = "1795291200.2", "1795291201.3"
UNTIL_MS = 90_000
SOURCE = """[[source]]
kind = "asterisk"
id = "ast"
host = "127.0.0.1"
port = {port}
username = "floorwatch"
secret = "of-this-test-only"
queues_conf = "{queues}"
"""


@dataclass
class Tape:
    """A capture written by hand."""

    raw: bytes = BANNER + LOGIN
    times: list[tuple[int, int]] = field(default_factory=lambda: [(0, 0)])

    def say(self, at_ms: int, name: str, **fields: str | int) -> None:
        self.times.append((len(self.raw), at_ms))
        self.raw += frame(name, **fields)

    def picture(self, at_ms: int, *, waiting: dict[str, str], since_ms: int | None = None) -> None:
        """Two queues, one agent of sales; `waiting`: caller -> queue; `since_ms`: of the talk that goes on."""
        for queue in ("sales", "support"):
            self.say(at_ms, "QueueParams", Queue=queue, Completed=0, Abandoned=0, ServiceLevel=20)
        busy = int(since_ms is not None)
        member: dict[str, str | int] = {"Name": "Anna", "Location": "PJSIP/1001", "Penalty": 0, "Paused": 0}
        self.say(at_ms, "QueueMember", Queue="sales", **member, Status=1 + busy, InCall=busy, LastCall=0, LastPause=0)
        for caller, queue in waiting.items():
            self.say(at_ms, "QueueEntry", Queue=queue, Uniqueid=caller, Wait=1, Position=1)
        self.say(at_ms, "QueueStatusComplete")
        for caller, queue in waiting.items():
            self._channel(at_ms, caller, "PJSIP/trunk-00000001", "Queue", queue, "", caller)
        if since_ms is not None:
            age = f"00:{(at_ms - since_ms) // 60_000:02d}:{(at_ms - since_ms) // 1000 % 60:02d}"
            self._channel(at_ms, TALKER, "PJSIP/trunk-00000002", "Queue", "sales", "b", TALKER)
            self._channel(at_ms, AGENT_LEG, "PJSIP/1001-00000003", "AppQueue", "", "b", TALKER, Duration=age)
        self.say(at_ms, "CoreShowChannelsComplete")

    def _channel(
        self, at_ms: int, uniqueid: str, name: str, application: str, data: str, bridge: str, linked: str, **more: str
    ) -> None:
        call = {"Application": application, "ApplicationData": data, "BridgeId": bridge, "Linkedid": linked}
        self.say(at_ms, "CoreShowChannel", Uniqueid=uniqueid, Channel=name, **call, **more)

    def save(self, folder: Path) -> Path:
        (folder / "etc").mkdir(parents=True)
        (folder / "etc" / "queues.conf").write_text(CONF)
        (folder / "ami.raw").write_bytes(self.raw)
        times = "".join(f"0\t{offset}\t{T0 + at}\tEvent\t-\n" for offset, at in self.times)
        (folder / "ami.times.tsv").write_text("conn\toffset\tepoch_ms\tkind\tname\n" + times)
        row = f"0\tami.raw\t{T0}\t{T0 + UNTIL_MS}\t{len(self.raw)}\tcapture ended\n"
        (folder / "ami.conns.tsv").write_text("conn\tfile\tt_connect_ms\tt_disconnect_ms\tbytes\treason\n" + row)
        return folder
