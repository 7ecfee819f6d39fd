"""How well recordings are heard. In: a function from a file to a Transcript. Out: errors by condition, voice and call.

CER by jiwer, keywords found and invented, errors of word times; on the demo calls and on the same calls made worse.
`python -m tests.bench._asr_quality` runs it through our own pipeline and rewrites the table in docs/asr.md.
"""

import asyncio
import json
import re
import tempfile
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import jiwer
import numpy as np
import soundfile

from asr.audio import Decoder
from asr.jobs import RecordingJob
from asr.models import describe
from asr.pipeline import transcribe
from asr.recognizer_process import RecognizerProcess
from asr.transcript import Transcript
from streams.vocabulary.ids import ContactId, Millis, SiteId
from tests.bench._asr_variants import CONDITIONS, damaged
from tests.bench._report import Json, machine, median, rewrite
from tests.unit.demo_truth import DemoCall, demo_calls

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "asr.md"
ROLES = ("agent", "customer")
DIGIT = re.compile("[零〇幺一二两三四五六七八九]")
MASK = "●"

Transcribe = Callable[[Path], Transcript]


@dataclass
class Tally:
    """What is added up over calls of one kind. Mutable; owned by whoever counts."""

    truth: list[str] = field(default_factory=list)
    heard: list[str] = field(default_factory=list)
    words: int = 0
    start_errors: list[int] = field(default_factory=list)
    end_errors: list[int] = field(default_factory=list)
    said: int = 0
    found: int = 0
    reported: int = 0

    def add(self, other: "Tally") -> None:
        for name in ("truth", "heard", "start_errors", "end_errors"):
            getattr(self, name).extend(getattr(other, name))
        for name in ("words", "said", "found", "reported"):
            setattr(self, name, getattr(self, name) + getattr(other, name))

    def cer(self) -> float:
        return float(jiwer.cer(self.truth, self.heard))

    def figures(self) -> dict[str, Json]:
        return {
            "cer": round(self.cer(), 4),
            "keyword_recall": _share(self.found, self.said),
            "keyword_precision": _share(self.found, self.reported),
            "word_start_median_ms": median(self.start_errors) if self.start_errors else None,
            "word_start_p90_ms": _p90(self.start_errors),
            "word_end_median_ms": median(self.end_errors) if self.end_errors else None,
            "word_end_p90_ms": _p90(self.end_errors),
            "words_matched": len(self.start_errors),
            "words": self.words,
            "keywords": self.said,
        }


def quality(
    transcribe: Transcribe,
    *,
    conditions: Sequence[str] = tuple(CONDITIONS),
    names: Sequence[str] | None = None,
) -> dict[str, Json]:
    """`names` None: all 24 calls. By call and by voice only the clean recordings are told."""
    calls = [call for call in demo_calls() if names is None or call.name in names]
    keywords = rule_keywords()
    result: dict[str, Json] = {}
    by_condition: dict[str, Json] = {}
    for condition in conditions:
        by_call = {call.name: _measured(call, transcribe, condition, keywords) for call in calls}
        by_condition[condition] = _by_role(by_call.values())
        if condition == "clean":
            result["calls"] = {name: _by_role([tallies]) for name, tallies in by_call.items()}
            result["speakers"] = _by_voice(calls, by_call)
    return {"conditions": by_condition, **result}


def rule_keywords() -> tuple[str, ...]:
    """Every phrase of two and more characters that the packaged schemes listen for, cut at their `…`."""
    phrases: set[str] = set()
    for pack in sorted((ROOT / "scoring" / "packs").glob("*.toml")):
        for rule in tomllib.loads(pack.read_text(encoding="utf-8")).get("rule", []):
            for condition in rule.get("condition", []):
                phrases.update(part for phrase in condition.get("any", []) for part in phrase.split("…"))
    return tuple(sorted(phrase for phrase in phrases if len(phrase) > 1))


def _measured(call: DemoCall, transcribe: Transcribe, condition: str, keywords: Sequence[str]) -> tuple[Tally, Tally]:
    if condition == "clean":
        return _tallies(call, transcribe(call.audio), keywords)
    with tempfile.TemporaryDirectory(prefix="asr-quality-") as folder:
        sound, rate = soundfile.read(call.audio, dtype="float32")
        file = Path(folder) / f"{call.name}.flac"
        soundfile.write(file, damaged(sound, condition, seed=_seed(call.name)), rate, subtype="PCM_16")
        return _tallies(call, transcribe(file), keywords)


def _seed(name: str) -> int:
    return int.from_bytes(name.encode()[:3], "big")


def _tallies(call: DemoCall, transcript: Transcript, keywords: Sequence[str]) -> tuple[Tally, Tally]:
    return _tally(call, transcript, 0, keywords), _tally(call, transcript, 1, keywords)


def _tally(call: DemoCall, transcript: Transcript, channel: int, keywords: Sequence[str]) -> Tally:
    said = [utterance for utterance in transcript.utterances if utterance.channel == channel]
    text = "".join(utterance.text.replace(" ", "") for utterance in said)
    truth = call.texts[channel]
    heard = [(word.text, word.start_ms, word.end_ms) for utterance in said for word in utterance.words]
    spoken = [(word, start, end) for word, where, start, end in call.words if where == channel]
    tally = Tally(truth=[_masked(truth, text)], heard=[_masked(text, text)], words=len(spoken))
    for ours, theirs in _matched(spoken, heard):
        tally.start_errors.append(abs(ours[1] - theirs[1]))
        tally.end_errors.append(abs(ours[2] - theirs[2]))
    for keyword in keywords:
        there, here = truth.count(keyword), text.count(keyword)
        tally.said += there
        tally.reported += here
        tally.found += min(there, here)
    return tally


