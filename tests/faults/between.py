"""Somebody in between: TCP to a server, with a say over each chunk. In: a port, what to do. Out: another port.

Threads, so that a test may block meanwhile. May not know: protocols.
"""

import contextlib
import socket
import threading
from collections.abc import Callable
from functools import partial

from tests.servers import free_port

Says = Callable[[bytes], bool]
"""True: the chunk may pass. It may take its time."""


def pass_all(chunk: bytes) -> bool:
    return True


class Between:
    """Mutable. `up` and `down` may be changed while it runs: what a client says, what the server answers."""

    def __init__(self, target: int, *, up: Says = pass_all, down: Says = pass_all) -> None:
        self._target = target
        self.up, self.down = up, down
        self.port = free_port()
        self._listening = socket.create_server(("127.0.0.1", self.port))
        self._open: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self._run(self._accept)

    def close(self) -> None:
        """shutdown wakes the threads that wait; close alone would not."""
        for one in (self._listening, *self._open):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()
        for thread in self._threads:
            thread.join(15)

    def _run(self, work: Callable[[], None]) -> None:
        thread = threading.Thread(target=work, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listening.accept()
            except OSError:
                return
            try:
                far = socket.create_connection(("127.0.0.1", self._target), timeout=5)
            except OSError:
                near.close()
                continue
            far.settimeout(None)
            self._open += [near, far]
            self._run(partial(self._pump, near, far, lambda chunk: self.up(chunk)))
            self._run(partial(self._pump, far, near, lambda chunk: self.down(chunk)))

    @staticmethod
    def _pump(source: socket.socket, sink: socket.socket, says: Says) -> None:
        try:
            while (chunk := source.recv(65_536)) and says(chunk):
                sink.sendall(chunk)
        except OSError:
            pass
        finally:
            for one in (source, sink):
                with contextlib.suppress(OSError):
                    one.shutdown(socket.SHUT_RDWR)
