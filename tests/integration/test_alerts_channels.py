"""Every channel against its service, as faithful as its documentation: what is taken, refused, and never followed."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest
from msgspec.structs import replace as with_other

from alerts.notification import Detail, Notification, Says
from alerts.senders.channel import Outcome, Reply
from alerts.senders.dingtalk import DingTalk
from alerts.senders.feishu import Feishu
from alerts.senders.message import Wording
from alerts.senders.pagerduty import PagerDuty
from alerts.senders.registry import KINDS
from alerts.senders.slack import Slack
from alerts.senders.sms import Sms
from alerts.senders.spec import Way
from alerts.senders.spec_channel import ChannelSettings, SpecChannel
from alerts.senders.teams import Teams
from alerts.senders.wecom import WeCom
from streams.vocabulary.ids import Millis, SiteId
from tests.integration.alerts_receiver import Answer, Receiver
from tests.integration.channel_services import KEY, ROUTING_KEY, SECRET, TOKEN, Services

pytestmark = pytest.mark.servers

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
    detail=Detail(label_zh="服务水平低", label_en="Service level low", formula="f", window_minutes=15, part=2, whole=3),
)
RESOLVED = with_other(FIRING, id="r", says=Says.RESOLVED, reason="resolved", resolved_at=AT)
SMS_BODY = '{"PhoneNumbers": {{ to|join(",")|tojson }}, "TemplateParam": {{ text|tojson }}}'


def settings_of(services: Services, *, secret: str = SECRET, token: str = TOKEN) -> dict[str, Any]:
    """Right ones, but for what is given."""
    at = services.url
    return {
        "wecom": WeCom(key=KEY if token == TOKEN else token, url=at("/cgi-bin/webhook/send")),
        "dingtalk": DingTalk(token=token, secret=secret, url=at("/robot/send")),
        "feishu": Feishu(token=token, secret=secret, url=at("/open-apis/bot/v2/hook")),
        "slack": Slack(url=at(f"/services/T0/B0/{token}")),
        "teams": Teams(url=at(f"/workflows/{token}")),
        "pagerduty": PagerDuty(routing_key=ROUTING_KEY if token == TOKEN else token, url=at("/v2/enqueue")),
        "sms": Sms(
            url=at("/sms"),
            to=("13800000000", "13900000000"),
            body=SMS_BODY,
            headers=(("Authorization", "Bearer {{ secret }}"),),
            secret=token,
            later_values=("isv.BUSINESS_LIMIT_CONTROL",),
        ),
    }


def channel(kind: str, asked: Any, *, allow_private: bool = True, timeout_ms: int = 10_000) -> SpecChannel:
    way = Way(allow_private=allow_private, timeout_ms=timeout_ms)
    settings = ChannelSettings(name="duty", spec=KINDS[kind], asked=asked, way=way)
    return SpecChannel(settings, Wording(page_url="https://floor.example"))


HTTP = sorted(KINDS.keys() - {"smtp"})


def test_every_service_takes_what_we_send() -> None:
    """Firing, resolved, and forty in one; the second is a minute later, so that nobody's limit is met."""

    async def scenario() -> None:
        async with Services(AT) as services:
            for kind, asked in settings_of(services).items():
                for number, group in enumerate(((FIRING,), (RESOLVED,), (FIRING,) * 40)):
                    services.now = AT + 60_000 * number
                    reply = await channel(kind, asked).send_group(group, at=Millis(services.now))
                    assert reply.outcome is Outcome.DELIVERED, (kind, reply)
            assert services.refused == []
            assert {kind: len(sent) for kind, sent in services.sent.items()} == dict.fromkeys(HTTP, 3)
            first = services.sent["sms"][0]
        assert first["PhoneNumbers"] == "13800000000,13900000000"
        assert "销售" in first["TemplateParam"]

    asyncio.run(scenario())


