"""What channels say, how long, how often, and how their answers are read; without a network."""

import asyncio
import hashlib
from email.utils import parseaddr
from zoneinfo import ZoneInfo

import orjson
import pytest
from msgspec.structs import replace
from yarl import URL

from alerts.delivery import Delivery
from alerts.notification import Detail, Notification, Says
from alerts.outbox import TellChannel
from alerts.senders import dingtalk, feishu, judging, pagerduty, slack, sms, smtp, teams, wecom
from alerts.senders.channel import NOTHING_AROUND, Around, Outcome, Reply
from alerts.senders.cut import cut, fit
from alerts.senders.message import Message, Wording, message_of, trial
from alerts.senders.pace import Limit, Pace
from alerts.senders.post import Answer
from alerts.senders.registry import KINDS
from alerts.senders.retry import GiveUp, RetryIn, RetryPolicy, after
from alerts.senders.spec_channel import ChannelSettings, secrets_of, without
from alerts.senders.templates import TemplateFault, check, render
from streams.vocabulary.ids import Millis, SiteId
from tests.alerts_floor import CrashingStore, Fuse, Memory, until

AT = Millis(1_795_291_260_500)
ZONES = {SiteId("gz"): ZoneInfo("Asia/Shanghai")}
FIRING = Notification(
    id="sl/queue:sales/1795291200000/firing",
    says=Says.FIRING,
    at=AT,
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
RESOLVED = replace(
    FIRING,
    id="sl/queue:sales/1795291200000/resolved",
    says=Says.RESOLVED,
    reason="resolved",
    resolved_at=Millis(1_795_291_200_000 + 600_000),
)


def told(*notifications: Notification, language: str = "zh", template: str = "") -> Message:
    wording = Wording(language=language, template=template, page_url="https://floor.example/", zones=ZONES)
    return message_of(notifications or (FIRING,), wording)


def long(count: int) -> Message:
    """A message of `count` characters, of three bytes each but for what must be quoted."""
    return told(template='{{ "' + '警"\\n'[:1] * count + '" }}')


def test_the_golden_vector_of_dingtalk() -> None:
    """Milliseconds and the secret, signed by the secret, quoted once."""
    assert dingtalk.sign("SECabc", Millis(1577262236757)) == "I5TKCOTTj6fad4sJ4q9RsIffw0PAChVQZQGTdtRbNEQ%3D"


def test_the_golden_vector_of_feishu() -> None:
    """Seconds, and nothing signed by both: the other way round."""
    assert feishu.sign("demo", 1599360473) == "l1N0gAcBjdwBvGm1xMjOF0XSyaLRpR7tuO5dHfhAYc8="


def test_the_signature_of_dingtalk_is_quoted_once_on_the_wire() -> None:
    """Quoting it again (%253D) is the error of others."""
    settings = dingtalk.DingTalk(token="t", secret="SECabc")
    url = str(dingtalk.call(told(), settings, Millis(1577262236757)).url)
    assert url.endswith("&timestamp=1577262236757&sign=I5TKCOTTj6fad4sJ4q9RsIffw0PAChVQZQGTdtRbNEQ%3D")


@pytest.mark.parametrize(
    ("text", "most", "expected"),
    [
        ("abc", 3, "abc"),
        ("警报警报", 11, "警报…"),
        ("警报", 6, "警报"),
        ("a😀b", 5, "a…"),
        ("abcd", 3, "…"),
        ("", 0, ""),
    ],
)
def test_a_cut_leaves_whole_characters(text: str, most: int, expected: str) -> None:
    assert cut(text, most) == expected
    assert len(cut(text, most).encode()) <= max(most, 3)


def test_a_text_that_quoting_lengthens_still_fits() -> None:
    """500 quotation marks are 1000 bytes of JSON."""
    blob = fit('"' * 500, 300, lambda text: orjson.dumps({"text": text}))
    assert 200 < len(blob) <= 300
    assert orjson.loads(blob)["text"].endswith('"…')


@pytest.mark.parametrize(
    ("body", "most"),
    [
        (lambda message: wecom.call(message, wecom.WeCom(key="k" * 9, mention=("anna",)), AT).body, None),
        (lambda message: dingtalk.call(message, dingtalk.DingTalk(token="t"), AT).body, 20_000),
        (lambda message: feishu.call(message, feishu.Feishu(token="t", secret="s"), AT).body, 20_000),
        (lambda message: teams.call(message, teams.Teams(url="https://x/"), AT).body, 28_000),
    ],
    ids=["wecom", "dingtalk", "feishu", "teams"],
)
def test_a_message_never_exceeds_what_its_service_takes(body, most) -> None:  # type: ignore[no-untyped-def]
    """In bytes, with the link and the people it calls; WeCom counts the content alone."""
    blob = body(long(18_000))
    content = orjson.loads(blob)
    if most is None:
        text = content["markdown"]["content"]
        assert 4000 < len(text.encode()) <= 4096
        assert text.endswith("(https://floor.example/alerts)\n<@anna>")
    else:
        assert most - 3_000 < len(blob) <= most
    assert "…" in blob.decode()


def test_names_from_outside_bring_no_markup() -> None:
    """A queue called `<@all>` calls nobody."""
    nasty = replace(FIRING, scope="queue:<@all> <at user_id='all'> @13800000000 [x](http://evil)\nFrom: x")
    message = told(nasty)
    assert "\n" not in message.title
    assert b"<@all>" not in wecom.call(message, wecom.WeCom(key="k"), AT).body
    assert b" @138" not in dingtalk.call(message, dingtalk.DingTalk(token="t"), AT).body
    assert b"<at user" not in feishu.call(message, feishu.Feishu(token="t"), AT).body
    assert (
        b"<@all>"
        not in slack.call(message, slack.Slack(url="https://x/"), AT).body.replace(b"plain_text", b"", 1)[-400:]
    )
    assert b"[x](" not in teams.call(message, teams.Teams(url="https://x/"), AT).body


def test_the_plain_text_has_numbers_formula_times_and_link() -> None:
    """In the site's own time, in both languages."""
    chinese, english = told(RESOLVED), told(RESOLVED, language="en")
    assert chinese.title == "【恢复】服务水平低 · sales"
    assert "公式 目标内接通÷(接通+放弃) = 20/32，近 15 分钟" in chinese.text
    assert chinese.text.endswith("开始 2026-11-22 04:00:00，恢复 2026-11-22 04:10:00，历时 10 分钟")
    assert english.title == "[resolved] Service level low · sales"
    assert english.text.endswith("since 2026-11-22 04:00:00, resolved 2026-11-22 04:10:00 after 10 min")
    assert chinese.link == "https://floor.example/alerts"


def test_a_template_says_it_its_own_way() -> None:
    assert told(template="{{ label }} {{ '%.0f'|string }}{{ value|round(1) }} {{ part }}/{{ whole }}").text == (
        "服务水平低 %.0f62.5 20/32"
    )


def test_a_template_that_fails_falls_back_to_the_plain_text_and_says_so() -> None:
    """The alert is told all the same."""
    message = told(template="{{ vaule }}")
    assert message.text.startswith(told().text)
    assert message.text.endswith("（模板出错，以上为默认文字：'vaule' is undefined）")


@pytest.mark.parametrize(
    "template",
    [
        "{{ ''.__class__.__mro__ }}",
        "{{ label.ljust(1000000000) }}",
        "{{ 'a' * 1000000000 }}",
        "{{ 9 ** 999999999 }}",
        "{% for i in range(9) %}{% endfor %}",
        "{{ '%999999999d' % 1 }}",
        "{% for a in label * 9 %}x{% endfor %}",
        "{{ 1 / 0 }}",
        "{% include 'x' %}",
        "{{ (queues|first).x.y }}",
    ],
)
def test_a_template_cannot_leave_its_box(template: str) -> None:
    with pytest.raises(TemplateFault):
        render(template, {"label": "x", "queues": ()})


def test_a_template_that_cannot_be_read_is_told_with_its_line() -> None:
    assert check("ok") is None
    assert (check("a\n{% if %}") or "").startswith("line 2: ")


def test_many_are_one_message_with_a_line_each() -> None:
    message = told(FIRING, RESOLVED, replace(FIRING, id="b", severity="critical"))
    assert message.title == "【告警】服务水平低 · 3 条消息：2 条告警，1 条恢复"
    assert len(message.text.split("\n")) == 3
    assert (message.severity, message.firing) == ("critical", True)


STORM = tuple(
    replace(FIRING, id=f"{number}/firing", alert=f"{number}", scope=f"agent:{'一' * 300}{number}")
    for number in range(100)
)
OF_A_THOUSAND = Around(more=900, still=3)


def test_a_storm_names_ten_and_counts_the_rest() -> None:
    """Names from outside may be long: ten lines of them and the count still fit the smallest robot."""
    message = message_of(STORM, Wording(), OF_A_THOUSAND)
    assert message.title == "【告警】服务水平低 · 1000 条消息：1000 条告警，0 条恢复"
    *lines, rest, still = message.text.split("\n")
    assert (len(lines), rest, still) == (10, "…还有 990 条", "同组另有 3 条告警仍在持续")
    english = message_of(STORM, Wording(language="en"), OF_A_THOUSAND)
    assert english.text.split("\n")[10:] == ["…and 990 more", "3 told before of this group still firing"]


@pytest.mark.parametrize(
    ("call", "settings", "most"),
    [
        (wecom.call, wecom.WeCom(key="k"), wecom.MOST),
        (dingtalk.call, dingtalk.DingTalk(token="t"), dingtalk.MOST),
        (feishu.call, feishu.Feishu(token="t"), feishu.MOST),
        (teams.call, teams.Teams(url="https://teams.example/x"), teams.MOST),
    ],
)
def test_a_storm_keeps_the_limits_of_a_service_and_its_count(call: object, settings: object, most: int) -> None:
    assert callable(call)
    made = call(message_of(STORM, Wording(), OF_A_THOUSAND), settings, AT)
    assert len(made.body) <= most + 200  # WeCom counts what is in its quotes
    assert "…还有 990 条" in made.body.decode()


def test_a_digest_says_why_it_comes_late() -> None:
    """One that holds a single alert too."""
    titles = [
        message_of((FIRING,), Wording(language=language), Around(digest=reason)).title
        for language, reason in (("zh", "quiet_hours"), ("en", "capped"))
    ]
    assert titles == [
        "【汇总】免打扰时段内 · 1 条消息：1 条告警，0 条恢复",
        "[digest] beyond the messages of an hour · 1 messages: 1 firing, 0 resolved",
    ]


def test_a_storm_is_one_incident_of_a_pager_which_its_last_alert_closes() -> None:
    def keys(notification: Notification, incident: str) -> tuple[str, str]:
        message = message_of((notification,), Wording(), Around(incident=incident))
        body = orjson.loads(pagerduty.call(message, pagerduty.PagerDuty(routing_key="r"), AT).body)
        return body["event_action"], body["dedup_key"]

    opened, closed, own = keys(FIRING, "g@duty#5"), keys(RESOLVED, "g@duty#5"), keys(FIRING, "")
    assert (opened[0], closed[0]) == ("trigger", "resolve")
    assert opened[1] == closed[1] != own[1]


def test_who_is_on_call_is_called_by_number() -> None:
    """The robot calls the person besides those it always calls; a text message goes to the person instead."""
    message = message_of((FIRING,), Wording(), Around(mobiles=("138",)))
    robot = orjson.loads(dingtalk.call(message, dingtalk.DingTalk(token="t", mention=("139",)), AT).body)
    assert robot["at"]["atMobiles"] == ["139", "138"]
    made = sms.call(message, sms.Sms(url="https://sms.example/", to=("139",), body="{{ to | join(',') }}"), AT)
    assert made.body == b"138"


def test_a_pace_keeps_every_limit_in_every_window() -> None:
    """The two of Feishu: 5 in a second, 100 in a minute; whoever always waits speaks 100 times in the first minute."""
    pace, now, spoken = Pace((Limit(5, 1_000), Limit(100, 60_000))), 0, []
    while now < 180_000:
        if wait := pace.wait_ms(Millis(now)):
            now += wait
        pace.take(Millis(now))
        spoken.append(now)
    for limit in (Limit(5, 1_000), Limit(100, 60_000)):
        assert all(later - first >= limit.per_ms for first, later in zip(spoken, spoken[limit.count :], strict=False))
    assert sum(at < 60_000 for at in spoken) == 100


def test_a_clock_set_back_holds_a_channel_for_one_period_at_most() -> None:
    pace = Pace((Limit(1, 1_000),))
    pace.take(Millis(10_000_000))
    assert pace.wait_ms(Millis(5)) == 1_000


class Remembering:
    """A channel that groups, and what it was given when."""

    name = "duty"

    def __init__(self) -> None:
        self.sent: list[tuple[int, tuple[str, ...]]] = []

    async def send(self, notification: Notification, *, at: Millis) -> Reply:
        return await self.send_group((notification,), at=at)

    async def send_group(
        self, notifications: tuple[Notification, ...], *, at: Millis, around: Around = NOTHING_AROUND
    ) -> Reply:
        self.sent.append((at, tuple(one.id for one in notifications)))
        return Reply(outcome=Outcome.DELIVERED)


def test_a_storm_becomes_one_message_and_loses_none() -> None:
    """1,000 at once through a robot that takes 20 a minute: what came later waits for the minute, then is one more."""

    async def scenario() -> None:
        now, channel, memory, minute = [1_000_000], Remembering(), Memory(), asyncio.Event()

        async def sleep(seconds: float) -> None:
            await minute.wait()
            now[0] += round(seconds * 1000)

        delivery = Delivery(
            channel,
            store=CrashingStore(memory, Fuse()),
            clock=lambda: Millis(now[0]),
            pace=Pace((Limit(20, 60_000),)),
            groups=True,
            sleep=sleep,
        )
        task = asyncio.create_task(delivery.run())
        names = [f"{number}" for number in range(1_060)]
        for number in names[:1_000]:
            delivery.offer(TellChannel(channel="duty", notification=replace(FIRING, id=number)))
        await until(lambda: bool(channel.sent))
        for number in names[1_000:]:
            delivery.offer(TellChannel(channel="duty", notification=replace(FIRING, id=number)))
            for _ in range(10):
                await asyncio.sleep(0)
        assert len(channel.sent) == 20
        minute.set()
        await until(lambda: sum(len(ids) for _, ids in channel.sent) >= len(names))
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert [one for _, ids in channel.sent for one in ids] == names
        assert len(channel.sent[0][1]) == 1_000
        assert (len(channel.sent), delivery.paced, delivery.grouped) == (21, 1, 999 + 40)

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("status", "text", "outcome", "code", "retry_ms"),
    [
        (200, '{"errcode":0,"errmsg":"ok"}', Outcome.DELIVERED, "0", None),
        (200, '{"errcode":45009,"errmsg":"api freq"}', Outcome.THROTTLED, "45009", 60_000),
        (200, '{"errcode":40058,"errmsg":"too long"}', Outcome.REFUSED, "40058", None),
        (200, "<html>gateway</html>", Outcome.UNKNOWN, "", None),
        (200, '{"errcode":', Outcome.UNKNOWN, "", None),
        (200, '{"errcode":"0"}', Outcome.UNKNOWN, "", None),
        (200, "[0]", Outcome.UNKNOWN, "", None),
        (200, "", Outcome.UNKNOWN, "", None),
        (500, '{"errcode":0}', Outcome.SERVER_ERROR, "0", None),
        (302, '{"errcode":0}', Outcome.REDIRECTED, "0", None),
    ],
)
def test_the_code_in_the_body_decides(
    status: int, text: str, outcome: Outcome, code: str, retry_ms: int | None
) -> None:
    reply = judging.by_code(Answer(status=status, text=text), keys=("errcode",), later=wecom.LATER)
    assert (reply.outcome, reply.code, reply.retry_after_ms) == (outcome, code, retry_ms)


