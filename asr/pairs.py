"""Two mono files of one call. In: a file's name and the endings in use. Out: both names, channel 0 first.

Asterisk's MixMonitor writes NAME-rx and NAME-tx (its r and t options), its Monitor NAME-in and NAME-out: each side in a
file of its own. May not know: files.
"""

from collections.abc import Sequence

ENDINGS = (("-rx", "-tx"), ("-in", "-out"), ("_rx", "_tx"), ("_in", "_out"))
"""The first of each becomes channel 0."""


def pair_of(path: str, endings: Sequence[tuple[str, str]] = ENDINGS) -> tuple[str, str] | None:
    """(channel 0, channel 1) when the name ends like one half of a pair; whether the other exists is not known here."""
    folder, slash, name = path.rpartition("/")
    stem, dot, suffix = name.rpartition(".")
    for first, second in endings:
        for mine, other in ((first, second), (second, first)):
            if dot and stem.endswith(mine) and stem != mine:
                partner = f"{folder}{slash}{stem.removesuffix(mine)}{other}.{suffix}"
                return (path, partner) if mine == first else (partner, path)
    return None