def _masked(text: str, heard: str) -> str:
    """A masked digit stands for whatever digit was there: redaction is no error of the recogniser."""
    return DIGIT.sub(MASK, text) if MASK in heard else text


Timed = tuple[str, int, int]


def _matched(truth: Sequence[Timed], heard: Sequence[Timed]) -> Iterator[tuple[Timed, Timed]]:
    """Equal words of the best alignment of the two rows of words."""
    if not truth or not heard:
        return
    words = [" ".join(word[0] for word in row) for row in (truth, heard)]
    for chunk in jiwer.process_words(words[0], words[1]).alignments[0]:
        if chunk.type == "equal":
            ours = truth[chunk.ref_start_idx : chunk.ref_end_idx]
            yield from zip(ours, heard[chunk.hyp_start_idx : chunk.hyp_end_idx], strict=True)


def _by_role(tallies: Iterable[tuple[Tally, Tally]]) -> dict[str, Json]:
    both, roles = Tally(), (Tally(), Tally())
    for pair in tallies:
        for channel in (0, 1):
            roles[channel].add(pair[channel])
            both.add(pair[channel])
    cer = {f"cer_{role}": round(one.cer(), 4) for role, one in zip(ROLES, roles, strict=True)}
    return {**both.figures(), **cer}


def _by_voice(calls: Sequence[DemoCall], by_call: Mapping[str, tuple[Tally, Tally]]) -> dict[str, Json]:
    voices: dict[str, Tally] = {}
    for call in calls:
        named = json.loads(call.audio.with_suffix(".json").read_text(encoding="utf-8"))["voices"]
        for channel, role in enumerate(ROLES):
            voices.setdefault(f"{role} {named[role]}", Tally()).add(by_call[call.name][channel])
    return {
        voice: {"cer": round(one.cer(), 4), "characters": sum(map(len, one.truth))}
        for voice, one in sorted(voices.items())
    }


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None


def _p90(values: Sequence[int]) -> float | None:
    return float(np.quantile(values, 0.9)) if values else None


# --- through our own pipeline ---------------------------------------------------------------------------------------


@contextmanager
def our_pipeline(model_dir: Path | None = None) -> Iterator[Transcribe]:
    """One recogniser and one decoder for all files, as a worker has them."""
    model = describe(model_dir)
    recogniser, decoder = RecognizerProcess(model), Decoder()
    with asyncio.Runner() as runner:

        def hear(file: Path) -> Transcript:
            job = RecordingJob(
                site=SiteId("bench"),
                contact=ContactId(file.stem),
                contact_at=Millis(0),
                path=str(file),
                agent_channel=0,
            )
            return runner.run(transcribe(job, model=model, recogniser=recogniser, decoder=decoder))

        try:
            yield hear
        finally:
            runner.run(recogniser.stop())
            runner.run(decoder.stop())


def table(result: Mapping[str, Json]) -> str:
    plate = machine()
    rows = [
        f"Model {describe().name}, {plate['cpu']}, {plate['python']}; "
        f"keywords: the {len(rule_keywords())} phrases of the packaged schemes.",
        "",
        "| condition | CER % | agent | customer | keyword recall % | precision % | word start: median, p90 ms | end |",
        "|---|---|---|---|---|---|---|---|",
    ]
    conditions = result["conditions"]
    assert isinstance(conditions, Mapping)
    for name, one in conditions.items():
        assert isinstance(one, Mapping)
        shares = [one[key] for key in ("cer", "cer_agent", "cer_customer", "keyword_recall", "keyword_precision")]
        cells = [f"{share:.2%}".rstrip("%") if isinstance(share, float) else "no answer" for share in shares]
        times = [
            f"{_ms(one[f'word_{edge}_median_ms'])}, {_ms(one[f'word_{edge}_p90_ms'])}" for edge in ("start", "end")
        ]
        rows.append(f"| {name} | {' | '.join([*cells, *times])} |")
    return "\n".join([*rows, "", *_by_call(result["calls"])])


def _by_call(calls: Json) -> Iterator[str]:
    """Of the clean recordings."""
    assert isinstance(calls, Mapping)
    yield "| clean call | CER % | keywords said | recall % | word start, end: median ms |"
    yield "|---|---|---|---|---|"
    for name, one in calls.items():
        assert isinstance(one, Mapping)
        shares = [
            f"{share:.1%}".rstrip("%") if isinstance(share, float) else "no answer"
            for share in (one["cer"], one["keyword_recall"])
        ]
        times = f"{_ms(one['word_start_median_ms'])}, {_ms(one['word_end_median_ms'])}"
        yield f"| {name} | {shares[0]} | {one['keywords']} | {shares[1]} | {times} |"


def _ms(value: Json) -> str:
    return f"{value:.0f}" if isinstance(value, int | float) else "no answer"


def main() -> None:
    with our_pipeline() as hear:
        result = quality(hear)
    print(json.dumps(result, ensure_ascii=False))
    PAGE.write_text(rewrite(PAGE.read_text(encoding="utf-8"), table(result)), encoding="utf-8")


if __name__ == "__main__":
    main()
