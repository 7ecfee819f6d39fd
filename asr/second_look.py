"""What else a doubtful utterance may have been. In: utterances, regions. Out: what to hear again; other texts.

vosk tells either how sure it is of each word or what else it could be, never both: so only doubtful utterances are
heard again, within a bound. What could help to tell a hidden number is left out. May not know: the recogniser, files.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from msgspec.structs import replace

from asr.redact import KINDS, redact
from asr.redact_flat import DIGITS
from asr.text import join
from asr.transcript import Utterance, Word
from asr.wire import Region

_DIGITS: Final = re.compile(f"[{''.join(DIGITS)}]{{2,}}")


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondLook:
    word_below: float = 0.6
    """An utterance with a less certain word is doubtful: the scorer's own limit (`least_confidence`)."""
    most_share: float = 0.1
    """Of the speech of a recording, the most doubtful first: a bad line must not cost twice as much as a good one."""
    texts: int = 3
    """Asked for; what equals the text is not told."""
    pad_ms: int = 150
    """Heard before and behind, as regions are."""


SECOND_LOOK = SecondLook()


def doubtful(utterances: Sequence[Utterance], *, speech_ms: int, look: SecondLook) -> tuple[int, ...]:
    """Places in `utterances`, in order; within the bound, the least certain first."""
    chosen, left_ms = [], look.most_share * speech_ms
    surest = [(min(word.confidence for word in said.words), place) for place, said in enumerate(utterances)]
    for confidence, place in sorted(surest):
        if confidence >= look.word_below:
            break
        cost_ms = utterances[place].end_ms - utterances[place].start_ms + 2 * look.pad_ms
        if cost_ms <= left_ms:
            left_ms -= cost_ms
            chosen.append(place)
    return tuple(sorted(chosen))


def cut(regions: Sequence[Region], said: Utterance, *, pad_ms: int) -> Region | None:
    """The utterance's own sound, from the region it begins in; None where there is none (a chat)."""
    for region in regions:
        if region.channel == said.channel and region.start_ms <= said.start_ms < region.end_ms:
            start = max(region.start_ms, said.start_ms - pad_ms)
            end = min(region.end_ms, said.end_ms + pad_ms)
            samples = len(region.pcm) // 2
            first, last = (
                2 * (samples * (at - region.start_ms) // (region.end_ms - region.start_ms)) for at in (start, end)
            )
            return Region(channel=region.channel, start_ms=start, end_ms=end, pcm=region.pcm[first:last])
    return None


def with_alternatives(
    said: Sequence[Utterance],
    clean: Sequence[Utterance],
    others: Mapping[int, Sequence[Sequence[str]]],
    *,
    hide: Collection[str] = KINDS,
) -> tuple[Utterance, ...]:
    """`clean` is `said` after redaction; `others`: place to what else may have been said there, as words.

    An utterance that holds something hidden gets none. Nor is a text told that redaction would change in its place, or
    that holds a run of digits which the utterance does not: several such would tell together what each hides.
    """
    told = list(clean)
    for place, texts in others.items():
        if clean[place].words == said[place].words:
            spoken = [words for words in texts if words and _harmless(said, place, words, hide)]
            unlike = dict.fromkeys(text for text in map(join, spoken) if text != clean[place].text)
            told[place] = replace(clean[place], alternatives=tuple(unlike))
    return tuple(told)


def _harmless(said: Sequence[Utterance], place: int, words: Sequence[str], hide: Collection[str]) -> bool:
    here = said[place]
    if any(run not in here.text for run in _DIGITS.findall(join(words))):
        return False
    instead = replace(here, words=_spread(here, words), text=join(words))
    row = (*said[:place], instead, *said[place + 1 :])
    return redact(row, hide=hide)[0][place] == instead


def _spread(here: Utterance, words: Sequence[str]) -> tuple[Word, ...]:
    """Evenly over the utterance's time: redaction asks only how far utterances lie apart."""
    length = (here.end_ms - here.start_ms) / len(words)
    return tuple(
        Word(
            text=text,
            start_ms=round(here.start_ms + number * length),
            end_ms=round(here.start_ms + (number + 1) * length),
            confidence=0.0,
        )
        for number, text in enumerate(words)
    )
