"""The simulated switch from outside: its socket, its recordings, its captures played by the product itself."""

import asyncio
import json
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from itertools import pairwise
from pathlib import Path

import pytest
import zstandard

from monitor.demo.switch.capture import write_capture
from monitor.demo.switch.centre import build
from monitor.demo.switch.floor import DemoCall
from monitor.demo.switch.server import AmiServer, DropReason
from monitor.demo.switch.sim import Sim, SimOptions
from streams.collect.capture import open_capture, play
from streams.floor.report import report
from streams.vocabulary.ids import Millis, SiteId

START = Millis(1_795_312_800_000)


@pytest.mark.parametrize(("seed", "agents", "speed"), [(1, 60, 3), (2, 200, 1), (3, 20, 6)])
def test_a_replayed_capture_agrees_with_the_truth(tmp_path: Path, seed: int, agents: int, speed: float) -> None:
    """Every count of every queue: the product's own wire, translator and floor against the simulator's books."""
    sim = Sim(build(agents, seed=seed, speed=speed), SimOptions(seed=seed, keep_log=True), start=START)
    write_capture(sim, tmp_path, minutes=12)
    played = play(open_capture(tmp_path), site=SiteId("demo"))
    queues = report(played.floor, now=played.ended_at)["queues"]
    truth = json.loads((tmp_path / "truth.json").read_text())
    for name, counts in truth.items():
        seen = queues[name]
        for word in ("offered", "answered", "abandoned", "waiting", "talking"):
            assert seen[word] == counts[word], (name, word)
        for word in ("overflowed", "turned_away"):
            assert {reason: n for reason, n in seen[word].items() if n} == counts[word], (name, word)
        assert seen["transferred_out"] == counts["transferred_blind"] + counts["transferred_attended"]
    assert not played.refused
    assert played.floor.state.anomalies == {}


def test_asterisks_own_counters_are_shown_as_asterisk_counts(tmp_path: Path) -> None:
    """Completed and Abandoned of the last QueueStatus are what the product's emulation arrives at."""
    sim = Sim(build(60, seed=4, speed=3), SimOptions(seed=4, keep_log=True), start=START)
    write_capture(sim, tmp_path, minutes=10)
    played = play(open_capture(tmp_path), site=SiteId("demo"))
    queues = report(played.floor, now=played.ended_at)["queues"]
    for name, counters in sim.floor.ledger.counters.items():
        level = queues[name]["service_level"]
        assert level["asterisk"]["denominator"] == counters.completed
        assert level["asterisk"]["numerator"] == counters.completed_in_target
        assert level["asterisk2"]["denominator"] == counters.completed + counters.abandoned


def test_the_queue_log_has_the_same_truth(tmp_path: Path) -> None:
    """Counted line by line, as an auditor would."""
    sim = Sim(build(60, seed=5, speed=3), SimOptions(seed=5, keep_log=True), start=START)
    write_capture(sim, tmp_path, minutes=8)
    lines = [line.split("|") for line in (tmp_path / "queue_log").read_text(encoding="utf-8").splitlines()]
    for name, truth in sim.truth().items():
        events = [line[4] for line in lines if line[2] == name]
        assert events.count("ENTERQUEUE") == truth.offered
        assert events.count("CONNECT") == truth.answered
        assert events.count("ABANDON") == truth.abandoned
        assert events.count("EXITWITHTIMEOUT") == truth.overflowed.get("timeout", 0)
        assert events.count("RINGNOANSWER") == truth.declined


def test_a_recording_is_in_place_before_its_contacts_end_is_told(tmp_path: Path) -> None:
    """What `take_recordings` names after a step belongs to a Hangup in that very step."""
    options = SimOptions(
        seed=6,
        calls=[DemoCall(file="a.flac", duration_ms=30_000)],
        recordings_folder=str(tmp_path),
        recording_every_s=2,
    )
    sim = Sim(build(60, seed=6), options, start=START)
    due = []
    for second in range(1, 121):
        messages = sim.step(Millis(START + second * 1000))
        over = {
            dict(one.fields).get("Uniqueid", "") for one in messages if one.name in ("AgentComplete", "BridgeLeave")
        }
        for one in sim.take_recordings():
            assert one.path.rpartition("-")[2].removesuffix(".flac") in over
            due.append(second)
    assert len(due) >= 15
    assert min(due) >= 30
    assert all(later - earlier >= 1 for earlier, later in pairwise(due))


