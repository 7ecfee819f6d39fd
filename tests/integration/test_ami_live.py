"""The collector on real sockets: TLS that is verified, refused actions, gaps, queue_log, a day played by a switch."""

import asyncio
import itertools
import ssl
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from monitor import clock
from streams.collect.ami_client import AmiAddress, AmiClient
from streams.collect.ami_log import AmiLog
from streams.collect.capture import read_file
from streams.collect.connection import Pace, TlsFileError
from streams.floor.fold import Floor
from streams.floor.report import report
from streams.translate.asterisk import AsteriskTranslator
from streams.translate.asterisk_filters import filters_missing
from streams.translate.asterisk_words import SwitchSettings, parse_queues_conf
from streams.vocabulary.events import ContactCorrected, Event, ResyncEnded, SourceHeard, SourceLost, TalkSeen
from streams.vocabulary.ids import SiteId, SourceId
from streams.vocabulary.states import Outcome
from tests.ami_story import frame
from tests.golden.truth import GOLDEN, queue_log_of
from tests.integration.test_ami_client import ACCEPTED, BANNER, BOOTED, JOIN, Line, ScriptedSwitch, in_loop

pytestmark = pytest.mark.servers

SITE, SOURCE = SiteId("gz"), SourceId("ast")
QUICK = Pace(ping_every_s=0.05, silent_s=1.0, resync_every_s=0.2, first_pause_s=0.01, longest_pause_s=0.05)


class Live:
    def __init__(self, client: AmiClient, told: list[Event], port: int) -> None:
        self.client, self.told, self.port = client, told, port

    def of(self, kind: type[Event]) -> list[Event]:
        return [one for one in self.told if isinstance(one, kind)]

    async def until(self, done: Callable[[], bool], seconds: float = 10) -> None:
        async with asyncio.timeout(seconds):
            for _ in itertools.takewhile(lambda _: not done(), itertools.count()):
                await asyncio.sleep(0.01)


@asynccontextmanager
async def live(
    *scripts: Callable[[Line], Awaitable[None]],
    served: ssl.SSLContext | None = None,
    pace: Pace = QUICK,
    settings: SwitchSettings | None = None,
    queue_log: Path | None = None,
    place: Path | None = None,
    **address: Any,
) -> AsyncIterator[Live]:
    switch = ScriptedSwitch(*scripts)
    server = await asyncio.start_server(switch.accept, "127.0.0.1", 0, ssl=served)
    port: int = server.sockets[0].getsockname()[1]
    told: list[Event] = []

    async def publish(events: Sequence[Event]) -> None:
        told.extend(events)

    translator = AsteriskTranslator(site=SITE, source=SOURCE, settings=settings or SwitchSettings())
    reach = AmiAddress(host="127.0.0.1", port=port, username="fw", secret="s", **address)
    log = AmiLog(queue_log, translator, position=place) if queue_log is not None else None
    client = AmiClient(reach, translator, publish=publish, clock=clock.now, pace=pace, queue_log=log)
    task = asyncio.create_task(client.run())
    try:
        yield Live(client, told, port)
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        server.close()
        for line in switch.lines:
            line.writer.close()
        await asyncio.sleep(0.02)


async def answering(line: Line) -> None:
    """A switch with one agent in one queue and no calls, which answers what it is asked."""
    line.say(BANNER)
    await line.action()
    line.say(ACCEPTED, BOOTED)
    while True:
        match await line.action():
            case "Ping":
                line.say(b"Response: Success\r\nPing: Pong\r\n\r\n")
            case "QueueStatus":
                line.say(AGENT, frame("QueueStatusComplete", EventList="Complete"))
            case "CoreShowChannels":
                line.say(frame("CoreShowChannelsComplete", EventList="Complete"))


