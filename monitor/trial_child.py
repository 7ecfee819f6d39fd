"""A text that nobody published, asked in a process that may die of it. In: questions on stdin. Out: replies on stdout.

Each question is a fork of this warm process under limits of CPU, memory and time; the rule that it is at stands in a
page of memory both see, so a fork that ended says which one it was. May not know: HTTP, the bus, stores.
"""

import gc
import mmap
import os
import select
import signal
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from time import monotonic
from typing import Final, NoReturn, overload

import msgspec

from asr.limits import die_with_parent, limit_process
from asr.wire import read_frame
from monitor.rules_faults import rows
from monitor.rules_test import golden_run, kept_dialogue
from monitor.rules_try import tried
from monitor.trial_wire import (
    AskContact,
    AskDialogues,
    AskToKeep,
    Done,
    Faulty,
    Overran,
    Question,
    TrialReason,
    TrialReply,
    decode_question,
    decode_reply,
    framed,
)
from scoring.index import Compiled, compile_scheme
from scoring.parse import read_scheme
from scoring.rules import Rule

MOST_FAULTS: Final = 500
_OPEN_FILES: Final = 32
_NO_MEMORY, _FAILED = 71, 70
_DETAIL: Final = 300
_PAGE: Final = 1_024
_PIECE: Final = 65_536


class Page:
    """The rule that is being asked, as the fork last wrote it. The length comes last, so that half a name is none."""

    def __init__(self) -> None:
        self._memory = mmap.mmap(-1, _PAGE)

    def write(self, rule: str) -> None:
        name = rule.encode()[: _PAGE - 2]
        self._memory[0:2] = b"\0\0"
        self._memory[2 : 2 + len(name)] = name
        self._memory[0:2] = len(name).to_bytes(2, "big")

    def read(self) -> str:
        length = int.from_bytes(self._memory[0:2], "big")
        return bytes(self._memory[2 : 2 + length]).decode(errors="ignore")


class Followed(Sequence[Rule]):
    """A scheme's rules, each of which is written down before it is asked."""

    def __init__(self, rules: Sequence[Rule], page: Page) -> None:
        self._rules = rules
        self._page = page

    def __len__(self) -> int:
        return len(self._rules)

    def __iter__(self) -> Iterator[Rule]:
        for rule in self._rules:
            self._page.write(rule.id)
            yield rule
        self._page.write("")

    @overload
    def __getitem__(self, at: int) -> Rule: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[Rule]: ...
    def __getitem__(self, at: int | slice) -> Rule | Sequence[Rule]:
        if isinstance(at, slice):
            return self._rules[at]
        self._page.write(self._rules[at].id)
        return self._rules[at]


def main() -> int:
    die_with_parent()
    gc.freeze()  # what is loaded stays shared with the forks instead of being copied page by page
    page = Page()
    while (body := read_frame(sys.stdin.buffer)) is not None:
        asked = decode_question(body)
        sys.stdout.buffer.write(framed(_asked_in_a_fork(asked, page)))
        sys.stdout.buffer.flush()
    return 0


def _asked_in_a_fork(asked: Question, page: Page) -> TrialReply:
    page.write("")
    reading, writing = os.pipe()
    parent = os.getpid()
    child = os.fork()
    if child == 0:
        os.close(reading)
        _end_of_fork(asked, page, writing, parent)
    os.close(writing)
    answer = _read(reading, until=monotonic() + asked.limits.wall_s)
    os.close(reading)
    if answer is None:
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    if answer is not None and status == 0:
        reply: TrialReply = decode_reply(answer)
        return reply
    return _ended(status, page.read(), late=answer is None, last_words=(answer or b"").decode(errors="replace"))


def _read(reading: int, *, until: float) -> bytes | None:
    """All that the fork said; None: it did not end in time."""
    blob = bytearray()
    poller = select.poll()
    poller.register(reading, select.POLLIN)
    while (left := until - monotonic()) > 0:
        if not poller.poll(left * 1000):
            break
        piece = os.read(reading, _PIECE)
        if not piece:
            return bytes(blob)
        blob += piece
    return None


def _ended(status: int, rule: str, *, late: bool, last_words: str) -> Overran:
    if late or (os.WIFSIGNALED(status) and os.WTERMSIG(status) in (signal.SIGXCPU, signal.SIGKILL)):
        return Overran(reason=TrialReason.TIME, rule=rule)
    if os.WIFEXITED(status) and os.WEXITSTATUS(status) == _NO_MEMORY:
        return Overran(reason=TrialReason.MEMORY, rule=rule)
    told = f"signal {os.WTERMSIG(status)}" if os.WIFSIGNALED(status) else last_words
    return Overran(reason=TrialReason.DIED, rule=rule, detail=told[:_DETAIL])


def _end_of_fork(asked: Question, page: Page, writing: int, parent: int) -> NoReturn:
    """A fork must never return into the loop of its parent."""
    code = _FAILED
    try:
        die_with_parent(parent)
        limits = asked.limits
        limit_process(cpu_s=limits.cpu_s, memory_mb=limits.memory_mb, files=_OPEN_FILES)
        with open(writing, "wb", closefd=False) as out:
            out.write(msgspec.msgpack.encode(_answer(asked, page)))
        code = 0
    except MemoryError:
        code = _NO_MEMORY
    finally:
        if code == _FAILED and (error := sys.exception()) is not None:
            os.write(writing, f"{type(error).__name__}: {error}".encode(errors="replace")[:_DETAIL])
        os._exit(code)


def _answer(asked: Question, page: Page) -> TrialReply:
    reading = read_scheme(asked.text, file="scheme")
    if reading.scheme is None:
        return Faulty(faults=rows(reading.faults[:MOST_FAULTS]))
    compiled = _followed(compile_scheme(reading.scheme), page)
    match asked:
        case AskContact():
            told = msgspec.msgpack.encode(tried(asked.case, reading.scheme, at=asked.at, compiled=compiled))
        case AskDialogues():
            told = msgspec.msgpack.encode(golden_run(reading.scheme, asked.golden, compiled=compiled))
        case AskToKeep():
            made = kept_dialogue(asked.case, reading.scheme, asked.golden, asked.kept, compiled=compiled)
            told = msgspec.msgpack.encode(made)
    return Done(body=told)


def _followed(compiled: Compiled, page: Page) -> Compiled:
    return replace(compiled, rules=Followed(compiled.rules, page))


if __name__ == "__main__":
    raise SystemExit(main())
