"""Many browsers without a screen, in a process of its own. In: a port, how many. Out: one JSON object a command.

Reads real sockets with epoll and takes apart what it must: every viewer counts bytes, the rows of every delta tell how
old a change is when it can be read. Commands on standard input: `forget`, `tell`, `stop N` (N further sockets that
never read), `end`.
"""

import argparse
import json
import selectors
import socket
import sys
import time
import zlib
from collections.abc import Iterator
from struct import unpack_from

import numpy as np

from seat_map.frames import HEADER, FrameKind, decode

SAMPLED = 50
"""So many viewers unpack and read what they are told, the others count bytes: the machine is the server's to use."""
OLD_MS = 10_000
"""A row whose label is older than this came for another reason than its change."""


class Reading:
    """One socket. Mutable; `bytes` counts what the kernel handed over, WebSocket headers included."""

    def __init__(self, line: socket.socket, *, sampled: bool) -> None:
        self.line = line
        self.sampled = sampled
        self.bytes = 0
        self.frames = 0
        self.texts = 0
        self.seq: int | None = None
        self.gaps = 0
        self._rest = b""

    def messages(self, data: bytes) -> Iterator[tuple[int, bytes]]:
        """Whole messages, unpacked: (opcode, payload). The server masks nothing and splits nothing."""
        data = self._rest + data
        at = 0
        while len(data) - at >= 2:
            size, head = data[at + 1] & 0x7F, 2
            if size == 126:
                head = 4
            elif size == 127:
                head = 10
            if len(data) - at < head:
                break
            if head == 4:
                (size,) = unpack_from("!H", data, at + 2)
            elif head == 10:
                (size,) = unpack_from("!Q", data, at + 2)
            if len(data) - at - head < size:
                break
            payload = data[at + head : at + head + size]
            if data[at] & 0x40 and self.sampled:
                payload = zlib.decompressobj(-zlib.MAX_WBITS).decompress(payload + b"\0\0\xff\xff")
            yield data[at] & 0x0F, payload
            at += head + size
        self._rest = data[at:]


def opened(port: int, path: str, *, packed: bool, receive: int | None = None) -> socket.socket:
    line = socket.socket()
    if receive is not None:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive)
    line.connect(("127.0.0.1", port))
    ask = (
        f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
    )
    if packed:
        ask += "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n"
    ask += "\r\n"
    line.sendall(ask.encode())
    return line


def handshaken(line: socket.socket) -> bytes:
    """What came behind the answer's head."""
    data = b""
    while b"\r\n\r\n" not in data:
        more = line.recv(65536)
        if not more:
            raise ConnectionError("the server closed the socket")
        data += more
    head, _, rest = data.partition(b"\r\n\r\n")
    if b" 101 " not in head.split(b"\r\n", 1)[0]:
        raise ConnectionError(head.decode(errors="replace"))
    return rest


class Crowd:
    """Mutable; one owner."""

    def __init__(self, port: int, count: int, scopes: int, *, packed: bool) -> None:
        self.port = port
        self.packed = packed
        self.readings: list[Reading] = []
        self.deaf: list[socket.socket] = []
        self.late_ms: list[float] = []
        self.old = 0
        self.kinds: dict[str, int] = {}
        self.selector = selectors.DefaultSelector()
        for number in range(count):
            path = f"/ws/floor?scope=s{number % scopes}" if scopes else "/ws/floor"
            line = opened(port, path, packed=packed)
            reading = Reading(line, sampled=number % max(1, count // SAMPLED) == 0)
            self.readings.append(reading)
            self.take(reading, handshaken(line))
            line.setblocking(False)
            self.selector.register(line, selectors.EVENT_READ, reading)
        self.selector.register(sys.stdin, selectors.EVENT_READ, None)

    def run(self) -> None:
        while True:
            for key, _ in self.selector.select(1.0):
                if key.data is None:
                    if not self.obey(sys.stdin.readline().split()):
                        return
                    continue
                data = key.data.line.recv(262_144)
                if not data:
                    raise ConnectionError("the server closed a socket")
                self.take(key.data, data)

    def take(self, reading: Reading, data: bytes) -> None:
        now = time.time_ns() / 1e6
        reading.bytes += len(data)
        for opcode, payload in reading.messages(data):
            if opcode != 9 and not reading.sampled:
                continue
            if opcode == 1:
                reading.texts += len(payload)
                if reading is self.readings[0]:
                    kind = payload[6 : payload.index(b'"', 6)].decode()
                    self.kinds[kind] = self.kinds.get(kind, 0) + len(payload)
            elif opcode == 2:
                self.frame(reading, payload, now)
            elif opcode == 9:  # whoever answers no ping is taken for dead; a mask of zeros changes nothing
                reading.line.sendall(bytes((0x8A, 0x80 | len(payload), 0, 0, 0, 0)) + payload)

    def frame(self, reading: Reading, payload: bytes, now: float) -> None:
        reading.frames += 1
        kind, _, _, _, seq, *_ = HEADER.unpack_from(payload)
        if kind == FrameKind.DELTA:
            if reading.seq is not None and seq != reading.seq + 1:
                reading.gaps += 1
            delta = decode(payload)
            since = delta.at - delta.age_ms.astype(np.int64)
            late = now - since
            fresh = late < OLD_MS
            self.old += int((~fresh).sum())
            self.late_ms += late[fresh].tolist()
        reading.seq = seq

    def obey(self, words: list[str]) -> bool:
        match words:
            case ["forget"]:
                self.late_ms, self.old, self.kinds = [], 0, {}
                for reading in self.readings:
                    reading.bytes = reading.frames = reading.texts = reading.gaps = 0
            case ["tell"]:
                print(json.dumps(self.told()), flush=True)
            case ["stop", count]:
                for _ in range(int(count)):
                    line = opened(self.port, "/ws/floor", packed=self.packed, receive=4096)
                    self.deaf.append(line)
            case _:
                return False
        return True

    def told(self) -> dict[str, object]:
        late = np.sort(np.array(self.late_ms)) if self.late_ms else np.zeros(1)
        return {
            "viewers": len(self.readings),
            "sampled": sum(one.sampled for one in self.readings),
            "bytes": sum(one.bytes for one in self.readings),
            "text_bytes": sum(one.texts for one in self.readings),
            "frames": sum(one.frames for one in self.readings),
            "gaps": sum(one.gaps for one in self.readings),
            "p50_ms": float(np.percentile(late, 50)),
            "p99_ms": float(np.percentile(late, 99)),
            "max_ms": float(late[-1]),
            "changes_read": len(self.late_ms),
            "old_rows": self.old,
            "kinds": self.kinds,
        }


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--viewers", type=int, required=True)
    parser.add_argument("--scopes", type=int, default=0)
    parser.add_argument("--plain", action="store_true")
    asked = parser.parse_args()
    crowd = Crowd(asked.port, asked.viewers, asked.scopes, packed=not asked.plain)
    print(json.dumps({"ready": True}), flush=True)
    crowd.run()


if __name__ == "__main__":
    main()
