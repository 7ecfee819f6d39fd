"""Builders for tests of asr and scoring: dialogues as people write them, times worked out at 200 ms a character."""

from asr.jobs import RecordingJob
from asr.transcript import Span, Transcript
from asr.utterances import utterances
from asr.wire import HeardWord
from streams.vocabulary.ids import AgentId, ContactId, Millis, QueueName, SiteId

CHARACTER_MS = 200
TURN_GAP_MS = 800


def dialogue(
    *lines: str, confidence: float = 1.0, agent_channel: int | None = 0, unread: tuple[Span, ...] = ()
) -> Transcript:
    """`A:` and `C:` lines of space-separated words, one after the other; `...8000` is a silence of 8 s.

    A word ending in `?` was heard with confidence 0.3.
    """
    heard: dict[int, list[HeardWord]] = {0: [], 1: []}
    at = 0
    for line in lines:
        if line.startswith("..."):
            at += int(line[3:]) - TURN_GAP_MS
            continue
        who, said = line.split(":")
        for word in said.split():
            text = word.rstrip("?")
            end = at + CHARACTER_MS * len(text)
            heard[0 if who == "A" else 1].append(HeardWord(text, at, end, 0.3 if word.endswith("?") else confidence))
            at = end
        at += TURN_GAP_MS
    return Transcript(
        site=SiteId("test"),
        contact=ContactId("1795291649.0"),
        contact_at=Millis(1_795_291_649_000),
        queue=QueueName("support"),
        agent=AgentId("1001"),
        model="none",
        duration_ms=at,
        channels=2,
        utterances=utterances(heard, channels=2, agent_channel=agent_channel),
        unread=unread,
    )


def job(path: str = "/recordings/a.wav") -> RecordingJob:
    return RecordingJob(
        site=SiteId("test"), contact=ContactId("1795291649.0"), contact_at=Millis(1_795_291_649_000), path=path
    )
