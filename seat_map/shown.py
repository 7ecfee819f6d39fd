"""A name as a screen may show it. In: a text that a switch, a push or a person gave. Out: one short line of it.

Signs that cannot be seen or turn the reading around are left out: in a list they would make one name look like another
and turn the words beside it. May not know: whose name it is.
"""

SHOWN_MAX = 80
"""Letters; whatever is longer ends in …"""


def shown(text: str) -> str:
    """Most names are as they should be and come back untouched."""
    if len(text) <= SHOWN_MAX and text.isprintable():
        return text
    kept = "".join(sign if sign.isprintable() else " " for sign in text[: 4 * SHOWN_MAX] if not _hidden(sign))
    line = " ".join(kept.split())
    return line if len(line) <= SHOWN_MAX else line[: SHOWN_MAX - 1] + "…"


def _hidden(sign: str) -> bool:
    """Neither seen nor a space: controls of the reading direction, zero-width signs, half of a pair."""
    return not sign.isprintable() and not sign.isspace()