def test_pagerduty_has_one_incident_for_an_alert_and_closes_it() -> None:
    """However often the trigger was repeated."""

    async def scenario() -> None:
        async with Services(AT) as services:
            duty = channel("pagerduty", settings_of(services)["pagerduty"])
            for _ in range(2):
                await duty.send(FIRING, at=AT)
            assert list(services.incidents.values()) == ["trigger"]
            await duty.send(RESOLVED, at=AT)
            assert services.incidents == {}

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("kind", "wrong", "outcome", "code"),
    [
        ("wecom", {"token": "wrong-token"}, Outcome.REFUSED, "93000"),
        ("dingtalk", {"secret": "SECother"}, Outcome.REFUSED, "310000"),
        ("dingtalk", {"token": "wrong-token"}, Outcome.REFUSED, "300001"),
        ("feishu", {"secret": "SECother"}, Outcome.REFUSED, "19021"),
        ("slack", {"token": "wrong-token"}, Outcome.REFUSED, ""),
        ("teams", {"token": "wrong-token"}, Outcome.REFUSED, ""),
        ("pagerduty", {"token": "wrong-token"}, Outcome.REFUSED, "invalid event"),
        ("sms", {"token": "wrong-token"}, Outcome.REFUSED, "SignatureDoesNotMatch"),
    ],
)
def test_a_no_of_the_service_is_a_no(kind: str, wrong: dict[str, str], outcome: Outcome, code: str) -> None:
    """Most of them come with HTTP 200; none shows the secret."""

    async def scenario() -> None:
        async with Services(AT) as services:
            reply = await channel(kind, settings_of(services, **wrong)[kind]).send(FIRING, at=AT)
        assert (reply.outcome, reply.code) == (outcome, code)
        assert "wrong-token" not in reply.text

    asyncio.run(scenario())


@pytest.mark.parametrize(("kind", "count"), [("wecom", 21), ("dingtalk", 21), ("feishu", 6), ("slack", 2), ("sms", 2)])
def test_what_is_too_fast_comes_later(kind: str, count: int) -> None:
    """The services count as our paces do; one more than they take is asked again later, not given up."""

    async def scenario() -> None:
        async with Services(AT) as services:
            duty = channel(kind, settings_of(services)[kind])
            replies = [await duty.send(FIRING, at=AT) for _ in range(count)]
        assert {reply.outcome for reply in replies[:-1]} == {Outcome.DELIVERED}
        assert replies[-1].outcome is Outcome.THROTTLED
        assert kind == "sms" or (replies[-1].retry_after_ms or 0) >= 30_000

    asyncio.run(scenario())


async def sent(kind: str, receiver: Receiver, **way: Any) -> Reply:
    asked = settings_of(type("At", (), {"url": staticmethod(lambda path: receiver.url() + path)})())[kind]
    return await channel(kind, asked, **way).send(FIRING, at=AT)


def all_kinds(answer: Answer, **way: Any) -> dict[str, Reply]:
    """Each kind's Reply to the same answer; each is one request."""

    async def scenario() -> dict[str, Reply]:
        async with Receiver(answer) as receiver:
            replies = await asyncio.gather(*_each(receiver, way))
            assert len(receiver.received) == len(HTTP)
        return dict(zip(HTTP, replies, strict=True))

    def _each(receiver: Receiver, way: dict[str, Any]) -> list[Coroutine[Any, Any, Reply]]:
        return [sent(kind, receiver, **way) for kind in HTTP]

    return asyncio.run(scenario())


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (Answer(status=500, text="boom"), Outcome.SERVER_ERROR),
        (Answer(status=302, headers={"location": "http://169.254.169.254/latest/meta-data/"}), Outcome.REDIRECTED),
        (Answer(text='{"errcode":0,"code":0,"status":"success","Code":"OK"' + "," * 10_000_000), Outcome.UNKNOWN),
        (Answer(text='{"errcode":'), Outcome.UNKNOWN),
        (Answer(text="<html>log in to the hotel's network</html>"), Outcome.UNKNOWN),
    ],
    ids=["500", "redirect to the metadata service", "huge", "broken JSON", "another's page"],
)
def test_a_failure_has_the_same_name_at_every_service(answer: Answer, outcome: Outcome) -> None:
    """One request each: nothing is followed, nothing is believed."""
    replies = all_kinds(answer)
    assert {kind: reply.outcome for kind, reply in replies.items()} == dict.fromkeys(HTTP, outcome)
    assert all(len(reply.text) <= 500 for reply in replies.values())


def test_silence_ends_in_time() -> None:
    """An SMS may have been taken, so nobody knows."""
    replies = all_kinds(Answer(hang_s=30), timeout_ms=400)
    expected = dict.fromkeys(HTTP, Outcome.TIMED_OUT) | {"sms": Outcome.UNKNOWN}
    assert {kind: reply.outcome for kind, reply in replies.items()} == expected


def test_no_channel_reaches_into_our_own_network() -> None:
    async def scenario() -> None:
        async with Receiver() as receiver:
            for kind in HTTP:
                reply = await sent(kind, receiver, allow_private=False)
                assert reply.outcome is Outcome.ADDRESS_REFUSED
            assert receiver.received == []

    asyncio.run(scenario())
