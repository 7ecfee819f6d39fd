"""Signatures, addresses, retries and the body of a message, without a network."""

from ipaddress import ip_address

import msgspec
import orjson
import pytest

from alerts.notification import Detail, Notification, Says
from alerts.senders.address import refusal
from alerts.senders.body import alertmanager_body
from alerts.senders.channel import Around, Outcome, Reply
from alerts.senders.post import outcome_of
from alerts.senders.retry import GiveUp, RetryIn, RetryPolicy, after
from alerts.senders.standard_webhooks import BadSecret, headers, key_of
from alerts.text import summary_en, summary_zh
from streams.vocabulary.ids import Millis, SiteId

FIRING = Notification(
    id="sl/queue:sales/1795291200000/firing",
    says=Says.FIRING,
    at=Millis(1_795_291_260_500),
    site=SiteId("gz"),
    alert="sl/queue:sales/1795291200000",
    rule="sl",
    scope="queue:sales",
    severity="warning",
    reason="fired",
    raised_at=Millis(1_795_291_200_000),
    value=62.5,
    threshold=80.0,
    detail=Detail(
        label_zh="服务水平低",
        label_en="Service level low",
        formula="answered_abandoned",
        window_minutes=15,
        part=20,
        whole=32,
    ),
)
SILENT = Notification(
    id="source_silent/site:gz/1/firing",
    says=Says.FIRING,
    at=Millis(2),
    site=SiteId("gz"),
    alert="source_silent/site:gz/1",
    rule="source_silent",
    scope="site:gz",
    severity="critical",
    reason="fired",
    raised_at=Millis(1),
    detail=Detail(label_zh="数据源中断", label_en="Source silent", queues=("sales", "vip")),
)


def test_the_golden_vector_of_standard_webhooks() -> None:
    """The example of the specification's reference libraries."""
    sent = headers(
        message_id="msg_p5jXN8AQM9LWM0D4loKWxJek",
        at=Millis(1_614_265_330_000),
        body=b'{"test": 2432232314}',
        key=key_of("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),
    )
    assert sent == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


@pytest.mark.parametrize(
    "secret",
    ["hunter2", "whsec_hunter-2!", "whsec_密码", "whsec_aGVsbG8="],
    ids=["prefix", "base64", "chinese", "short"],
)
def test_a_bad_secret_is_refused_without_showing_it(secret: str) -> None:
    with pytest.raises(BadSecret) as caught:
        key_of(secret)
    assert secret.removeprefix("whsec_") not in str(caught.value)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "100.64.0.1",
        "169.254.169.254",
        "0.0.0.0",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1",
        "fc00::1",
        "fec0::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:169.254.169.254",
        "64:ff9b::a9fe:a9fe",
        "2002:7f00:1::",
    ],
)
def test_addresses_inside_a_network_are_refused(address: str) -> None:
    assert refusal(ip_address(address), allow_private=False) is not None


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"])
def test_public_addresses_may_be_called(address: str) -> None:
    assert refusal(ip_address(address), allow_private=False) is None


@pytest.mark.parametrize("address", ["127.0.0.1", "10.1.2.3", "::1", "fc00::1"])
def test_private_addresses_may_be_called_where_that_is_wanted(address: str) -> None:
    assert refusal(ip_address(address), allow_private=True) is None


@pytest.mark.parametrize("address", ["169.254.169.254", "fe80::1", "::ffff:169.254.169.254", "0.0.0.0", "224.0.0.1"])
def test_link_local_addresses_are_refused_even_then(address: str) -> None:
    """A cloud's metadata service is never a receiver of alerts."""
    assert refusal(ip_address(address), allow_private=True) is not None


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (200, Outcome.DELIVERED),
        (204, Outcome.DELIVERED),
        (302, Outcome.REDIRECTED),
        (400, Outcome.REFUSED),
        (404, Outcome.REFUSED),
        (408, Outcome.THROTTLED),
        (410, Outcome.GONE),
        (429, Outcome.THROTTLED),
        (500, Outcome.SERVER_ERROR),
        (502, Outcome.THROTTLED),
        (504, Outcome.THROTTLED),
    ],
)
def test_only_2xx_is_a_success(status: int, outcome: Outcome) -> None:
    assert outcome_of(status) is outcome


