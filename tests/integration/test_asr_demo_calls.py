"""The demo calls through the real decoder and recogniser: words, times, scores, cost.

`pytest -s` prints the figures that docs/rules.md and docs/asr.md quote.
"""

import asyncio
import os
import re
import signal
import statistics
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import jiwer
import psutil
import pytest
import soundfile
from msgspec.structs import replace

from asr.audio import decode
from asr.jobs import RecordingJob
from asr.models import describe
from asr.pipeline import transcribe, transcribe_file
from asr.recognizer_process import Recognised, RecognizerProcess
from asr.redact import MASK
from asr.second_look import SECOND_LOOK
from asr.text import join
from asr.transcript import Transcript
from asr.wire import Region
from scoring.case import Case
from scoring.library import load_scheme
from scoring.rules import ItemKind
from scoring.score import ScoreResult, score
from streams.vocabulary.ids import ContactId, Millis, SiteId
from tests.unit.demo_truth import APPLY, DemoCall, demo_calls

pytestmark = [pytest.mark.vosk, pytest.mark.slow]
CALLS = demo_calls()
SCHEME = load_scheme("telecom-service.zh")


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    transcripts: Mapping[str, Transcript]
    rss_mb: float


async def _run() -> Run:
    model = describe()
    recogniser = RecognizerProcess(model)
    transcripts = {}
    try:
        for call in CALLS:
            job = RecordingJob(
                site=SiteId("demo"), contact=ContactId(call.name), contact_at=Millis(0), path=str(call.audio)
            )
            transcripts[call.name] = await transcribe(job, model=model, recogniser=recogniser)
        assert recogniser.pid is not None
        return Run(transcripts=transcripts, rss_mb=psutil.Process(recogniser.pid).memory_info().rss / 2**20)
    finally:
        await recogniser.stop()


@pytest.fixture(scope="module")
def run() -> Run:
    return asyncio.run(_run())


def text_of(transcript: Transcript, channel: int) -> str:
    return "".join(said.text for said in transcript.utterances if said.channel == channel)


def cer(pairs: list[tuple[str, str]]) -> float:
    """Over all pairs; a masked digit stands for whatever digit was there."""
    truths, heard = [], []
    for truth, found in pairs:
        truths.append(re.sub("[零幺一二三四五六七八九]", "●", truth) if "●" in found else truth)
        heard.append(re.sub("[零幺一二三四五六七八九]", "●", found) if "●" in found else found)
    return float(jiwer.cer(truths, heard))


def test_characters_are_heard(run: Run) -> None:
    """Through regions and redaction: at most 3.2 % wrong; agents at most 2.5 %."""
    pairs = [[(call.texts[ch], text_of(run.transcripts[call.name], ch)) for call in CALLS] for ch in (0, 1)]
    print(f"\nCER all {cer(pairs[0] + pairs[1]):.4f} agent {cer(pairs[0]):.4f} customer {cer(pairs[1]):.4f}")
    assert cer(pairs[0] + pairs[1]) < 0.032
    assert cer(pairs[0]) < 0.025


def test_a_doubtful_utterance_tells_what_else_it_may_have_been(run: Run) -> None:
    """Only such a one; never where digits are hidden."""
    all_said = [said for transcript in run.transcripts.values() for said in transcript.utterances]
    several = [said for said in all_said if said.alternatives]
    assert len(several) >= 5
    assert all(min(word.confidence for word in said.words) < SECOND_LOOK.word_below for said in several)
    assert not any(MASK in text for said in several for text in (said.text, *said.alternatives))


class CrashesAtSecondLooks(RecognizerProcess):
    """Its child dies of a signal as soon as it is asked again."""

    async def reconsider(self, regions: Mapping[int, Sequence[Region]], *, texts: int) -> Recognised:
        assert self.pid is not None
        os.kill(self.pid, signal.SIGSEGV)
        return await super().reconsider(regions, texts=texts)


