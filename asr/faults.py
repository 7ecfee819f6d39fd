"""Why a recording could not become a transcript. In: nothing. Out: typed reasons and the exceptions that carry them.

A reason is a stable word (stores, metrics and the UI's catalogues use it); `detail` is for the log and the tooltip.
May not know: vosk, soundfile, any store.
"""

from enum import StrEnum


class AudioReason(StrEnum):
    MISSING_FILE = "missing_file"
    NOT_AUDIO = "not_audio"
    EMPTY = "empty"
    TOO_LONG = "too_long"
    UNREADABLE = "unreadable"
    UNSUPPORTED_RATE = "unsupported_rate"
    UNSUPPORTED_CHANNELS = "unsupported_channels"
    DECODER_CRASHED = "decoder_crashed"
    DECODER_TIMEOUT = "decoder_timeout"


class RecognitionReason(StrEnum):
    RECOGNISER_DIED = "recogniser_died"
    RECOGNISER_TIMEOUT = "recogniser_timeout"
    RECOGNISER_REFUSED = "recogniser_refused"
    INTERRUPTED = "interrupted"
    """The job was handed out too often without anybody reporting how it went: its workers died with it."""


SAME_AGAIN = frozenset(
    {
        AudioReason.NOT_AUDIO,
        AudioReason.EMPTY,
        AudioReason.TOO_LONG,
        AudioReason.UNSUPPORTED_RATE,
        AudioReason.UNSUPPORTED_CHANNELS,
    }
)
"""Reasons that lie in the bytes themselves: a second try would say the same, so the first one is final."""


class AudioFault(Exception):
    """The bytes of a recording cannot be used."""

    def __init__(self, reason: AudioReason, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else str(reason))
        self.reason = reason
        self.detail = detail

    @property
    def final(self) -> bool:
        return self.reason in SAME_AGAIN


class RecognitionFault(Exception):
    """The recogniser failed on usable audio."""

    def __init__(self, reason: RecognitionReason, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else str(reason))
        self.reason = reason
        self.detail = detail

    @property
    def final(self) -> bool:
        return False


class ModelFault(Exception):
    """A folder is not a model; `mend` says what to do."""

    def __init__(self, problem: str, mend: str) -> None:
        super().__init__(f"{problem} {mend}")
        self.problem = problem
        self.mend = mend
