"""Does each source answer as what it should be? In: the configured sources. Out: findings.

Dials and reads the greeting where a switch speaks first; logs in nowhere, so no secret leaves and no session is made.
May not know: what a source says afterwards.
"""

import asyncio
import contextlib
import os
import ssl
from collections.abc import Sequence
from typing import assert_never
from urllib.parse import urlsplit

from monitor.config import (
    AsteriskSource,
    ConnectSource,
    FreeSwitchSource,
    PushSource,
    Source,
    WebSocketSource,
)
from monitor.doctor_checks import Finding, Level, judge_event_socket_greeting, judge_source_greeting

_DIAL_S = 5.0


async def check_sources(sources: Sequence[Source]) -> list[Finding]:
    if not sources:
        mend = "add a [[source]] table; docs/configuration.md has an example"
        return [Finding(Level.WARNING, "sources", "none is configured: the floor stays empty", mend)]
    found = await asyncio.gather(*map(_check, sources))
    return [finding for findings in found for finding in findings]


async def _check(source: Source) -> list[Finding]:
    subject = f"source {source.id}"
    match source:
        case AsteriskSource():
            return [await _asterisk(subject, source), *await asyncio.to_thread(_queue_log, subject, source)]
        case FreeSwitchSource():
            return [await _freeswitch(subject, source)]
        case ConnectSource():
            return await asyncio.to_thread(_connect, subject, source)
        case WebSocketSource():
            return [await _websocket(subject, source)]
        case PushSource():
            return [Finding(Level.OK, subject, "waits at POST /api/v1/events and /ws/events", "")]
        case _:
            assert_never(source)


async def _asterisk(subject: str, source: AsteriskSource) -> Finding:
    where = f"{source.host}:{source.port}"
    context = ssl.create_default_context(cafile=source.tls_ca) if source.tls else None
    mend = "check host and port, the firewall, and `enabled = yes` in the switch's manager.conf"
    greeting = await _greeting(source.host, source.port, context)
    if isinstance(greeting, str):
        return Finding(Level.PROBLEM, subject, f"{where}: {greeting}", mend)
    return judge_source_greeting(subject, where, greeting)


async def _freeswitch(subject: str, source: FreeSwitchSource) -> Finding:
    where = f"{source.host}:{source.port}"
    mend = "check host and port, the firewall, and listen-ip and apply-inbound-acl in event_socket.conf.xml"
    context = ssl.create_default_context(cafile=source.tls_ca) if source.tls else None
    greeting = await _greeting(source.host, source.port, context)
    if isinstance(greeting, str):
        return Finding(Level.PROBLEM, subject, f"{where}: {greeting}", mend)
    return judge_event_socket_greeting(subject, where, greeting)


def _queue_log(subject: str, source: AsteriskSource) -> list[Finding]:
    if source.queue_log is None:
        return []
    name = f"{subject} queue_log"
    if not source.queue_log.exists():
        mend = "name the file or folder share where Asterisk writes it; it appears with the first queue call"
        return [Finding(Level.WARNING, name, f"{source.queue_log} does not exist yet", mend)]
    if not os.access(source.queue_log, os.R_OK):
        mend = "let the service's user read it (group asterisk, mode 0640)"
        return [Finding(Level.PROBLEM, name, f"{source.queue_log} cannot be read", mend)]
    return [Finding(Level.OK, name, f"{source.queue_log} is readable", "")]


def _connect(subject: str, source: ConnectSource) -> list[Finding]:
    ways = []
    if source.folder is not None:
        if not os.access(source.folder, os.R_OK | os.X_OK):
            mend = "let the service's user read the folder"
            return [Finding(Level.PROBLEM, subject, f"{source.folder} cannot be read", mend)]
        ways.append(f"reads {source.folder}")
    if source.token is not None:
        ways.append(f"waits at POST /api/v1/events?source={source.id}")
    return [Finding(Level.OK, subject, ", ".join(ways), "")]


async def _websocket(subject: str, source: WebSocketSource) -> Finding:
    parts = urlsplit(source.url)
    port = parts.port or (443 if parts.scheme == "wss" else 80)
    context = ssl.create_default_context() if parts.scheme == "wss" else None
    reached = await _dial(parts.hostname or "", port, context)
    if isinstance(reached, str):
        return Finding(Level.PROBLEM, subject, f"{parts.hostname}:{port}: {reached}", "check url and firewall")
    await _hang_up(reached[1])
    return Finding(Level.OK, subject, f"{parts.hostname}:{port} answers", "")


Dialled = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def _dial(host: str, port: int, context: ssl.SSLContext | None) -> Dialled | str:
    """A connection, or why there is none."""
    try:
        async with asyncio.timeout(_DIAL_S):
            return await asyncio.open_connection(host, port, ssl=context)
    except ssl.SSLCertVerificationError as error:
        return f"its certificate is not trusted ({error.verify_message}); tls_ca names who signed it"
    except (OSError, TimeoutError) as error:
        return "no answer" if isinstance(error, TimeoutError) else error.strerror or type(error).__name__


async def _greeting(host: str, port: int, context: ssl.SSLContext | None) -> bytes | str:
    """The first line a switch says; b"" if it stays silent; a text if it cannot be reached."""
    dialled = await _dial(host, port, context)
    if isinstance(dialled, str):
        return dialled
    reader, writer = dialled
    try:
        async with asyncio.timeout(_DIAL_S):
            return await reader.readline()
    except (OSError, TimeoutError, ValueError):
        return b""  # whoever stays silent is no switch
    finally:
        await _hang_up(writer)


async def _hang_up(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()