@pytest.mark.parametrize(
    ("status", "text", "outcome"),
    [
        (202, "", Outcome.DELIVERED),
        (200, "1", Outcome.DELIVERED),
        (200, "Webhook message delivery failed with error: Microsoft Teams endpoint returned HTTP error 429 with "
              "ContextId tcid=0", Outcome.THROTTLED),
        (200, "Webhook message delivery failed with error: ... returned HTTP error 413", Outcome.REFUSED),
        (200, "<html>sign in</html>", Outcome.UNKNOWN),
        (401, "{}", Outcome.REFUSED),
    ],
)  # fmt: skip
def test_teams_may_say_no_in_a_yes(status: int, text: str, outcome: Outcome) -> None:
    assert teams.judge(Answer(status=status, text=text)).outcome is outcome


@pytest.mark.parametrize(
    ("status", "text", "outcome"),
    [
        (202, '{"status":"success","dedup_key":"x"}', Outcome.DELIVERED),
        (202, '{"status":"invalid event"}', Outcome.REFUSED),
        (202, "ok", Outcome.UNKNOWN),
        (400, '{"status":"invalid event"}', Outcome.REFUSED),
        (429, "", Outcome.THROTTLED),
    ],
)
def test_pagerduty_must_say_success(status: int, text: str, outcome: Outcome) -> None:
    assert pagerduty.judge(Answer(status=status, text=text)).outcome is outcome


