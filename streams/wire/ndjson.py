"""JSON objects out of growing files. In: bytes from where the last read ended. Out: whole objects, how far they reach.

One a line, or several without anything in between, as Firehose writes them into its files. May not know: files, what an
object says.
"""

import re
from typing import Final

_SIGNS: Final = re.compile(rb'["\\{}]')


def cut(buffer: bytes, *, complete: bool) -> tuple[list[bytes], int]:
    """The objects (or lines that are none) and the number of bytes they take.

    Behind the last newline, whole objects are taken if `complete` (nothing more is being written); what is left over is
    a torn line and stays for the next time.
    """
    end = buffer.rfind(b"\n") + 1
    found = [one for line in buffer[:end].split(b"\n") for one in split_objects(line)]
    if complete:
        objects, rest = whole_objects(buffer[end:])
        found += objects
        end = len(buffer) - len(rest)
    return found, end


def split_objects(line: bytes) -> list[bytes]:
    """The objects of one line, `{…}{…}`; what is no whole object comes last, as it is."""
    found, rest = whole_objects(line)
    rest = rest.strip()
    return [*found, rest] if rest else found


def whole_objects(text: bytes) -> tuple[list[bytes], bytes]:
    """The objects whose brackets close, and what follows the last of them."""
    found: list[bytes] = []
    start = depth = 0
    quoted = False
    skip = -1
    for sign in _SIGNS.finditer(text):
        at, char = sign.start(), sign[0]
        if at == skip:
            continue
        if quoted:
            if char == b"\\":
                skip = at + 1
            elif char == b'"':
                quoted = False
        elif char == b'"':
            quoted = True
        elif char == b"{":
            depth += 1
        elif char == b"}" and depth:
            depth -= 1
            if depth == 0:
                found.append(text[start : at + 1].strip())
                start = at + 1
    return found, text[start:]
