"""How a conversation went, in numbers. In: utterances, sounds that are no speech, a length. Out: `Measures`.

Every time is ms of the recording. A side speaks from an utterance's first word to its last; pauses of under 0.6 s
within belong to it. Shares are kept as their parts, so that they add up over contacts.
May not know: audio, stores, events.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from msgspec import Struct

from asr.transcript import Span, Utterance

INTERRUPTS_MS: Final = 400
"""Speaking together for this long is no listener's 嗯."""
HAD_THE_FLOOR_MS: Final = 300
"""So long the other side must have been speaking already."""
LONG_TURN_MS: Final = 1_000
"""Said by the other side, it ends a monologue; less is a listener's word."""
_CHARACTERS: Final = re.compile(r"[一-鿿〇●]|[A-Za-z]+|[0-9]")

Interval = tuple[int, int]


class SideMeasures(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One channel, or the one channel of a mono recording, where both people are."""

    channel: int
    role: str
    speech_ms: int
    """Sum of its utterances' lengths, overlaps of its own counted once."""
    characters: int
    """Chinese characters, digits and Latin words; hidden ones count."""
    rate: float | None
    """Characters a minute: 60 000 x characters / speech_ms; None: said nothing."""
    longest_monologue_ms: int
    """From the first to the last word of utterances between which the other side said nothing of 1 s or more."""
    first_word_ms: int | None
    """From the recording's beginning; None: said nothing."""
    interruptions: int | None
    """Utterances begun while the other side had spoken for 0.3 s, and spoken together for 0.4 s. None: mono."""
    loudness_db: float | None = None
    """Median of its utterances', dB of full scale; None: not known."""


class Measures(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    sides: tuple[SideMeasures, ...]
    talked_ms: int
    """Somebody spoke: the union of both sides; talk share of a side = its speech_ms / sum of both sides' speech_ms."""
    silence_ms: int
    """duration_ms - the union of speech and of sounds that are no speech."""
    longest_silence_ms: int
    non_speech_ms: int
    """Music, ring-back, keys; where somebody also spoke it is speech."""
    overlap_ms: int | None
    """Both sides at once. None: mono, where it cannot be told."""


def measure(
    utterances: Sequence[Utterance], *, duration_ms: int, channels: int, non_speech: Sequence[Span] = ()
) -> Measures:
    """`overlap_ms` and interruptions only where two channels tell the sides apart."""
    present = sorted({one.channel for one in utterances} | set(range(min(channels, 2))))
    spoken = {channel: union((u.start_ms, u.end_ms) for u in utterances if u.channel == channel) for channel in present}
    talk = union(interval for intervals in spoken.values() for interval in intervals)
    other = subtract(union((one.start_ms, one.end_ms) for one in non_speech), talk)
    quiet = subtract([(0, duration_ms)], union([*talk, *other]))
    apart = channels == 2
    return Measures(
        sides=tuple(_side(channel, utterances, spoken[channel], apart=apart) for channel in present),
        talked_ms=total(talk),
        silence_ms=total(quiet),
        longest_silence_ms=max((end - start for start, end in quiet), default=0),
        non_speech_ms=total(other),
        overlap_ms=sum(map(total, spoken.values())) - total(talk) if apart else None,
    )


def rate(utterance: Utterance) -> float | None:
    """Characters a minute of one utterance: 60 000 x characters / (end_ms - start_ms)."""
    lasted = utterance.end_ms - utterance.start_ms
    return 60_000 * characters(utterance.text) / lasted if lasted > 0 else None


def characters(text: str) -> int:
    return len(_CHARACTERS.findall(text))


def overlaps(utterances: Sequence[Utterance]) -> tuple[Interval, ...]:
    """Where both channels of a two-channel recording speak."""
    spoken = [union((u.start_ms, u.end_ms) for u in utterances if u.channel == channel) for channel in (0, 1)]
    return tuple(
        (max(one[0], other[0]), min(one[1], other[1]))
        for one in spoken[0]
        for other in spoken[1]
        if max(one[0], other[0]) < min(one[1], other[1])
    )


def union(intervals: Iterable[Interval]) -> list[Interval]:
    """Disjoint, in order; empty ones left out."""
    joined: list[Interval] = []
    for start, end in sorted(intervals):
        if end <= start:
            continue
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def subtract(whole: Iterable[Interval], parts: Sequence[Interval]) -> list[Interval]:
    """What is left of `whole` without `parts`; both disjoint and in order."""
    left: list[Interval] = []
    for start, end in whole:
        at = start
        for begin, finish in parts:
            if finish <= at or begin >= end:
                continue
            left.append((at, begin))
            at = finish
        left.append((at, end))
    return [(start, end) for start, end in left if end > start]


def total(intervals: Iterable[Interval]) -> int:
    return sum(end - start for start, end in intervals)


def _side(channel: int, utterances: Sequence[Utterance], spoken: Sequence[Interval], *, apart: bool) -> SideMeasures:
    own = [one for one in utterances if one.channel == channel]
    others = [one for one in utterances if one.channel != channel]
    speech_ms = total(spoken)
    said = sum(characters(one.text) for one in own)
    loud = sorted(one.loudness_db for one in own if one.loudness_db is not None)
    return SideMeasures(
        channel=channel,
        role=own[0].role if own else "unknown",
        speech_ms=speech_ms,
        characters=said,
        rate=60_000 * said / speech_ms if speech_ms else None,
        longest_monologue_ms=max((end - start for start, end in _monologues(own, others)), default=0),
        first_word_ms=own[0].start_ms if own else None,
        interruptions=sum(_interrupts(one, others) for one in own) if apart else None,
        loudness_db=loud[len(loud) // 2] if loud else None,
    )


def _monologues(own: Sequence[Utterance], others: Sequence[Utterance]) -> Iterator[Interval]:
    turns = [one for one in others if one.end_ms - one.start_ms >= LONG_TURN_MS]
    start: int | None = None
    end = 0
    for one in own:
        if start is not None and any(end <= turn.start_ms + LONG_TURN_MS <= one.start_ms for turn in turns):
            yield start, end
            start = None
        start = one.start_ms if start is None else start
        end = max(end, one.end_ms)
    if start is not None:
        yield start, end


def _interrupts(one: Utterance, others: Sequence[Utterance]) -> bool:
    return any(
        other.start_ms + HAD_THE_FLOOR_MS <= one.start_ms
        and min(one.end_ms, other.end_ms) - one.start_ms >= INTERRUPTS_MS
        for other in others
    )
