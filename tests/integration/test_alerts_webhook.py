"""The webhook against a real server that fails in every way a receiver can."""

import asyncio
import base64
import hashlib
import hmac
import time

import pytest

from alerts.notification import Notification, Says
from alerts.senders.channel import Outcome, Reply
from alerts.senders.standard_webhooks import key_of
from alerts.senders.webhook import Webhook, WebhookSettings
from streams.vocabulary.ids import Millis, SiteId
from tests.integration.alerts_receiver import Answer, Receiver

pytestmark = pytest.mark.servers

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
AT = Millis(1_795_291_260_500)
FIRING = Notification(
    id="sl/queue:销售/1795291200000/firing",
    says=Says.FIRING,
    at=AT,
    site=SiteId("gz"),
    alert="sl/queue:销售/1795291200000",
    rule="sl",
    scope="queue:销售",
    severity="warning",
    reason="fired",
    raised_at=Millis(1_795_291_200_000),
    value=62.5,
    threshold=80.0,
)


async def sent_to(receiver: Receiver, *, host: str = "127.0.0.1", allow_private: bool = True) -> Reply:
    settings = WebhookSettings(
        name="duty", url=receiver.url(host), key=key_of(SECRET), allow_private=allow_private, timeout_ms=500
    )
    return await Webhook(settings).send(FIRING, at=AT)


def test_a_receiver_can_verify_what_it_got() -> None:
    """Signed over exactly the bytes that arrived, as the receiver computes it."""

    async def scenario() -> None:
        async with Receiver() as receiver:
            reply = await sent_to(receiver)
            (got,) = receiver.received
        signed = f"{got.headers['webhook-id']}.{got.headers['webhook-timestamp']}.".encode() + got.body
        key = base64.b64decode(SECRET.removeprefix("whsec_"))
        signature = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
        assert got.headers["webhook-signature"] == f"v1,{signature}"
        assert got.headers["webhook-timestamp"] == "1795291260"
        assert (reply.outcome, reply.status, reply.text) == (Outcome.DELIVERED, 200, "ok")

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (Answer(status=500, text="boom"), Outcome.SERVER_ERROR),
        (Answer(status=400), Outcome.REFUSED),
        (Answer(status=410), Outcome.GONE),
        (Answer(hang_s=30), Outcome.TIMED_OUT),
        (Answer(status=302, headers={"location": "http://169.254.169.254/latest/meta-data/"}), Outcome.REDIRECTED),
        (Answer(status=307, headers={"location": "/elsewhere"}), Outcome.REDIRECTED),
    ],
    ids=["500", "400", "410", "hang", "redirect to the metadata service", "redirect to itself"],
)
def test_a_failure_has_a_name(answer: Answer, outcome: Outcome) -> None:
    """And is one request: nothing is followed, nothing is tried again here."""

    async def scenario() -> None:
        async with Receiver(answer) as receiver:
            began = time.monotonic()
            reply = await sent_to(receiver)
            assert time.monotonic() - began < 10
            assert reply.outcome is outcome
            assert len(receiver.received) == 1

    asyncio.run(scenario())


def test_what_came_back_is_kept_but_not_all_of_it() -> None:
    async def scenario() -> None:
        async with Receiver(Answer(status=500, text="错" * 100_000)) as receiver:
            reply = await sent_to(receiver)
        assert reply.text.startswith("错错")
        assert len(reply.text) <= 500

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("value", "expected_ms"),
    [
        ("7", 7_000),
        ("Sat, 21 Nov 2026 20:02:00 GMT", 59_500),
        ("x", None),
        (f"Sat, 21 Nov 2026 20:02:00 +{'9' * 14}", None),
    ],
)
def test_retry_after_is_read_as_seconds_or_as_a_date(value: str, expected_ms: int | None) -> None:
    async def scenario() -> None:
        async with Receiver(Answer(status=429, headers={"retry-after": value})) as receiver:
            reply = await sent_to(receiver)
        assert (reply.outcome, reply.retry_after_ms) == (Outcome.THROTTLED, expected_ms)

    asyncio.run(scenario())


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "2130706433", "0x7f.1"])
def test_our_own_network_is_out_of_reach_however_it_is_spelt(host: str) -> None:
    async def scenario() -> None:
        async with Receiver() as receiver:
            reply = await sent_to(receiver, host=host, allow_private=False)
            assert reply.outcome is Outcome.ADDRESS_REFUSED
            assert receiver.received == []

    asyncio.run(scenario())


def test_a_name_that_leads_inside_is_allowed_where_that_is_wanted() -> None:
    async def scenario() -> None:
        async with Receiver() as receiver:
            assert (await sent_to(receiver, host="localhost")).outcome is Outcome.DELIVERED

    asyncio.run(scenario())


def test_nobody_listening_is_unreachable() -> None:
    async def scenario() -> None:
        async with Receiver() as receiver:
            pass
        assert (await sent_to(receiver)).outcome is Outcome.UNREACHABLE

    asyncio.run(scenario())
