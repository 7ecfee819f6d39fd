"""Words for a terminal. In: text that may come from a switch, a store or a file. Out: `out` and `err`, plainly.

Nothing in such a text is markup or a terminal's command; lines are not folded, so that `FILE:LINE:` can be searched.
"""

import re
import sys
from typing import Final

from rich.console import Console
from rich.text import Text

_stdout_width: Final = None if sys.stdout.isatty() else 10_000
"""A file or a pipe has no edge: nothing of a table's cells is cut there."""
out: Final = Console(width=_stdout_width)
err: Final = Console(stderr=True)

_COMMANDS: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]|[\ud800-\udfff]")
"""Control characters (escape sequences begin with one), what turns the direction of reading, what is no character."""


def plain(value: object) -> Text:
    """For a table's cell or a line: what it says, and nothing that it does."""
    return Text(_COMMANDS.sub("\ufffd", str(value)))


def say(value: object) -> None:
    out.print(plain(value), soft_wrap=True)


def complain(value: object) -> None:
    err.print(plain(value), soft_wrap=True)
