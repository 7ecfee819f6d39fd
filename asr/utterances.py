"""Words to utterances. In: heard words per channel. Out: utterances in order of start, and speech nobody could read.

A pause of GAP_MS ends an utterance; a question and its answer lie on different channels, so turns need no more.
May not know: the recogniser, audio.
"""

import math
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from msgspec.structs import replace

from asr.text import join
from asr.transcript import Span, Utterance, Word
from asr.wire import HeardWord, Region

GAP_MS = 600
UNREAD_MS = 2_000
"""Detected speech shorter than this without a word is breath, a click or the detector's own tail."""

FULL_SCALE = 32_768
FAINT_RMS = 60.0
"""Of int16 full scale, -55 dB: nobody can make out words below it."""

AGENT, CUSTOMER, UNKNOWN = "agent", "customer", "unknown"


def role_of(channel: int, *, channels: int, agent_channel: int | None) -> str:
    """Only a two-channel recording whose agent channel is known has roles; nothing is guessed."""
    if channels != 2 or agent_channel not in (0, 1):
        return UNKNOWN
    return AGENT if channel == agent_channel else CUSTOMER


def utterances(
    words: Mapping[int, Sequence[HeardWord]],
    *,
    channels: int,
    agent_channel: int | None,
    regions: Sequence[Region] = (),
) -> tuple[Utterance, ...]:
    """Numbered over all channels in order of start; the lower channel first when two begin together. With `regions`
    each tells its loudness."""
    stretches = [(channel, stretch) for channel in sorted(words) for stretch in _stretches(words[channel])]
    stretches.sort(key=lambda entry: (entry[1][0].start_ms, entry[0]))
    found = tuple(
        _utterance(number, channel, role_of(channel, channels=channels, agent_channel=agent_channel), stretch)
        for number, (channel, stretch) in enumerate(stretches)
    )
    return tuple(replace(one, loudness_db=loudness_db(regions, one)) for one in found) if regions else found


def loudness_db(regions: Sequence[Region], utterance: Utterance) -> float | None:
    """20 log10 (root mean square / full scale) of the samples from its first word to its last; None: silent."""
    power = length = 0.0
    for region in regions:
        start, end = max(region.start_ms, utterance.start_ms), min(region.end_ms, utterance.end_ms)
        if region.channel == utterance.channel and end > start:
            power += _rms(region, start, end) ** 2 * (end - start)
            length += end - start
    return round(10 * math.log10(power / length / FULL_SCALE**2), 1) if power > 0 else None


def _stretches(words: Sequence[HeardWord]) -> Iterator[list[HeardWord]]:
    current: list[HeardWord] = []
    for word in words:
        if current and word.start_ms - current[-1].end_ms >= GAP_MS:
            yield current
            current = []
        current.append(word)
    if current:
        yield current


def _utterance(number: int, channel: int, role: str, heard: Sequence[HeardWord]) -> Utterance:
    words = tuple(
        Word(text=word.text, start_ms=word.start_ms, end_ms=word.end_ms, confidence=round(word.confidence, 4))
        for word in heard
    )
    return Utterance(
        channel=channel,
        role=role,
        number=number,
        start_ms=words[0].start_ms,
        end_ms=max(word.end_ms for word in words),
        text=join(word.text for word in words),
        words=words,
        confidence=round(sum(word.confidence for word in words) / len(words), 4),
    )


def unread(regions: Sequence[Region], words: Mapping[int, Sequence[HeardWord]]) -> tuple[Span, ...]:
    """The wordless stretches of the regions as loud as speech, in order of start.

    Coding noise (MP3) passes for speech with the detector; it lies far below the voice.
    """
    channels = {region.channel for region in regions}
    floors = {channel: _floor(regions, channel, words.get(channel, ())) for channel in channels}
    spans = [
        Span(channel=region.channel, start_ms=start, end_ms=end, kind="no_words")
        for region in regions
        for start, end in _wordless(region, words.get(region.channel, ()))
        if end - start >= UNREAD_MS and _rms(region, start, end) >= floors[region.channel]
    ]
    return tuple(sorted(spans, key=lambda span: (span.start_ms, span.channel)))


def _wordless(region: Region, words: Sequence[HeardWord]) -> Iterator[tuple[int, int]]:
    at = region.start_ms
    for word in words:
        if region.start_ms <= word.start_ms < region.end_ms:
            yield at, word.start_ms
            at = max(at, word.end_ms)
    yield at, region.end_ms


def _floor(regions: Sequence[Region], channel: int, words: Sequence[HeardWord]) -> float:
    """A tenth (20 dB below) of the median word's level."""
    levels = sorted(
        _rms(region, word.start_ms, word.end_ms)
        for region in regions
        if region.channel == channel
        for word in words
        if region.start_ms <= word.start_ms < region.end_ms
    )
    return max(FAINT_RMS, levels[len(levels) // 2] / 10) if levels else FAINT_RMS


def _rms(region: Region, start_ms: int, end_ms: int) -> float:
    pcm = np.frombuffer(region.pcm, "<i2")
    per_ms = len(pcm) // max(1, region.end_ms - region.start_ms)
    part = pcm[(start_ms - region.start_ms) * per_ms : (end_ms - region.start_ms) * per_ms].astype(np.float32)
    return float(np.sqrt(np.mean(part * part))) if len(part) else 0.0
