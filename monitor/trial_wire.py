"""What the web and its trial children say to each other. In: structs. Out: frames' bodies, and back.

A child answers each `AskContact` or `AskDialogues` with one `Done`, `Faulty` or `Overran`. May not know: processes.
"""

from enum import StrEnum

import msgspec

from asr.wire import LENGTH
from monitor.rules_faults import TextFault
from scoring.case import Case
from scoring.golden_write import Kept
from streams.vocabulary.ids import Millis


class TrialReason(StrEnum):
    """Why a text gave no answer."""

    TIME = "took_too_long"
    MEMORY = "took_too_much_memory"
    DIED = "trial_died"
    """Its process ended by itself: a fault of ours, or of a library."""


class TrialLimits(msgspec.Struct, frozen=True, kw_only=True):
    """Of one question: the kernel holds the first two."""

    cpu_s: int = 10
    memory_mb: int = 1_536
    """Address space; the warm child maps some 300 MB before it begins."""
    wall_s: float = 30.0


class AskContact(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """One contact under a text."""

    text: str
    case: Case
    at: Millis
    limits: TrialLimits


class AskDialogues(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A text's golden dialogues; `golden`: they, as TOML."""

    text: str
    golden: str
    limits: TrialLimits


class AskToKeep(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """One contact as a golden dialogue behind those in `golden`."""

    text: str
    case: Case
    golden: str
    kept: Kept
    limits: TrialLimits


class Done(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """`body`: the answer as msgpack."""

    body: bytes


class Faulty(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """The text is no scheme."""

    faults: list[TextFault]


class Overran(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Nothing came of it. `rule`: which was being asked; "": none yet, or all had been."""

    reason: TrialReason
    rule: str = ""
    detail: str = ""


Question = AskContact | AskDialogues | AskToKeep
TrialReply = Done | Faulty | Overran

_encode = msgspec.msgpack.Encoder().encode
decode_question = msgspec.msgpack.Decoder(Question).decode
decode_reply = msgspec.msgpack.Decoder(TrialReply).decode


def framed(message: Question | TrialReply) -> bytes:
    body = _encode(message)
    return LENGTH.pack(len(body)) + body