AGENT = frame("QueueMember", Queue="sales", Name="Anna", Location="PJSIP/1001", Paused=0, Status=1)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A key and a certificate for 127.0.0.1 and `pbx.example`, signed by itself."""
    folder = tmp_path_factory.mktemp("tls")
    key, cert = folder / "key.pem", folder / "cert.pem"
    subject = ("-subj", "/CN=pbx.example", "-addext", "subjectAltName=DNS:pbx.example,IP:127.0.0.1")
    command = ("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", *subject)
    subprocess.run([*command, "-keyout", key, "-out", cert], check=True, capture_output=True)
    return key, cert


def served_with(certificate: tuple[Path, Path]) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate[1], certificate[0])
    return context


def test_tls_with_the_centres_own_authority_is_heard(certificate: tuple[Path, Path]) -> None:
    @in_loop
    async def run() -> None:
        async with live(answering, served=served_with(certificate), tls=True, tls_ca=certificate[1]) as seen:
            await seen.until(lambda: bool(seen.of(ResyncEnded)))

    run()


@pytest.mark.parametrize("given", [{}, {"name": "other.example"}])
def test_a_certificate_nobody_vouches_for_is_never_spoken_to(
    certificate: tuple[Path, Path], given: dict[str, str]
) -> None:
    """Neither one that is not signed by a known authority, nor one for another name: no login, no secret."""
    trusted: dict[str, Any] = {"tls_ca": certificate[1], "tls_name": given["name"]} if given else {}

    @in_loop
    async def run() -> None:
        async with live(answering, served=served_with(certificate), tls=True, **trusted) as seen:
            await seen.until(lambda: seen.client.counts.lost["refused"] >= 2)
            assert seen.client.counts.connections == 0

    run()


def test_a_missing_authority_file_is_named_at_once(tmp_path: Path) -> None:
    address = AmiAddress(host="x", port=1, username="u", secret="s", tls=True, tls_ca=tmp_path / "ca.pem")
    with pytest.raises(TlsFileError, match=r"ca\.pem.*give PEM files"):
        address.context()


@in_loop
async def test_a_ping_that_is_answered_is_a_sign_of_life() -> None:
    """Nothing happens on the floor, but what is known is still so."""
    async with live(answering) as seen:
        await seen.until(lambda: len(seen.of(SourceHeard)) >= 3)


@in_loop
async def test_a_gap_begins_with_the_last_byte_heard_not_when_the_silence_was_noticed() -> None:
    async def falls_silent(line: Line) -> None:
        line.say(BANNER)
        await line.action()
        line.say(ACCEPTED, BOOTED, JOIN)
        await line.until_gone()

    async with live(falls_silent, pace=Pace(silent_s=0.5, first_pause_s=5, ping_every_s=60)) as seen:
        await seen.until(lambda: seen.client.counts.lost["silent"] == 1)
        noticed = clock.now()
        await seen.until(lambda: len(seen.of(SourceLost)) == 2)
        assert noticed - seen.of(SourceLost)[1].at >= 450


@in_loop
async def test_a_user_without_the_right_to_list_channels_still_gets_his_picture() -> None:
    """write = system,reporting is missing: agents are known, talks are not compared; counted, and asked only once."""
    asked: list[str] = []

    async def stingy(line: Line) -> None:
        line.say(BANNER)
        await line.action()
        line.say(ACCEPTED, BOOTED)
        while True:
            action = await line.action()
            asked.append(action)
            if action in ("CoreShowChannels", "BridgeList"):
                number = line.heard[-1]["ActionID"].encode()
                line.say(b"Response: Error\r\nActionID: " + number + b"\r\nMessage: Permission denied\r\n\r\n")
            elif action == "QueueStatus":
                line.say(AGENT, frame("QueueStatusComplete", EventList="Complete"))

    async with live(stingy) as seen:
        await seen.until(lambda: len(seen.of(ResyncEnded)) >= 3)
        assert seen.client.counts.refused["action_denied"] == 2
        assert (asked.count("CoreShowChannels"), asked.count("BridgeList")) == (1, 1)


@in_loop
async def test_noise_is_counted_so_that_somebody_may_advise_filters() -> None:
    async def noisy(line: Line) -> None:
        line.say(BANNER)
        await line.action()
        line.say(ACCEPTED, BOOTED, frame("RTCPSent", SSRC=1) * 500)
        await line.until_gone()

    async with live(noisy) as seen:
        await seen.until(lambda: seen.client.counts.passed_by >= 499)
        assert filters_missing(messages=2_000, passed_by=seen.client.counts.passed_by * 4)


@in_loop
async def test_a_real_day_over_a_real_socket_ends_as_its_queue_log_says() -> None:
    """mini_exits byte for byte in pieces of 1,000, on a connection that then closes; the floor counts every way out."""
    raw = read_file(GOLDEN / "mini_exits" / "ami.raw")
    conf = parse_queues_conf((GOLDEN / "mini_exits" / "etc" / "queues.conf").read_text("utf-8"))

    async def playing(line: Line) -> None:
        await line.action()
        for start in range(0, len(raw), 1000):
            line.say(raw[start : start + 1000])
            await line.writer.drain()
        line.writer.write_eof()
        await line.until_gone()

    async with live(playing, settings=conf, pace=Pace(first_pause_s=30)) as seen:
        await seen.until(lambda: seen.client.counts.lost["closed"] == 1)
        floor = Floor(SITE, targets_ms=conf.targets_ms())
        for event in seen.told:
            floor.apply(event)
        told = report(floor, now=clock.now())["queues"]
    for queue, truth in queue_log_of("mini_exits").items():
        assert (told[queue]["offered"], told[queue]["abandoned"]) == (truth.offered, truth.abandoned)
        assert told[queue]["overflowed"] == dict(truth.overflowed)


@in_loop
async def test_a_visit_that_only_the_log_saw_is_told_from_it(tmp_path: Path) -> None:
    """It happens while nobody is connected; the place in the log is found again by the next collector."""
    log, place = tmp_path / "queue_log", tmp_path / "place"
    now = clock.now() // 1000
    log.write_text(f"{now - 90}|9.9|sales|NONE|ENTERQUEUE||139|1\n{now - 80}|9.9|sales|NONE|ABANDON|1|1|10\n")

    async def away(line: Line) -> None:
        line.writer.close()

    async with live(away, answering, queue_log=log, place=place) as seen:
        await seen.until(lambda: bool(seen.of(ResyncEnded)))
        with log.open("a") as held:
            held.write(f"{now - 8}|1.1|sales|NONE|ENTERQUEUE||138|1\n{now - 7}|1.1|sales|Anna|CONNECT|1|2.2|1\n")
            held.write(f"{now - 5}|1.1|sales|Anna|COMPLETEAGENT|1|2|1\n")
        await seen.until(lambda: bool(seen.of(ContactCorrected)))
        (told,) = seen.of(ContactCorrected)
        assert isinstance(told, ContactCorrected)
        assert (told.contact, told.outcome, told.agent, told.talk_ms) == ("1.1", Outcome.ANSWERED, "1001", 2000)
        assert not seen.of(TalkSeen)