def test_a_second_look_that_fails_costs_no_transcript(run: Run) -> None:
    """The same utterances, without alternatives; a note says why there are none."""
    name, before = next((n, t) for n, t in run.transcripts.items() if any(said.alternatives for said in t.utterances))
    job = RecordingJob(
        site=before.site,
        contact=before.contact,
        contact_at=before.contact_at,
        path=str(next(call.audio for call in CALLS if call.name == name)),
    )

    async def again() -> Transcript:
        recogniser = CrashesAtSecondLooks(describe())
        try:
            return await transcribe(job, model=describe(), recogniser=recogniser)
        finally:
            await recogniser.stop()

    after = asyncio.run(again())
    assert after.utterances == tuple(replace(said, alternatives=()) for said in before.utterances)
    assert set(after.notes) - set(before.notes) == {"no_second_look"}


def whole_recording(call: DemoCall) -> dict[int, list[Region]]:
    sound, rate = soundfile.read(call.audio, dtype="int16")
    end_ms = len(sound) * 1000 // rate
    return {ch: [Region(channel=ch, start_ms=0, end_ms=end_ms, pcm=sound[:, ch].tobytes())] for ch in (0, 1)}


async def _hear_both_ways(calls: list[DemoCall]) -> tuple[list[str], list[str], list[str]]:
    """Per channel of each call: the truth, what regions gave, what the whole recording gave; nothing masked."""
    model = describe()
    recogniser = RecognizerProcess(model)
    truths, in_regions, in_whole = [], [], []
    try:
        for call in calls:
            duration_ms = call.transcript.duration_ms
            decoded = await decode(call.audio, rate=model.rate)
            regions = {ch: decoded.of_channel(ch) for ch in (0, 1)}
            heard = await recogniser.recognise(regions, duration_ms=duration_ms)
            other = await recogniser.recognise(whole_recording(call), duration_ms=duration_ms)
            for ch in (0, 1):
                truths.append(call.texts[ch])
                in_regions.append(join(word.text for word in heard.words[ch]))
                in_whole.append(join(word.text for word in other.words[ch]))
    finally:
        await recogniser.stop()
    return truths, in_regions, in_whole


def test_regions_hear_no_worse_than_the_whole_recording() -> None:
    """All calls both ways: single calls differ by a few characters either way, together regions lose nothing."""
    truths, in_regions, in_whole = asyncio.run(_hear_both_ways(CALLS))
    regions, whole = float(jiwer.cer(truths, in_regions)), float(jiwer.cer(truths, in_whole))
    print(f"\nCER unmasked: regions {regions:.4f} whole {whole:.4f}")
    assert regions <= whole


def test_words_stand_where_they_were_said(run: Run) -> None:
    """The same word within a second of its place: the median error of starts is under 100 ms."""
    errors = []
    for call in CALLS:
        heard = [(word, said.channel) for said in run.transcripts[call.name].utterances for word in said.words]
        for text, channel, start_ms, _ in call.words:
            near = [abs(word.start_ms - start_ms) for word, where in heard if word.text == text and where == channel]
            if near and min(near) < 1_000:
                errors.append(min(near))
    print(f"\nword starts: {len(errors)} matched, median {statistics.median(errors)} ms")
    assert len(errors) > 1_500
    assert statistics.median(errors) < 100


def table(pack: str, results: Mapping[str, ScoreResult], calls: list[DemoCall]) -> Mapping[str, Counter[str]]:
    """Per item: faults found (tp), missed (fn), invented (fp), in doubt. A fault: a step missed, a bad thing said."""
    counted: dict[str, Counter[str]] = {}
    for call in calls:
        for result in results[call.name].items:
            name, outcome = result.item.id, result.verdict.outcome.value
            bad = "miss" if result.item.kind in (ItemKind.EARN, ItemKind.ADD) else "hit"
            truly, found = call.by_pack[pack][name] == bad, outcome == bad
            kind = {(True, True): "tp", (True, False): "fn", (False, True): "fp", (False, False): "tn"}[truly, found]
            counted.setdefault(name, Counter())[kind] += 1
            counted[name]["doubt"] += outcome == "cannot_tell"
    return counted


