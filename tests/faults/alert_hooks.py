"""Receivers of alerts that behave as badly as real ones. In: requests. Out: what each was sent, and when.

One server, a receiver by path; threads, so that a test may block meanwhile. May not know: who sends.
"""

import json
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

LINK_LOCAL = "http://169.254.169.254/latest/meta-data/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Got:
    """One request. `alerts`: (status, scope) of each alert in it, where the body is a webhook's."""

    at: float
    path: str
    id: str
    alerts: tuple[tuple[str, str], ...]


class Hooks:
    """`held`: while it is set, `/good` answers nobody: what is sent then was surely heard and surely not confirmed."""

    def __init__(self) -> None:
        self.got: list[Got] = []
        self.held = threading.Event()
        self._changed = threading.Condition()
        hooks = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length", 0)))
                hooks.take(self.path, self.headers.get("webhook-id", ""), body)
                status, headers, text = hooks.answer(self.path)
                try:
                    self.send_response(status)
                    for name, value in headers.items():
                        self.send_header(name, value)
                    self.send_header("content-length", str(len(text)))
                    self.end_headers()
                    self.wfile.write(text)
                except OSError:  # who asked was killed, or had no more patience
                    self.close_connection = True

            def log_message(self, format: str, *args: Any) -> None:
                """A test's output is its own."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self._thread.start()

    def url(self, name: str) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}/{name}"

    def close(self) -> None:
        self.held.clear()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(10)

    def take(self, path: str, name: str, body: bytes) -> None:
        told = json.loads(body or b"{}")
        alerts = tuple((one["status"], one["labels"]["scope"]) for one in told.get("alerts", ()))
        with self._changed:
            self.got.append(Got(at=time.monotonic(), path=path.partition("?")[0].strip("/"), id=name, alerts=alerts))
            self._changed.notify_all()

    def answer(self, path: str) -> tuple[int, dict[str, str], bytes]:
        match path.partition("?")[0].strip("/"):
            case "broken":
                return 500, {}, b"boom"
            case "liar":
                return 200, {"content-type": "application/json"}, b'{"errcode":93000,"errmsg":"invalid webhook url"}'
            case "away":
                return 302, {"location": LINK_LOCAL}, b""
            case "mute":
                time.sleep(5)
            case "good":
                while self.held.is_set():
                    time.sleep(0.05)
        return 200, {}, b"ok"

    def told(self, receiver: str, status: str, scope: str) -> Sequence[Got]:
        """What `receiver` was sent of it, oldest first."""
        with self._changed:
            return [one for one in self.got if one.path == receiver and (status, scope) in one.alerts]

    def requests(self, receiver: str) -> Sequence[Got]:
        with self._changed:
            return [one for one in self.got if one.path == receiver]

    def until_told(self, receiver: str, status: str, scope: str, *, within_s: float) -> Got:
        deadline = time.monotonic() + within_s
        while not (found := self.told(receiver, status, scope)):
            left = deadline - time.monotonic()
            assert left > 0, f"{receiver} was not told {status} of {scope} within {within_s:g} s: {self.got}"
            with self._changed:
                self._changed.wait(min(left, 0.5))
        return found[0]
