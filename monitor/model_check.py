"""Does a model work here. In: its folder. Out: `Checked`; ModelFault, RecognitionFault.

The demo call is put through the real pipeline, in children as a worker has them, so what is measured is what a
recording will cost. May not know: terminals.
"""

import time
from pathlib import Path
from typing import Final

import msgspec

from asr.jobs import RecordingJob
from asr.models import DEMO_CALLS_DIR, describe, read_vocabulary
from asr.pipeline import transcribe
from asr.recognizer_process import RecognizerProcess
from asr.transcript import Transcript
from streams.vocabulary.ids import ContactId, Millis, SiteId

CALL: Final = DEMO_CALLS_DIR / "c01_bill_ok.flac"
SENTENCE: Final = "您好很高兴为您服务请问有什么可以帮您"
"""What the agent says first in it: synthetic Mandarin."""


class Checked(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    path: str
    demo: bool
    rate: int
    size_bytes: int
    words: int
    load_ms: int
    rss_mb: int
    """Of the recogniser's process, after the call."""
    cpu_seconds_per_audio_second: float
    """Per second of one channel, decoding included."""
    expected: str
    heard: str
    """The first sentence; a model of another language or other voices writes what it makes of it."""
    says: str
    """What a person must know of the model."""

    @property
    def writes(self) -> bool:
        return bool(self.heard)


async def check_model(model_dir: Path | None) -> Checked:
    model = describe(model_dir)
    words = read_vocabulary(model)
    recogniser = RecognizerProcess(model)
    try:
        began = time.monotonic()
        await recogniser.start()
        load_ms = round((time.monotonic() - began) * 1000)
        job = RecordingJob(
            site=SiteId("check"), contact=ContactId("check"), contact_at=Millis(0), path=str(CALL), agent_channel=0
        )
        transcript = await transcribe(job, model=model, recogniser=recogniser)
        rss_mb = _rss_mb(recogniser.pid)
    finally:
        await recogniser.stop()
    return Checked(
        name=model.name,
        path=str(model.path),
        demo=model.demo,
        rate=model.rate,
        size_bytes=model.size_bytes,
        words=len(words),
        load_ms=load_ms,
        rss_mb=rss_mb,
        cpu_seconds_per_audio_second=round(transcript.cpu_ms / (transcript.duration_ms * transcript.channels), 4),
        expected=SENTENCE,
        heard=_first_sentence(transcript),
        says=f"{model.zh} {model.en}",
    )


def _first_sentence(transcript: Transcript) -> str:
    """The agent's words before the customer's first turn ends; the truth has the customer begin at 5.9 s."""
    said = [one.text for one in transcript.utterances if one.channel == 0 and one.start_ms < 5_500]
    return "".join(said)


def _rss_mb(pid: int | None) -> int:
    """0 where the process is gone, or /proc is not there."""
    try:
        text = Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace")
    except OSError:
        return 0
    line = next((line for line in text.splitlines() if line.startswith("VmRSS:")), "VmRSS: 0 kB")
    return int(line.split()[1]) >> 10
