"""Mail, and the one door to aiosmtplib. In: a Message. Out: a mail over verified TLS; 250 is a success, 4xx is later.

Message-ID is the notification's id, so a retry that came twice is one mail to the reader's program; `resolved` refers
to `firing`. The host is looked up once and judged as a webhook's is. May not know: retries, other services.
"""

import asyncio
import re
import socket
import ssl
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Final

import aiosmtplib

from alerts.notification import Says
from alerts.senders.address import AddressRefused, GuardedResolver
from alerts.senders.channel import Outcome, Reply
from alerts.senders.cut import cut
from alerts.senders.message import Message
from alerts.senders.post import TEXT_KEPT
from alerts.senders.spec import Field, FieldKind, Spec, Way
from alerts.senders.standard_webhooks import message_id
from streams.vocabulary.ids import Millis

STARTTLS: Final = "starttls"
TLS: Final = "tls"
PLAIN: Final = "none"
MOST_SUBJECT: Final = 200
_ADDRESS: Final = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Smtp:
    host: str
    sender: str
    to: tuple[str, ...] = field(repr=False)
    port: int = 587
    security: str = STARTTLS
    username: str = ""
    password: str = field(default="", repr=False)
    ca_file: str = ""


def mail_of(message: Message, settings: Smtp) -> EmailMessage:
    domain = settings.sender.rpartition("@")[2]
    mail = EmailMessage()
    mail["Message-ID"] = f"<{message.id}@{domain}>"
    mail["Subject"] = cut(message.title, MOST_SUBJECT)
    mail["From"] = settings.sender
    mail["To"] = ", ".join(settings.to)
    mail["Date"] = format_datetime(datetime.fromtimestamp(message.at / 1000, UTC))
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: no absence note comes back
    first = message.notifications[0]
    if len(message.notifications) == 1 and first.says is Says.RESOLVED:
        fired = f"<{message_id(f'{first.alert}/{Says.FIRING}')}@{domain}>"
        mail["In-Reply-To"] = mail["References"] = fired
    mail.set_content(f"{message.text}\n\n{message.link}\n" if message.link else f"{message.text}\n")
    return mail


async def send(message: Message, settings: Smtp, way: Way, at: Millis) -> Reply:
    try:
        async with asyncio.timeout(way.timeout_ms / 1000):
            return await _sent(message, settings, way)
    except TimeoutError:  # aiosmtplib's own are this, too
        return Reply(outcome=Outcome.TIMED_OUT, text=f"no answer within {way.timeout_ms} ms")
    except AddressRefused as error:
        return Reply(outcome=Outcome.ADDRESS_REFUSED, text=str(error))
    except aiosmtplib.SMTPRecipientsRefused as error:
        return _by_codes([one.code for one in error.recipients])
    except aiosmtplib.SMTPResponseException as error:
        return _by_code(error.code, error.message)
    except aiosmtplib.SMTPNotSupported as error:
        return Reply(outcome=Outcome.REFUSED, text=str(error)[:TEXT_KEPT])  # no STARTTLS: never in clear text
    except (aiosmtplib.SMTPException, OSError) as error:
        return Reply(outcome=Outcome.UNREACHABLE, text=type(error).__name__)


async def _sent(message: Message, settings: Smtp, way: Way) -> Reply:
    # reads a file of certificates: milliseconds, once a mail
    context = ssl.create_default_context(cafile=settings.ca_file or None)
    opened = await _connected(settings, way)
    client = aiosmtplib.SMTP(
        hostname=settings.host,
        sock=opened,
        use_tls=settings.security == TLS,
        start_tls=False,
        tls_context=context,
        local_hostname=settings.sender.rpartition("@")[2],
        timeout=way.timeout_ms / 1000,
    )
    try:
        try:
            await client.connect()
        except BaseException:
            opened.close()  # from here on the connection owns it
            raise
        if settings.security == STARTTLS:
            await client.ehlo()
            if not client.supports_extension("starttls"):
                return Reply(outcome=Outcome.REFUSED, text="the server offers no STARTTLS; nothing goes in clear text")
            await client.starttls(server_hostname=settings.host, tls_context=context)
        if settings.username:
            await client.login(settings.username, settings.password)
        refused, said = await client.send_message(mail_of(message, settings), recipients=list(settings.to))
    finally:
        transport = client.transport
        if isinstance(transport, asyncio.Transport):
            transport.abort()  # its answer is all that counts: no farewell is waited for
        client.close()
    if refused:
        # somebody has it: again would be a second copy to them
        codes = ", ".join(str(one.code) for one in refused.values())
        said = f"{said}; {len(refused)} of {len(settings.to)} recipients refused ({codes})"
    return Reply(outcome=Outcome.DELIVERED, status=250, text=said[:TEXT_KEPT])