def shapes(raw: bytes) -> dict[str, set[tuple[str, ...]]]:
    """Event name -> every sequence of field names it comes with."""
    found: dict[str, set[tuple[str, ...]]] = {}
    for block in raw.split(b"\r\n\r\n"):
        keys = tuple(line.partition(b": ")[0].decode("utf-8", "replace") for line in block.split(b"\r\n"))
        if keys[0] == "Event":
            name = block.partition(b"\r\n")[0].removeprefix(b"Event: ").decode()
            found.setdefault(name, set()).add(keys)
    return found


def test_every_event_has_the_fields_of_a_real_one_in_their_order(tmp_path: Path) -> None:
    """Against a real Asterisk's bytes; an AgentComplete that lost both channels is known, but not in this trace."""
    packed = Path(__file__).parents[1] / "golden" / "asterisk" / "dev" / "ami.raw.zst"
    with packed.open("rb") as file, zstandard.ZstdDecompressor().stream_reader(file) as reader:
        real = shapes(reader.read())
    sim = Sim(build(60, seed=4, speed=4), SimOptions(seed=4, noise=1, keep_log=True), start=START)
    write_capture(sim, tmp_path, minutes=8)
    odd = {
        name: told - real.get(name, set())
        for name, told in shapes((tmp_path / "ami.raw").read_bytes()).items()
        if told - real.get(name, set())
    }
    gone = ("Event", "Privilege", "Timestamp", "Queue", "Interface", "MemberName", "HoldTime", "TalkTime", "Reason")
    assert odd.pop("AgentComplete", {gone}) == {gone}
    assert odd == {}


# --- over the socket ---------------------------------------------------------------------------------------------


