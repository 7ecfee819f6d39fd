"""What must not be stored. In: utterances as heard. Out: the same with ● for each sensitive character, and the spans.

Numbers are found in digits and in spoken Chinese, over words, utterances and turns. A recogniser loses and adds
digits, so a long run is hidden whatever its exact length; checks only name its kind. Words keep their times and
lengths. May not know: where the text goes.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from msgspec.structs import replace

from asr.redact_flat import DIGITS, Flat, flatten
from asr.redact_judge import Found, judge
from asr.redact_kinds import KINDS, is_id_card, passes_luhn
from asr.redact_words import written
from asr.text import join
from asr.transcript import Span, Utterance

__all__ = ["DIGITS", "KINDS", "MASK", "is_id_card", "passes_luhn", "redact"]

MASK = "●"


@dataclass(frozen=True, slots=True)
class _Hidden:
    found: Found
    flat: Flat


def redact(
    utterances: Sequence[Utterance], *, hide: Collection[str] = KINDS
) -> tuple[tuple[Utterance, ...], tuple[Span, ...]]:
    """Utterances must be in order of start, as `asr.utterances` gives them. `hide`: the kinds a scheme asks for."""
    flats = {channel: flatten(utterances, channel) for channel in sorted({one.channel for one in utterances})}
    found = [*judge(flats, utterances), *(one for flat in flats.values() for one in written(flat))]
    hidden = [_Hidden(one, flats[one.channel]) for one in found if one.kind in hide]
    places: dict[tuple[int, int], set[int]] = {}
    for one in hidden:
        for start, end in one.found.atoms:
            for place in one.flat.said_between(start, end):
                places.setdefault((place.utterance, place.word), set()).add(place.offset)
    spans = [span for one in hidden for span in _spans(one, utterances)]
    spans.sort(key=lambda span: (span.start_ms, span.channel, span.end_ms))
    return tuple(_masked(index, utterance, places) for index, utterance in enumerate(utterances)), tuple(spans)


def _spans(hidden: _Hidden, utterances: Sequence[Utterance]) -> Iterator[Span]:
    """One span per utterance the number touches: the pause between two is not the number."""
    touched: dict[int, list[int]] = {}
    for start, end in hidden.found.atoms:
        for place in hidden.flat.said_between(start, end):
            touched.setdefault(place.utterance, []).append(place.word)
    for index, words in sorted(touched.items()):
        said = [utterances[index].words[word] for word in words]
        yield Span(
            channel=hidden.found.channel,
            start_ms=min(word.start_ms for word in said),
            end_ms=max(word.end_ms for word in said),
            kind=hidden.found.kind,
        )


def _masked(index: int, utterance: Utterance, places: Mapping[tuple[int, int], set[int]]) -> Utterance:
    if not any((index, number) in places for number in range(len(utterance.words))):
        return utterance
    words = tuple(
        replace(
            word,
            text="".join(
                MASK if offset in places.get((index, number), ()) else character
                for offset, character in enumerate(word.text)
            ),
        )
        for number, word in enumerate(utterance.words)
    )
    return replace(utterance, words=words, text=join(word.text for word in words))
