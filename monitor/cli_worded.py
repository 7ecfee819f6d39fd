"""Faults of schemes and dialogues in the reader's language. In: a Fault, the terminal's locale. Out: lines.

English where the parser's sentence has no Chinese words. May not know: schemes.
"""

import os
from collections.abc import Mapping
from typing import Final

from scoring.fault_words import in_chinese
from streams.toml_lines import Fault

_LOCALE: Final = ("LC_ALL", "LC_MESSAGES", "LANG")


def reads_chinese(environment: Mapping[str, str] = os.environ) -> bool:
    """As POSIX has it: the first of these that says anything."""
    return next((environment[name] for name in _LOCALE if environment.get(name)), "").startswith("zh")


def worded(fault: Fault, *, warning: bool = False, chinese: bool | None = None) -> str:
    """`chinese` None: as the terminal's locale is. FILE:LINE: stands first in both, to be searched."""
    if not (reads_chinese() if chinese is None else chinese):
        kind = "warning: " if warning else ""
        return f"{fault.path}:{fault.line}: {kind}{fault.message}\n    mend: {fault.mend}"
    message, mend = in_chinese(fault.message) or fault.message, in_chinese(fault.mend) or fault.mend
    return f"{fault.path}:{fault.line}: {'提醒：' if warning else ''}{message}\n    改法：{mend}"
