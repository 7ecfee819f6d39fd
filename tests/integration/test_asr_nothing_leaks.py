"""Recordings in which numbers are spoken, through the real pipeline, bus, scorer and stores: nothing of them is left.

What the recogniser really heard is known to this test's memory only; every file of every server is searched for it.
"""

import asyncio
import contextlib
import re
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

import msgspec
import pytest
from redis.asyncio import Redis

from asr.audio import decode
from asr.beep import Beeper
from asr.jobs import RecordingJob
from asr.models import DEMO_CALLS_DIR, describe
from asr.pipeline import transcribe_file
from asr.recognizer_process import RecognizerProcess
from asr.redact import DIGITS, MASK, redact
from asr.transcript import Transcript
from asr.utterances import utterances
from asr.worker import run_worker
from monitor import clock
from monitor.scorer import Scorer
from monitor.transcription import BusPort
from scoring.library import load_scheme
from streams.bus import names
from streams.bus.connection import client
from streams.bus.embedded import EmbeddedBus
from streams.bus.publish import Publisher
from streams.vocabulary.codec import encode
from streams.vocabulary.facts import Fact, ScoreFact
from streams.vocabulary.ids import ContactId, Millis, SiteId
from streams.warehouse.engine import Warehouse
from tests.integration.bus_room import blobs, facts, until
from tests.integration.facts import NOON, migrated, store

pytestmark = [pytest.mark.servers, pytest.mark.vosk, pytest.mark.slow, pytest.mark.timeout(240)]
CALLS = sorted(
    path for path in DEMO_CALLS_DIR.glob("*.flac") if path.name[:3] in ("c01", "c04", "c09", "c13", "c18", "c23")
)
"""Last four digits of an identity card in five, a mobile number in the sixth; the agents' staff numbers may stay."""
PHONE = "15092218270"
LEAST = 3


def heard_by_memory_only(path: Path) -> list[str]:
    """What was hidden, as the recogniser wrote it: one text per utterance."""

    async def hear() -> list[str]:
        model = describe()
        recogniser = RecognizerProcess(model)
        try:
            decoded = await decode(path, rate=model.rate)
            regions = {channel: decoded.of_channel(channel) for channel in range(decoded.channels)}
            recognised = await recogniser.recognise(regions, duration_ms=decoded.duration_ms)
        finally:
            await recogniser.stop()
        raw = utterances(recognised.words, channels=decoded.channels, agent_channel=0)
        clean, _ = redact(raw)
        return [run for one, masked in zip(raw, clean, strict=True) for run in _runs(one.text, masked.text)]

    return asyncio.run(hear())


def _runs(raw: str, masked: str) -> Iterator[str]:
    for match in re.finditer(f"{MASK}{{{LEAST},}}", masked):
        yield raw[match.start() : match.end()]


async def _worked(folder: Path) -> tuple[list[Fact], list[Transcript]]:
    bus = await EmbeddedBus.start(folder)
    redis = client(bus.url)
    try:
        jobs = [
            RecordingJob(
                site=SiteId("hz"), contact=ContactId(f"179526{n:04d}.{n}"), contact_at=Millis(NOON + n), path=str(path)
            )
            for n, path in enumerate(CALLS)
        ]
        await Publisher(redis).publish(names.JOBS_ASR, [msgspec.msgpack.encode(job) for job in jobs])
        port = BusPort(redis, name="transcribe-0")
        await port.open()
        scheme = load_scheme("telecom-service.zh")
        scorer = Scorer(redis, lambda site, queue: [scheme], name="score-0", clock=clock.now)
        running = [asyncio.create_task(run_worker(port)), asyncio.create_task(scorer.run())]
        async with asyncio.timeout(180):
            await until(partial(_scored, redis))
        for task in running:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        told = await facts(redis)
        heard = [msgspec.msgpack.decode(blob, type=Transcript) for blob in await blobs(redis, names.JOBS_SCORE)]
        await asyncio.sleep(1.2)  # the append-only file is synced each second
        return told, heard
    finally:
        await redis.aclose()
        await bus.stop()


async def _scored(redis: Redis) -> bool:
    await asyncio.sleep(0.2)
    return sum(isinstance(fact, ScoreFact) for fact in await facts(redis)) == len(CALLS)


def _left(folders: Sequence[Path], secrets: Sequence[bytes]) -> list[str]:
    files = [path for folder in folders for path in folder.rglob("*") if path.is_file() and not path.is_symlink()]
    assert files
    return [f"{path.name}: {secret.decode()}" for path in files for secret in secrets if secret in path.read_bytes()]


def test_nothing_of_a_spoken_number_is_in_a_store_a_log_or_a_temporary_file(
    warehouse: Warehouse,
    tmp_path: Path,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """Redis' append-only file, ClickHouse's and chDB's folders, every row read back, logs, temporary files."""
    (tmp_path / "tmp").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    spoken = [run for path in CALLS for run in heard_by_memory_only(path)]
    assert len(spoken) >= len(CALLS)  # or there was nothing to hide
    told, heard = asyncio.run(_worked(tmp_path / "bus"))
    store(migrated(warehouse), *told)
    written = capfd.readouterr()
    plain = ["".join(DIGITS[one] for one in run if one in DIGITS) for run in spoken]
    long_plain = [PHONE, *(run for run in plain if len(run) >= 6)]
    secrets = [text.encode() for text in [*(run for run in spoken if len(run) > LEAST), *long_plain]]
    (tmp_path / "log").write_text(written.out + written.err, encoding="utf-8")
    rows = [
        str(row)
        for table in ("recordings", "utterances", "scores")
        for row in warehouse.query(f"SELECT * FROM {table}")
    ]
    (tmp_path / "rows").write_text("\n".join(rows), encoding="utf-8")
    (tmp_path / "facts").write_bytes(b"".join(encode(fact) for fact in told))
    (tmp_path / "transcripts").write_bytes(msgspec.json.encode(heard))
    assert "recording_done" in written.out + written.err
    assert MASK in (tmp_path / "rows").read_text(encoding="utf-8")
    assert _left([tmp_path, tmp_path_factory.getbasetemp()], secrets) == []


def test_what_is_played_cannot_be_heard_again() -> None:
    """The recording as listeners get it, recognised once more: no three digits of the number in a row."""
    call = next(path for path in CALLS if path.name.startswith("c23"))

    async def play() -> Transcript:
        first = await transcribe_file(call)
        beeper = Beeper()
        try:
            return await transcribe_file(await beeper.rendered(call, first.redacted))
        finally:
            await beeper.close()

    again = asyncio.run(play())
    customer = "".join(one.text for one in again.utterances if one.channel == 1)
    digits = "".join(DIGITS.get(one, "|") for one in customer)
    assert customer
    assert MASK not in customer
    assert not [PHONE[at : at + 3] for at in range(len(PHONE) - 2) if PHONE[at : at + 3] in digits]