@pytest.mark.parametrize(
    ("text", "path", "outcome"),
    [
        ('{"Code":"OK"}', "Code", Outcome.DELIVERED),
        ('{"Code":"isv.BUSINESS_LIMIT_CONTROL"}', "Code", Outcome.THROTTLED),
        ('{"Code":"isv.MOBILE_NUMBER_ILLEGAL"}', "Code", Outcome.REFUSED),
        ('{"Response":{"SendStatusSet":[{"Code":"OK"}]}}', "Response.SendStatusSet.0.Code", Outcome.DELIVERED),
        ('{"Response":{"SendStatusSet":[]}}', "Response.SendStatusSet.0.Code", Outcome.UNKNOWN),
        ("OK", "Code", Outcome.UNKNOWN),
    ],
)
def test_a_place_in_the_answer_decides_about_a_short_message(text: str, path: str, outcome: Outcome) -> None:
    settings = sms.Sms(
        url="https://x/", to=("1",), body="", success_path=path, later_values=("isv.BUSINESS_LIMIT_CONTROL",)
    )
    assert sms.judge(Answer(status=200, text=text), settings).outcome is outcome


def test_what_may_have_arrived_is_sent_three_times_but_a_short_message_once() -> None:
    """Each copy of an SMS is paid for and read."""
    unsure = Reply(outcome=Outcome.UNKNOWN)

    def twice(tries: int) -> list[RetryIn | GiveUp]:
        policy = RetryPolicy(unknown_tries=tries)
        return [after(unsure, number=n, tried_for_ms=0, chance=0.0, policy=policy) for n in (1, 2, 3)]

    assert [type(one) for one in twice(KINDS["wecom"].unknown_tries)] == [RetryIn, RetryIn, GiveUp]
    assert twice(KINDS["sms"].unknown_tries)[0] == GiveUp(Outcome.UNKNOWN)