async def _connected(settings: Smtp, way: Way) -> socket.socket:
    """To one of exactly the addresses that were judged. Raises AddressRefused, OSError."""
    resolver = GuardedResolver(allow_private=way.allow_private)
    failed: OSError | None = None
    for found in await resolver.resolve(settings.host, settings.port, socket.AF_UNSPEC):
        opened = socket.socket(found["family"], socket.SOCK_STREAM)
        opened.setblocking(False)
        try:
            await asyncio.get_running_loop().sock_connect(opened, (found["host"], settings.port))
        except OSError as error:
            opened.close()
            failed = error
        except BaseException:
            opened.close()
            raise
        else:
            return opened
    raise failed or OSError("the name has no address")


def _by_code(code: int, text: str) -> Reply:
    outcome = Outcome.THROTTLED if 400 <= code < 500 else Outcome.REFUSED
    return Reply(outcome=outcome, status=code, code=str(code), text=text[:TEXT_KEPT])


def _by_codes(codes: list[int]) -> Reply:
    """Nobody has it. One that may be taken later is worth another try; addresses are nobody's business here."""
    text = f"all {len(codes)} recipients refused ({', '.join(map(str, codes))})"
    return _by_code(min(codes, default=550), text)


def faults(settings: Smtp) -> tuple[tuple[str, str, str], ...]:
    found = []
    for key, addresses in (("sender", (settings.sender,)), ("to", settings.to)):
        wrong = [
            one for one in addresses if one.count("@") != 1 or not one.isprintable() or any(c in one for c in " ,<>")
        ]
        if wrong or not addresses:
            found.append((key, "is not an address of mail", 'write one such as "duty@example.com"'))
    if settings.password and settings.security == PLAIN:
        found.append(("security", "a password would go out in clear text", 'write security = "starttls" or "tls"'))
    if bool(settings.username) != bool(settings.password):
        found.append(("username", "username and password go together", "write both, or neither"))
    return tuple(found)


SPEC = Spec(
    name="smtp",
    asked=Smtp,
    fields=(
        Field(key="host", kind=FieldKind.TEXT, zh="邮件服务器", en="the mail server"),
        Field(key="port", kind=FieldKind.INTEGER, default=587, low=1, high=65_535, zh="端口", en="port"),
        Field(
            key="security",
            kind=FieldKind.CHOICE,
            choices=(STARTTLS, TLS, PLAIN),
            default=STARTTLS,
            zh="starttls、tls（465 端口）或 none（仅限 allow_private）",
            en="starttls, tls (port 465) or none (only with allow_private)",
        ),
        Field(key="sender", kind=FieldKind.TEXT, zh="发件地址", en="the sender's address"),
        Field(key="to", kind=FieldKind.TEXTS, zh="收件地址", en="who gets it"),
        Field(key="username", kind=FieldKind.TEXT, default="", zh="登录名", en="log-in name"),
        Field(key="password", kind=FieldKind.SECRET, default="", zh="登录密码", en="its password"),
        Field(key="ca_file", kind=FieldKind.FILE, default="", zh="自有 CA 证书", en="a CA of your own"),
    ),
    send=send,
    faults=faults,
    zh="邮件",
    en="Mail",
)