POLICY = RetryPolicy(first_ms=1000, most_ms=8000, give_up_after_ms=60_000, longest_retry_after_ms=30_000)


@pytest.mark.parametrize(
    ("reply", "number", "tried_for_ms", "decision"),
    [
        (Reply(outcome=Outcome.SERVER_ERROR), 1, 0, RetryIn(750)),  # 1 s, half of it fixed, half of the rest by chance
        (Reply(outcome=Outcome.SERVER_ERROR), 3, 0, RetryIn(3000)),
        (Reply(outcome=Outcome.TIMED_OUT), 99, 0, RetryIn(6000)),  # never more than 8 s apart
        (Reply(outcome=Outcome.THROTTLED, retry_after_ms=20_000), 1, 0, RetryIn(20_000)),
        (Reply(outcome=Outcome.THROTTLED, retry_after_ms=99_000_000), 1, 0, RetryIn(30_000)),
        (Reply(outcome=Outcome.UNREACHABLE), 1, 59_999, GiveUp(Outcome.UNREACHABLE)),
        (Reply(outcome=Outcome.REFUSED), 1, 0, GiveUp(Outcome.REFUSED)),
        (Reply(outcome=Outcome.REDIRECTED), 1, 0, GiveUp(Outcome.REDIRECTED)),
        (Reply(outcome=Outcome.ADDRESS_REFUSED), 1, 0, GiveUp(Outcome.ADDRESS_REFUSED)),
        (Reply(outcome=Outcome.GONE), 1, 0, GiveUp(Outcome.GONE)),
    ],
)
def test_when_to_try_again(reply: Reply, number: int, tried_for_ms: int, decision: RetryIn | GiveUp) -> None:
    assert after(reply, number=number, tried_for_ms=tried_for_ms, chance=0.5, policy=POLICY) == decision


def test_the_body_is_alertmanagers() -> None:
    body = orjson.loads(alertmanager_body(FIRING, receiver="duty", page_url="https://floor.example/"))
    (alert,) = body["alerts"]
    assert (body["version"], body["status"], body["receiver"]) == ("4", "firing", "duty")
    assert alert["labels"] == {
        "alertname": "sl",
        "severity": "warning",
        "site": "gz",
        "scope": "queue:sales",
        "queue": "sales",
    }
    assert alert["startsAt"] == "2026-11-21T20:00:00.000Z"
    assert alert["endsAt"] == "0001-01-01T00:00:00Z"
    assert alert["generatorURL"] == "https://floor.example/alerts"
    assert alert["annotations"]["counts"] == "20/32"


def test_firing_and_resolved_have_one_fingerprint() -> None:
    """Receivers match the two by it."""
    resolved = msgspec.structs.replace(FIRING, says=Says.RESOLVED, value=91.0, resolved_at=Millis(1_795_291_900_000))
    bodies = [orjson.loads(alertmanager_body(one, receiver="duty", page_url="")) for one in (FIRING, resolved)]
    assert bodies[0]["alerts"][0]["fingerprint"] == bodies[1]["alerts"][0]["fingerprint"]


def test_a_message_says_the_formula_the_window_and_the_counts() -> None:
    assert summary_zh(FIRING) == (
        "【告警】服务水平低（sales）：近 15 分钟服务水平 62.5%（20/32，公式 目标内接通÷(接通+放弃)），阈值 80%"
    )
    assert summary_en(FIRING) == (
        "[firing] Service level low (sales): service level 62.5% over 15 min"
        " (20/32, formula answered_abandoned), threshold 80%"
    )


def test_a_silent_source_names_its_queues() -> None:
    assert summary_zh(SILENT) == "【告警】数据源中断：队列 sales、vip 的数据未知"
    assert summary_en(SILENT) == "[firing] Source silent: the numbers of sales, vip are unknown"


def test_many_alerts_are_one_body_with_what_they_share_and_how_many_it_does_not_carry() -> None:
    other = msgspec.structs.replace(FIRING, id="b/firing", alert="sl/queue:vip/2", scope="queue:vip")
    body = orjson.loads(alertmanager_body(FIRING, other, receiver="duty", page_url="", around=Around(more=7)))
    assert (body["truncatedAlerts"], body["groupLabels"], len(body["alerts"])) == (7, {"alertname": "sl"}, 2)
    assert "scope" not in body["commonLabels"]
    assert body["commonLabels"]["alertname"] == "sl"
