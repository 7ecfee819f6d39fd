"""The demo calls' truth: what was said when, and what each item of the telecom scheme should answer.

The labels mean what asr/demo/calls' own description says; see docs/rules.md for how items follow from them.
"""

import json
from dataclasses import dataclass
from pathlib import Path

from asr.models import DEMO_CALLS_DIR
from asr.transcript import Transcript
from asr.utterances import utterances
from asr.wire import HeardWord
from streams.vocabulary.ids import ContactId, Millis, SiteId

STEPS = ("greeting", "identity_check", "ask_more", "closing")
FORBIDDEN = {
    "不知道": "shirking",
    "你自己看": "shirking",
    "我没办法": "shirking",
    "我也没办法": "shirking",
    "你明天再打": "shirking",
    "不归我管": "shirking",
    "你去投诉吧": "insult",
    "不行就算了": "insult",
    "你怎么这么烦": "insult",
    "说了多少遍了": "insult",
    "保证没问题": "overpromise",
    "绝对不骗你": "overpromise",
}
ESCALATIONS = ("工信部", "消协")
LONG_SILENCE_S = 8.0


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoCall:
    name: str
    audio: Path
    transcript: Transcript
    """As if heard without an error."""
    outcomes: dict[str, str]
    """Of each item of telecom-service.zh."""
    forbidden: tuple[tuple[str, int, int], ...]
    """Phrase, start and end in ms of the turn it is in."""
    missing: tuple[str, ...]
    texts: tuple[str, str]
    """What each channel says, words joined."""
    words: tuple[tuple[str, int, int, int], ...]
    """Text, channel, start and end in ms."""


def demo_calls() -> list[DemoCall]:
    return [_call(file) for file in sorted(DEMO_CALLS_DIR.glob("*.json"))]


def _call(file: Path) -> DemoCall:
    truth = json.loads(file.read_text(encoding="utf-8"))
    words = tuple(
        (word["word"], turn["channel"], round(word["start"] * 1000), round(word["end"] * 1000))
        for turn in truth["turns"]
        for word in turn["words"]
    )
    heard = {
        channel: [HeardWord(text, start, end, 1.0) for text, where, start, end in words if where == channel]
        for channel in (0, 1)
    }
    transcript = Transcript(
        site=SiteId("demo"),
        contact=ContactId(truth["call_id"]),
        contact_at=Millis(0),
        model="truth",
        duration_ms=round(truth["duration"] * 1000),
        channels=2,
        utterances=utterances(heard, channels=2, agent_channel=0),
    )
    return DemoCall(
        name=truth["call_id"],
        audio=file.with_suffix(".flac"),
        transcript=transcript,
        outcomes=_outcomes(truth),
        forbidden=tuple(
            (one["phrase"], round(one["start"] * 1000), round(one["end"] * 1000)) for one in truth["forbidden"]
        ),
        missing=tuple(truth["steps_missing"]),
        texts=("".join(word.text for word in heard[0]), "".join(word.text for word in heard[1])),
        words=words,
    )


def _outcomes(truth: dict) -> dict[str, str]:
    missing, present = truth["steps_missing"], truth["steps_present"]
    outcomes = {step: "miss" if step in missing else "hit" for step in STEPS}
    silences = [event for event in truth["events"] if event["end"] - event["start"] >= LONG_SILENCE_S]
    outcomes["hold_notice"] = "not_applicable" if not silences else "miss" if "hold_notice" in missing else "hit"
    unconfirmed = "confirm_before_activation" in missing
    outcomes["confirm_before_activation"] = (
        "not_applicable" if "activation" not in present else "miss" if unconfirmed else "hit"
    )
    said = {FORBIDDEN[one["phrase"]] for one in truth["forbidden"]}
    outcomes |= {item: "hit" if item in said else "miss" for item in ("insult", "shirking", "overpromise")}
    # The calls' own list of escalations is empty although two customers name an authority: taken from the words.
    customer = "".join(turn["text"] for turn in truth["turns"] if turn["channel"] == 1)
    return outcomes | {"escalation": "hit" if any(word in customer for word in ESCALATIONS) else "miss"}