@pytest.mark.parametrize("pack", APPLY)
def test_planted_faults_are_found_from_audio(run: Run, pack: str) -> None:
    """At least nine of ten, and no fatal hit that is none; from text every one is (test_scoring_demo_truth)."""
    scheme = load_scheme(pack)
    audio = {name: score(Case(transcript=one), scheme, scored_at=Millis(0)) for name, one in run.transcripts.items()}
    text = {call.name: score(Case(transcript=call.transcript), scheme, scored_at=Millis(0)) for call in CALLS}
    by_audio, by_text = table(pack, audio, CALLS), table(pack, text, CALLS)
    print(f"\n{pack:<26} text: tp fn fp   audio: tp fn fp doubt")
    for name, one in by_audio.items():
        other = by_text[name]
        print(
            f"{name:<28}{other['tp']:>6}{other['fn']:>3}{other['fp']:>3}"
            f"{one['tp']:>12}{one['fn']:>3}{one['fp']:>3}{one['doubt']:>6}"
        )
    found, lost = (sum(one[kind] for one in by_audio.values()) for kind in ("tp", "fn"))
    assert found / (found + lost) >= 0.9
    fatal = [item.id for item in scheme.items if item.kind is ItemKind.FATAL]
    assert not any(by_audio[item]["fp"] for item in fatal)
    for call in CALLS:
        truly = any(call.by_pack[pack][item] == "hit" for item in fatal)
        assert truly or not audio[call.name].fatal


def test_sensitive_numbers_do_not_leave_the_pipeline(run: Run) -> None:
    """Each customer number of the labels lies under a muted span; no run of seven digits is left anywhere."""
    for call in CALLS:
        transcript = run.transcripts[call.name]
        assert not any(re.search("[零幺一二两三四五六七八九0-9]{7}", said.text) for said in transcript.utterances)
    lost_phone = run.transcripts["c23_elderly_slow"]
    assert {span.kind for span in lost_phone.redacted} <= {"mobile", "number"}
    assert min(span.start_ms for span in lost_phone.redacted) < 24_400
    assert max(span.end_ms for span in lost_phone.redacted) > 27_800


def test_a_worker_stays_small_and_quick(run: Run) -> None:
    """Under 200 MB with the demo model; at most 0.012 CPU seconds per second of channel audio, decoding included."""
    audio_s = sum(one.duration_ms * one.channels for one in run.transcripts.values()) / 1000
    cpu_s = sum(one.cpu_ms for one in run.transcripts.values()) / 1000
    speech = sum(one.speech_ms for one in run.transcripts.values()) / 1000 / audio_s
    print(f"\nRSS {run.rss_mb:.0f} MB, CPU {cpu_s / audio_s:.5f} s per channel second, speech regions {speech:.3f}")
    assert run.rss_mb < 200
    assert cpu_s / audio_s < 0.012


@pytest.mark.parametrize(("suffix", "subtype"), [("mp3", "MPEG_LAYER_III"), ("wav", "ALAW"), ("wav", "ULAW")])
def test_coding_noise_makes_no_absence_doubtful(tmp_path: Path, suffix: str, subtype: str) -> None:
    """The missing greeting of c04 stays a miss in other codings: their noise is not speech nobody could read."""
    call = next(call for call in CALLS if call.name == "c04_no_greeting")
    sound, rate = soundfile.read(call.audio, dtype="float32")
    soundfile.write(tmp_path / f"call.{suffix}", sound, rate, subtype=subtype)
    heard = asyncio.run(transcribe_file(tmp_path / f"call.{suffix}"))
    outcomes = {
        item.item.id: item.verdict.outcome.value
        for item in score(Case(transcript=heard), SCHEME, scored_at=Millis(0)).items
    }
    assert outcomes == call.outcomes
