"""A switch made of a capture, in real time on a port: what a collector would have heard. In: a capture. Out: bytes.

Each connection of the capture is up when it was up; between them nobody answers. Who comes in the middle of one is let
in and hears on from the capture's next full picture, as its own asking would bring it: what happened meanwhile is lost
to him. Threads, so that a test may block meanwhile. May not know: what the bytes mean.
"""

import contextlib
import socket
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from streams.collect.capture import Connection, open_capture, read_file
from streams.translate.asterisk import WANTED
from streams.wire.ami import AmiParser
from tests.servers import free_port

LOGIN = (
    b"Response: Success\r\nMessage: Authentication accepted\r\n\r\nEvent: FullyBooted\r\nStatus: Fully Booted\r\n\r\n"
)
BANNER = b"Asterisk Call Manager/11.0.0\r\n"


@dataclass(frozen=True, slots=True)
class Part:
    """One connection: its bytes, when each message is said (ms from the capture's start), where pictures begin."""

    raw: bytes
    moments: list[tuple[int, int]]
    """(offset, ms), rising"""
    pictures: list[int]
    began_ms: int
    ended_ms: int


def parts_of(folder: Path) -> list[Part]:
    connections = [one for one in open_capture(folder).connections if one.times]
    start = connections[0].connected_at
    return [_part(one, start) for one in connections]


def _part(one: Connection, start: int) -> Part:
    raw = read_file(one.file)
    parser = AmiParser({**WANTED, b"FullyBooted": None})
    pictures, inside = [], False
    for message in parser.feed(raw):
        if message.name == b"QueueParams" and not inside:
            pictures.append(message.offset)
            inside = True
        elif message.name == b"CoreShowChannelsComplete":
            inside = False
    moments = sorted((offset, at - start) for offset, at in one.times.items())
    return Part(raw, moments, pictures, one.connected_at - start, one.disconnected_at - start)


class Switch:
    """Mutable. The clock starts with the first log-in; `heard_until`: (part, offset) of the last listener."""

    def __init__(self, folder: Path, *, from_ms: int = 0) -> None:
        """`from_ms`: where in the capture the clock starts; the first listener then waits for a picture, too."""
        self._parts = parts_of(folder)
        self._from_ms = from_ms
        self._port = free_port()
        self._began: float | None = None
        self._stopped = threading.Event()
        self._threads = [threading.Thread(target=self._serve, daemon=True)]
        self._heard: set[int] = set()
        self.heard_until = (0, 0)
        self.listeners = 0

    @property
    def port(self) -> int:
        return self._port

    @property
    def seconds(self) -> float:
        return self._parts[-1].ended_ms / 1000

    def open(self) -> "Switch":
        self._threads[0].start()
        return self

    def close(self) -> None:
        self._stopped.set()
        for thread in self._threads:
            thread.join(15)

    @property
    def at_ms(self) -> int:
        """How far the capture is."""
        ran_s = 0.0 if self._began is None else time.monotonic() - self._began
        return self._from_ms + round(ran_s * 1000)

    def _now(self) -> int | None:
        """Which part is up."""
        return next((i for i, one in enumerate(self._parts) if one.began_ms <= self.at_ms < one.ended_ms), None)

    def _serve(self) -> None:
        while not self._stopped.is_set():
            if self._now() is None:
                time.sleep(0.02)
                continue
            with socket.create_server(("127.0.0.1", self._port)) as listening:
                listening.settimeout(0.1)
                while self._now() is not None and not self._stopped.is_set():
                    with contextlib.suppress(TimeoutError):
                        near, _ = listening.accept()
                        thread = threading.Thread(target=self._listener, args=(near,), daemon=True)
                        self._threads.append(thread)
                        thread.start()

    def _listener(self, near: socket.socket) -> None:
        number = self._now()
        with near, contextlib.suppress(OSError):
            near.recv(4096)  # the log-in
            if number is None:
                return
            self.listeners += 1
            if self._began is None:
                self._began = time.monotonic()
            if not self._from_ms and not self._heard:
                self._play(near, number, 0)
                return
            near.sendall(BANNER + LOGIN)
            part = self._parts[number]
            if self._heard and number not in self._heard:  # up again: the first to come hears all of it
                self._play(near, number, 0)
                return
            said = [offset for offset, at in part.moments if at > self.at_ms]
            picture = next((offset for offset in part.pictures if said and offset >= said[0]), None)
            if picture is not None:
                self._play(near, number, picture)

    def _play(self, near: socket.socket, number: int, offset: int) -> None:
        self._heard.add(number)
        part = self._parts[number]
        ends = {start: end for (start, _), end in zip(part.moments, _ends(part), strict=True)}
        for start, at in part.moments:
            if start < offset:
                continue
            while self.at_ms < at:
                if self._stopped.wait(min(0.02, (at - self.at_ms) / 1000)):
                    return
            near.sendall(part.raw[start : ends[start]])
            self.heard_until = (number, ends[start])
        while self.at_ms < part.ended_ms and not self._stopped.wait(0.02):
            continue


def _ends(part: Part) -> Sequence[int]:
    return [*(offset for offset, _ in part.moments[1:]), len(part.raw)]