def test_a_long_alert_has_a_short_key_that_both_its_events_share() -> None:
    """PagerDuty takes 255 characters; resolve must close what trigger opened."""
    endless = [replace(one, alert="a" * 400) for one in (FIRING, RESOLVED)]
    keys = {pagerduty.dedup_key(one) for one in endless}
    (key,) = keys
    assert len(key) <= 255
    assert [pagerduty.action_of(one) for one in endless] == ["trigger", "resolve"]
    assert pagerduty.action_of(replace(FIRING, reason="acknowledged")) == "acknowledge"


def test_a_mail_is_known_by_its_notification_and_answers_the_first() -> None:
    """A retry is the same mail; resolved stands below firing in the reader's program."""
    settings = smtp.Smtp(host="mail.example", sender="floor@example.com", to=("duty@example.com",))
    fired, again, over = (smtp.mail_of(told(one), settings) for one in (FIRING, FIRING, RESOLVED))
    assert fired["Message-ID"] == again["Message-ID"] == over["In-Reply-To"] != over["Message-ID"]
    digest = hashlib.sha256(FIRING.id.encode()).hexdigest()[:32]
    assert fired["Message-ID"] == f"<msg_{digest}@example.com>"
    assert parseaddr(fired["From"])[1] == "floor@example.com"


def test_a_test_says_that_it_is_one() -> None:
    message = told(trial(site=SiteId("gz"), channel="duty", at=AT, by="anna"))
    assert message.title == "【测试】Floorwatch · duty"
    assert "没有告警" in message.text


def test_no_settings_show_a_secret() -> None:
    """Nor does an answer that says it back."""
    asked = slack.Slack(url="https://hooks.slack.com/services/T0/B0/hunter2hunter2")
    settings = ChannelSettings(name="duty", spec=KINDS["slack"], asked=asked)
    assert "hunter2" not in f"{settings!r} {dingtalk.DingTalk(token='hunter2', secret='hunter2')!r}"
    assert "hunter2" not in f"{slack.call(told(), asked, AT)!r}"
    said = f"no team at {URL(asked.url).path}"
    assert "hunter2" not in without(said, secrets_of(settings))
