"""Where the parts of alerting meet: what one part says is what the next one counts, routes and shows."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from alerts.book import Book, Known, Said, Told, opened, pages
from alerts.delivery import Delivery
from alerts.engine import AlertEngine
from alerts.labels import labels_of
from alerts.moment import AgentNow
from alerts.notification import Notification, Says, notification_of
from alerts.outbox import TellChannel
from alerts.senders.channel import Reply
from alerts.senders.dingtalk import DingTalk
from alerts.senders.dingtalk import call as call_dingtalk
from alerts.senders.message import Wording, message_of
from alerts.senders.wecom import WeCom
from alerts.senders.wecom import call as call_wecom
from monitor.alert_silences import SilenceRefused, asked_for
from streams.vocabulary.facts import AlertFact
from streams.vocabulary.ids import Millis, QueueName
from tests.alerts_floor import CrashingStore, Feed, Fuse, HandClock, Memory, RememberingChannel, until
from tests.alerts_moment import NOW, SITE, agent, beside, look, moment, queue, rule

LUNCH = 'metric = "state_time"\nstate = "not_ready"\nfire = "45m"\nhold_s = 0\n'


@pytest.mark.parametrize(
    ("text", "agents", "rests_on"),
    [
        (LUNCH, [agent("1001", "not_ready", minutes=50)], {"sales"}),
        (
            'metric = "contact_length"\nfire = "30m"\nhold_s = 0\n',
            [agent("1001", "on_contact", minutes=50, queues=(QueueName("a"), QueueName("b")))],
            {"a", "b"},
        ),
        (
            'metric = "team_not_ready"\nfire = 2\nhold_s = 0\n',
            [agent("1001", "not_ready"), agent("1002", "not_ready", queues=(QueueName("vip"),))],
            {"sales", "vip"},
        ),
    ],
)
def test_an_alert_about_people_names_the_queues_it_rests_on(
    text: str, agents: Sequence[AgentNow], rests_on: set[str]
) -> None:
    """So that a source that falls silent speaks for it, too."""
    (change,) = look(rule(text), moment(queue(), told=beside(agents=agents))).values()
    told = notification_of(change, site=SITE)
    assert told is not None
    assert labels_of(told).rests_on == rests_on


def test_what_a_rule_has_no_room_for_is_counted() -> None:
    async def scenario() -> None:
        feed, clock = Feed(), HandClock()
        clock.at = NOW
        told = beside(agents=[agent(str(one), "not_ready", minutes=50) for one in range(1001, 1006)])

        async def emit(facts: Sequence[AlertFact]) -> None:
            """Nobody listens."""

        engine = AlertEngine(
            site=SITE, rules=[rule(LUNCH + "most_scopes = 3\n")], numbers=feed.numbers, emit=emit, deliveries={},
            store=CrashingStore(Memory(), Fuse()), clock=clock.now, beside=lambda: told, tick_ms=5,
        )  # fmt: skip
        running = asyncio.create_task(engine.run())
        feed.put(queue())
        await until(lambda: engine.looked_at > 0)
        assert engine.left_out == {"r": 2}
        running.cancel()
        await asyncio.wait({running})

    asyncio.run(scenario())


def test_a_book_that_lost_its_time_does_not_wait_as_long_as_it_ran() -> None:
    known = Known(notification=_notification("a"), channels=(), fired_ms=70_000)
    told = Told(route="x", group="x", channel="duty", firing={"a": Said(80_000)}, at_ms=80_000)
    _, written = pages(Book(), Book(ran_ms=90_000, seen_at=Millis(5), alerts={"a": known}, told={"x@duty": told}))
    stored = {name.encode(): blob for name, blob in written.put.items()}
    assert opened(stored)[0].ran_ms == 90_000
    book, unreadable = opened(stored | {b"time": b"\xc1"})
    assert (book.ran_ms, unreadable) == (80_000, (b"time",))


def test_a_book_that_lost_an_alert_holds_nothing_about_it() -> None:
    told = Told(route="x", group="x", channel="duty", firing={"a": Said(1)}, held=("b",), missed=("c",))
    _, written = pages(Book(), Book(told={"x@duty": told}))
    book, _ = opened({name.encode(): blob for name, blob in written.put.items()})
    assert not book.told["x@duty"].alerts


@pytest.mark.parametrize(
    "silence",
    [{"scope": "*:*"}, {"scope": " * "}, {"severity": "*i*"}, {"scope": "*:*", "severity": "*", "rule": "**"}],
)
def test_no_pattern_silences_everything(silence: dict[str, Any]) -> None:
    asked = {"rule": "", "scope": "", "severity": ""} | silence
    assert asked_for(**asked, minutes=5) is SilenceRefused.EVERYTHING


@pytest.mark.parametrize("silence", [{"scope": "queue:*"}, {"severity": "warning"}, {"rule": "sl-*"}])
def test_a_pattern_that_names_something_may_be_silent(silence: dict[str, Any]) -> None:
    assert asked_for(**({"rule": "", "scope": "", "severity": ""} | silence), minutes=5) is None


class BreakingChannel(RememberingChannel):
    """Cannot bear the first message."""

    async def send(self, notification: Notification, *, at: Millis) -> Reply:
        if notification.scope == "queue:odd":
            raise OverflowError("https://service/?key=SECRET")
        return await super().send(notification, at=at)


def test_a_message_a_sender_cannot_bear_is_a_dead_letter_and_the_next_one_goes() -> None:
    async def scenario() -> None:
        memory, channel = Memory(), BreakingChannel("duty")

        async def rest(seconds: float) -> None:
            """No time passes."""

        delivery = Delivery(channel, store=CrashingStore(memory, Fuse()), clock=HandClock().now, sleep=rest)
        for scope in ("queue:odd", "queue:even"):
            delivery.offer(TellChannel(channel="duty", notification=_notification(scope)))
        running = asyncio.create_task(delivery.run())
        await until(lambda: len(channel.got) == 1)
        (dead,) = memory.dead
        assert (dead.entry.notification.scope, dead.attempt.number) == ("queue:odd", 3)
        assert dead.attempt.reply.text == "the sender failed: OverflowError"
        running.cancel()
        await asyncio.wait({running})

    asyncio.run(scenario())


def test_a_name_from_outside_leads_readers_nowhere() -> None:
    """A link or a picture in a caller's or queue's name would be the robot's own word."""
    told = message_of((_notification("queue:[登录](http://evil) ![x](http://evil/p)"),), Wording())
    for sent in (call_wecom(told, WeCom(key="k"), NOW), call_dingtalk(told, DingTalk(token="t"), NOW)):
        assert b"evil" in sent.body
        assert b"](http" not in sent.body


def _notification(scope: str) -> Notification:
    return Notification(
        id="a/firing", says=Says.FIRING, at=NOW, site=SITE, alert="a", rule="r", scope=scope, severity="warning",
        reason="fired", raised_at=NOW,
    )  # fmt: skip
