"""A captured AMI wire on a port, N times as fast. In: a capture folder, a factor. Out: the bytes, to whoever logs in.

`python -m tests.bench._player FOLDER FACTOR PORT_FILE REPORT_FILE`: says its port, plays to the first client when that
has logged in, then answers pings until it is ended. The report tells how late its writes were: a reader that does not
keep up shows there first.
"""

import asyncio
import contextlib
import json
import os
import sys
import time
from pathlib import Path

STEP_S = 0.02
PONG = b"Response: Success\r\nPing: Pong\r\n\r\n"


def schedule(folder: Path) -> list[tuple[int, int]]:
    """(epoch ms, offset where the messages of that moment begin), one for each moment."""
    found: list[tuple[int, int]] = []
    with (folder / "ami.times.tsv").open(encoding="utf-8") as rows:
        next(rows)
        for row in rows:
            _, offset, at, *_ = row.split("\t", 3)
            if not found or int(at) > found[-1][0]:
                found.append((int(at), int(offset)))
    return found


class Player:
    def __init__(self, folder: Path, factor: float, report: Path) -> None:
        self._raw = (folder / "ami.raw").read_bytes()
        self._moments = schedule(folder)
        self._factor = factor
        self._report = report
        self._free = asyncio.Lock()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")  # the log-in; its answer is part of the capture
        asking = asyncio.create_task(self._answer(reader, writer))
        if not self._free.locked():
            await self._free.acquire()
            await self._play(writer)
        await asking

    async def _play(self, writer: asyncio.StreamWriter) -> None:
        began, first = time.monotonic(), self._moments[0][0]
        ends = [offset for _, offset in self._moments[1:]] + [len(self._raw)]
        place, latest_s, number = 0, 0.0, 0
        while number < len(self._moments):
            now_s = time.monotonic() - began
            while number < len(self._moments) and (self._moments[number][0] - first) / 1000 / self._factor <= now_s:
                number += 1
            if ends[number - 1] > place:
                writer.write(self._raw[place : ends[number - 1]])
                place = ends[number - 1]
                await writer.drain()
                latest_s = max(latest_s, time.monotonic() - began - now_s)
            await asyncio.sleep(STEP_S)
        told = {"seconds": time.monotonic() - began, "bytes": place, "latest_write_s": latest_s, "ended": time.time()}
        _write_whole(self._report, json.dumps(told))

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError):  # the client went
            while block := await reader.readuntil(b"\r\n\r\n"):
                if block.startswith(b"Action: Ping") and self._report.exists():
                    writer.write(PONG)


def _write_whole(path: Path, text: str) -> None:
    part = path.with_name(path.name + ".part")
    part.write_text(text, encoding="utf-8")
    os.replace(part, path)


async def main(folder: Path, factor: float, port_file: Path, report: Path) -> None:
    player = Player(folder, factor, report)
    server = await asyncio.start_server(player.serve, "127.0.0.1", 0)
    _write_whole(port_file, str(server.sockets[0].getsockname()[1]))
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), float(sys.argv[2]), Path(sys.argv[3]), Path(sys.argv[4])))
