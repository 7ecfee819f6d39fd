"""Faults of a text as the pages tell them. In: faults. Out: rows in both languages. May not know: schemes, HTTP."""

from collections.abc import Iterable

import msgspec

from scoring.fault_words import in_chinese
from streams.toml_lines import Fault


class TextFault(msgspec.Struct, frozen=True, kw_only=True):
    """One thing to mend. `line` counts from 1. `_zh`: "" where the parser's English has no Chinese words."""

    line: int
    message: str
    mend: str
    message_zh: str = ""
    mend_zh: str = ""


def rows(faults: Iterable[Fault]) -> list[TextFault]:
    return [
        TextFault(
            line=one.line, message=one.message, mend=one.mend,
            message_zh=in_chinese(one.message), mend_zh=in_chinese(one.mend),
        )
        for one in faults
    ]  # fmt: skip
