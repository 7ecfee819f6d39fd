"""A small mail server with STARTTLS that answers as it is told. In: SMTP. Out: the mails it took.

It refuses a log-in and a mail before TLS, as a submission server does.
"""

import asyncio
import base64
import contextlib
import ssl
from types import TracebackType

USER = "floor"
PASSWORD = "hunter2hunter2"
LOGIN = base64.b64encode(f"\0{USER}\0{PASSWORD}".encode()).decode()


class MailServer:
    """`answers`: what it says to a command's first word in place of its own answer."""

    def __init__(self, tls: ssl.SSLContext | None, **answers: str) -> None:
        self.mails: list[bytes] = []
        self.port = 0
        self._tls = tls
        self._answers = answers
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> "MailServer":
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            # the other side goes without a farewell; what still talks at the end is cancelled
            with contextlib.suppress(
                ConnectionError, ssl.SSLError, asyncio.IncompleteReadError, asyncio.CancelledError
            ):
                await self._talk(reader, writer)
        finally:
            self._tasks.discard(task)
            writer.transport.abort()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        secure = logged_in = False
        writer.write(b"220 mail.example ESMTP\r\n")
        while line := (await reader.readline()).decode().rstrip():
            word = line.split()[0].upper()
            if word in self._answers:
                answer = self._answers[word]
                if answer == "hang":
                    await asyncio.sleep(30)
            elif word == "EHLO":
                offered = ["AUTH PLAIN"] if secure else ["STARTTLS"] if self._tls else []
                answer = "\r\n".join([f"250-{one}" for one in ["mail.example", *offered]]) + "\r\n250 8BITMIME"
            elif word == "STARTTLS":
                writer.write(b"220 go ahead\r\n")
                await writer.drain()
                await writer.start_tls(self._tls)  # type: ignore[arg-type]
                secure = True
                continue
            elif word == "AUTH":
                logged_in = secure and line.endswith(LOGIN)
                answer = (
                    "235 2.7.0 accepted"
                    if logged_in
                    else f"535 5.7.8 not {base64.b64decode(line.split()[-1]).decode()!r}"
                )
            elif word in ("MAIL", "RCPT") and not logged_in:
                answer = "530 5.7.0 authentication required"
            elif word == "DATA":
                writer.write(b"354 go on\r\n")
                self.mails.append(await reader.readuntil(b"\r\n.\r\n"))
                answer = "250 2.0.0 queued as 1"
            elif word == "QUIT":
                return
            else:
                answer = "250 ok"
            writer.write(f"{answer}\r\n".encode())
            await writer.drain()