def clock() -> Millis:
    return Millis(time.time_ns() // 1_000_000)


@asynccontextmanager
async def listening(**options: int) -> AsyncIterator[tuple[AmiServer, int]]:
    centre = build(200, seed=1, speed=10)
    server = AmiServer(
        lambda start: Sim(centre, SimOptions(seed=1, noise=1), start=start), clock, user="u", secret="s", **options
    )
    port = await server.listen(0)
    running = asyncio.ensure_future(server.run())
    try:
        yield server, port
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running


class Client:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    @classmethod
    async def connect(cls, port: int) -> "Client":
        client = cls(*await asyncio.open_connection("127.0.0.1", port))
        assert await client.reader.readline() == b"Asterisk Call Manager/11.0.0\r\n"
        return client

    def send(self, **fields: str) -> None:
        self.writer.write("".join(f"{key}: {value}\r\n" for key, value in fields.items()).encode() + b"\r\n")

    async def read(self) -> dict[str, str]:
        block = await asyncio.wait_for(self.reader.readuntil(b"\r\n\r\n"), 10)
        return dict(line.split(": ", 1) for line in block.decode().removesuffix("\r\n\r\n").split("\r\n"))

    async def until(self, key: str, value: str) -> list[dict[str, str]]:
        told = [await self.read()]
        while told[-1].get(key) != value:
            told.append(await self.read())
        return told

    async def close(self) -> None:
        self.writer.close()
        with suppress(ConnectionError):
            await self.writer.wait_closed()


@pytest.mark.servers
def test_a_login_is_answered_and_events_follow() -> None:
    """Response, FullyBooted, then the floor from its first moment on."""

    async def story() -> None:
        async with listening() as (_, port):
            client = await Client.connect(port)
            client.send(Action="Login", ActionID="1", Username="u", Secret="s")
            assert await client.read() == {
                "Response": "Success",
                "ActionID": "1",
                "Message": "Authentication accepted",
            }
            assert (await client.read())["Event"] == "FullyBooted"
            await client.until("Event", "QueueCallerJoin")
            await client.close()

    asyncio.run(story())


@pytest.mark.servers
def test_a_wrong_secret_is_refused_and_nothing_is_told_before_a_login() -> None:
    """In Asterisk's own words, and the connection ends."""

    async def story() -> None:
        async with listening() as (server, port):
            client = await Client.connect(port)
            client.send(Action="QueueStatus", ActionID="0")
            assert (await client.read())["Message"] == "Permission denied"
            client.send(Action="Login", ActionID="1", Username="u", Secret="wrong")
            assert (await client.read())["Message"] == "Authentication failed"
            assert await client.reader.read() == b""
            assert server.sim is None
            await client.close()

    asyncio.run(story())


@pytest.mark.servers
def test_queue_status_lists_every_member_between_the_events() -> None:
    """One QueueParams a queue, one QueueMember a membership, all with the ActionID, and a Complete that counts them."""

    async def story() -> None:
        async with listening() as (server, port):
            client = await Client.connect(port)
            client.send(Action="Login", Username="u", Secret="s")
            await client.until("Event", "AgentConnect")
            client.send(Action="QueueStatus", ActionID="q7")
            told = await client.until("Event", "QueueStatusComplete")
            mine = [one for one in told if one.get("ActionID") == "q7"]
            kinds = [one.get("Event", one.get("Response", "")) for one in mine]
            assert kinds[0] == "Success"
            assert kinds.count("QueueParams") == 6
            assert int(mine[-1]["ListItems"]) == len(mine) - 2
            assert server.sim is not None
            members = sum(len(agent.members) for agent in server.sim.floor.agents.values())
            assert kinds.count("QueueMember") == members
            await client.close()

    asyncio.run(story())


@pytest.mark.servers
def test_a_pause_by_action_is_told_to_everyone() -> None:
    """One QueuePause without Queue: a QueueMemberPause for each queue, on the other client's socket too."""

    async def story() -> None:
        async with listening() as (server, port):
            first, second = await Client.connect(port), await Client.connect(port)
            for client in (first, second):
                client.send(Action="Login", Username="u", Secret="s")
                await client.until("Event", "FullyBooted")
            assert server.sim is not None
            agent = next(one for one in server.sim.floor.agents.values() if len(one.members) > 1 and not one.on_break)
            first.send(Action="QueuePause", ActionID="p", Interface=agent.interface, Paused="true", Reason="小休")
            told = await second.until("Interface", agent.interface)
            while told[-1]["Event"] != "QueueMemberPause":
                told += await second.until("Interface", agent.interface)
            assert told[-1]["PausedReason"] == "小休"
            answer = (await first.until("ActionID", "p"))[-1]
            assert answer["Response"] == "Success"
            first.send(Action="Nonsense", ActionID="n")
            assert (await first.until("ActionID", "n"))[-1]["Message"].startswith("Invalid/unknown command: Nonsense")
            await first.close()
            await second.close()

    asyncio.run(story())


@pytest.mark.servers
def test_a_slow_reader_is_dropped_and_the_other_is_not() -> None:
    """Its buffer is bounded, as Asterisk's writetimeout bounds it; the drop is counted."""

    async def story() -> None:
        async with listening(buffer_limit=100_000, write_timeout_ms=60_000) as (server, port):
            slow = socket.socket()
            slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            slow.setblocking(False)
            await asyncio.get_running_loop().sock_connect(slow, ("127.0.0.1", port))
            await asyncio.get_running_loop().sock_sendall(slow, b"Action: Login\r\nUsername: u\r\nSecret: s\r\n\r\n")
            quick = await Client.connect(port)
            quick.send(Action="Login", Username="u", Secret="s")
            deadline = time.monotonic() + 30
            while not server.dropped and time.monotonic() < deadline:
                await quick.read()
            assert server.dropped == {DropReason.BUFFER_FULL: 1}
            quick.send(Action="Ping", ActionID="still-here")
            assert (await quick.until("ActionID", "still-here"))[-1]["Ping"] == "Pong"
            await quick.close()
            slow.close()

    asyncio.run(story())


@pytest.fixture
def started(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[bytes], int, Path]]:
    command = [sys.executable, "-m", "monitor.demo.switch", "--agents", "20", "--port-file", str(tmp_path / "port")]
    command += ["--conf-file", str(tmp_path / "queues.conf"), "--recordings", str(tmp_path / "monitor")]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 20
        while not (tmp_path / "port").exists() and time.monotonic() < deadline:
            time.sleep(0.05)
        yield process, int((tmp_path / "port").read_text()), tmp_path
    finally:
        process.kill()
        process.wait()


@pytest.mark.servers
def test_the_program_says_its_port_and_ends_orderly(started: tuple[subprocess.Popen[bytes], int, Path]) -> None:
    """`python -m monitor.demo.switch`: port file, queues.conf, Shutdown on SIGTERM, exit code 0."""
    process, port, folder = started
    assert "[billing](desk)" in (folder / "queues.conf").read_text(encoding="utf-8")
    with socket.create_connection(("127.0.0.1", port), timeout=10) as client:
        client.sendall(b"Action: Login\r\nUsername: floorwatch\r\nSecret: demo\r\n\r\n")
        heard = b""
        while b"FullyBooted" not in heard:
            heard += client.recv(4096)
        process.terminate()
        while more := client.recv(65536):
            heard += more
    assert b"Event: Shutdown" in heard
    assert process.wait(timeout=10) == 0


def test_a_wrong_argument_is_said_in_one_line_and_exit_code_2() -> None:
    """No traceback for a person's slip."""
    command = [sys.executable, "-m", "monitor.demo.switch", "--agents", "3", "--capture", "unused"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (2, "a demo centre has 20 to 9999 agents, not 3\n")
