"""Mail against a server that wants STARTTLS and a log-in, and says no in every way a mail server can."""

import asyncio
import email
import ssl
import subprocess
from dataclasses import replace
from email import policy
from pathlib import Path

import pytest

from alerts.senders.channel import Outcome, Reply
from alerts.senders.message import Wording, trial
from alerts.senders.registry import KINDS
from alerts.senders.smtp import Smtp
from alerts.senders.spec import Way
from alerts.senders.spec_channel import ChannelSettings, SpecChannel
from streams.vocabulary.ids import Millis, SiteId
from tests.integration.smtp_service import PASSWORD, USER, MailServer

pytestmark = pytest.mark.servers

AT = Millis(1_795_291_260_500)
TOLD = trial(site=SiteId("gz"), channel="duty", at=AT, by="anna")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Key and certificate of `localhost` in one file, signed by itself."""
    folder = tmp_path_factory.mktemp("tls")
    key, cert, both = folder / "key.pem", folder / "cert.pem", folder / "both.pem"
    subject = ("-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost")
    kind = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1")
    command = ("openssl", "req", "-x509", *kind, "-nodes", "-days", "2", *subject, "-keyout", key, "-out", cert)
    subprocess.run(command, check=True, capture_output=True, timeout=30)
    both.write_bytes(key.read_bytes() + cert.read_bytes())
    return both


def context(certificate: Path) -> ssl.SSLContext:
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(certificate)
    return made


async def sent(server: MailServer, certificate: Path, *, way: Way | None = None, **other: object) -> Reply:
    asked = Smtp(
        host="localhost",
        port=server.port,
        sender="floor@example.com",
        to=("duty@example.com", "night@example.com"),
        username=USER,
        password=PASSWORD,
        ca_file=str(certificate),
    )
    settings = ChannelSettings(
        name="duty", spec=KINDS["smtp"], asked=replace(asked, **other), way=way or Way(allow_private=True)
    )
    return await SpecChannel(settings, Wording()).send(TOLD, at=AT)


def test_a_mail_goes_out_over_verified_tls(certificate: Path) -> None:
    """With its id, both recipients, and Chinese that a reader's program can show."""

    async def scenario() -> None:
        async with MailServer(context(certificate)) as server:
            reply = await sent(server, certificate)
        assert (reply.outcome, reply.status) == (Outcome.DELIVERED, 250)
        (mail,) = server.mails
        read = email.message_from_bytes(mail, policy=policy.default)
        assert read["Subject"] == "【测试】Floorwatch · duty"
        assert read["To"] == "duty@example.com, night@example.com"
        assert str(read["Message-ID"]).endswith("@example.com>")
        assert "没有告警" in read.get_content()

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("answers", "other", "outcome"),
    [
        ({"RCPT": "451 4.3.0 later"}, {}, Outcome.THROTTLED),
        ({"RCPT": "550 5.1.1 nobody here"}, {}, Outcome.REFUSED),
        ({"MAIL": "421 4.7.0 too many"}, {}, Outcome.THROTTLED),
        ({"DATA": "554 5.6.0 no"}, {}, Outcome.REFUSED),
        ({}, {"password": "not-it-at-all"}, Outcome.REFUSED),
        ({}, {"ca_file": ""}, Outcome.UNREACHABLE),
        ({"EHLO": "hang"}, {"way": Way(allow_private=True, timeout_ms=300)}, Outcome.TIMED_OUT),
        ({}, {"way": Way()}, Outcome.ADDRESS_REFUSED),
        ({"EHLO": "250 mail.example"}, {}, Outcome.REFUSED),
    ],
    ids=["later", "nobody", "busy", "no", "password", "certificate", "hang", "private", "no STARTTLS"],
)
def test_a_failure_has_a_name(
    certificate: Path, answers: dict[str, str], other: dict[str, object], outcome: Outcome
) -> None:
    """No mail was taken, and nothing shows the password: a server may say it back."""

    async def scenario() -> None:
        async with MailServer(context(certificate), **answers) as server:
            reply = await sent(server, certificate, **other)  # type: ignore[arg-type]
        assert reply.outcome is outcome, reply
        assert server.mails == []
        assert PASSWORD not in reply.text
        assert "not-it-at-all" not in reply.text

    asyncio.run(scenario())
