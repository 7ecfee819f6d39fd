"""The demo calls' truth: what was said when, and what each item of the packs that apply to them should answer.

The labels mean what asr/demo/calls' own description says; see docs/packs.md for how items follow from them. What no
label tells was listened for by hand.
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
FAST_CHARS_PER_S = 5.5
APPLY = ("telecom-service.zh", "carrier-prohibitions.zh", "complaint-risk.zh")
"""Inbound service in Mandarin: sales and collections are about other calls."""
_HIT_IN = {
    "telecom-service.zh": {
        "no_comfort": ("c10",),
        "interruption": ("c12",),  # in c14 the agent has not stopped when the customer breaks in
        "long_wait": (),
    },
    "carrier-prohibitions.zh": {
        "leak": (),
        "third_party": (),
        "unverified_data": ("c03",),
        "reads_number": (),
        "unasked_ads": (),
        "untold_fee": ("c05",),
        "bypass": (),
        "private_deal": (),
        "partner_excuse": (),
    },
    "complaint-risk.zh": {
        "complains": ("c09", "c10", "c11", "c12", "c21"),
        "regulator": ("c09", "c10"),
        "consumer_body": ("c11",),
        "legal": (),
        "media": (),
        "asks_superior": ("c09", "c10"),
        "repeated_contact": ("c11",),
        "churn": ("c10", "c13"),
        "repeats": (),
        "provokes": ("c10",),
    },
}
"""By pack and item, the calls in which it hits; in all others it misses."""
_ANSWERED = ("c09", "c11", "c21")
"""Of the complaints, those that are soothed, taken up, and told when."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoCall:
    name: str
    audio: Path
    transcript: Transcript
    """As if heard without an error."""
    outcomes: dict[str, str]
    """Of each item of telecom-service.zh."""
    by_pack: dict[str, dict[str, str]]
    """Of each item of every pack that applies, from words alone: nobody knows the events."""
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
    by_pack = _by_pack(truth)
    return DemoCall(
        name=truth["call_id"],
        audio=file.with_suffix(".flac"),
        transcript=transcript,
        outcomes=by_pack["telecom-service.zh"],
        by_pack=by_pack,
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


def _by_pack(truth: dict) -> dict[str, dict[str, str]]:
    call, telecom = truth["call_id"][:3], _outcomes(truth)
    heard = {
        pack: {item: "hit" if call in calls else "miss" for item, calls in items.items()}
        for pack, items in _HIT_IN.items()
    }
    fast = truth["max_agent_chars_per_s"] >= FAST_CHARS_PER_S
    telecom |= {"hurry": "hit" if fast else "miss", "waiting_thanks": _thanked(truth)}
    unconfirmed = "hit" if "confirm_before_activation" in truth["steps_missing"] else "miss"
    carrier = {"base": "hit", "unconfirmed_change": unconfirmed, "rude": telecom["insult"]}
    last = truth["turns"][-1]
    # Who hung up nobody knows from words; only where the customer spoke last, and not of parting, it could matter.
    open_end = last["channel"] == 1 and "再见" not in last["text"]
    carrier["hangs_up"] = "cannot_tell" if open_end else "miss"
    complains = call in _HIT_IN["complaint-risk.zh"]["complains"]
    answered = "not_applicable" if not complains else "hit" if call in _ANSWERED else "miss"
    broken_in = any(one["by"] == "customer" for one in truth["overlaps"])
    complaint = dict.fromkeys(("soothes", "takes_up", "deadline"), answered)
    complaint["talks_over"] = "hit" if broken_in else "miss"
    of_labels = {"telecom-service.zh": telecom, "carrier-prohibitions.zh": carrier, "complaint-risk.zh": complaint}
    return {pack: heard[pack] | of_labels[pack] for pack in APPLY}


def _thanked(truth: dict) -> str:
    """By the words, as labels tell it of some calls only."""
    agent = [turn["text"] for turn in truth["turns"] if turn["channel"] == 0]
    asked = next((at for at, text in enumerate(agent) if "稍等" in text or "不要挂机" in text), None)
    if asked is None:
        return "not_applicable"
    return "hit" if any("久等" in text for text in agent[asked + 1 :]) else "miss"
