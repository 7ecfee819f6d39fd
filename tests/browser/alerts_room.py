"""The alerts page as on a bad afternoon, for tests and pictures. In: a bus. Out: a Wall whose alerts have a past.

The desk, silences, versions and jobs are the service's own over a real Redis; only history is canned.
"""

import asyncio
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from datetime import time as of_day
from pathlib import Path
from typing import TypeVar

import msgspec

from alerts.defaults import DEFAULT_RULES
from alerts.oncall import Person, Rota, Turn
from alerts.senders.channel import Attempt, Outcome, Reply
from alerts.silence import Silence
from alerts.store import RedisAlertStore
from monitor.alert_backtest_jobs import AlertBacktest, AlertBacktests, BacktestState
from monitor.alert_desk import AlertDesk
from monitor.alert_notes import NoteBoard, NoteTeller
from monitor.alert_silences import SilenceStore
from monitor.api.parts import Parts
from monitor.channel_desk import ChannelDesk
from monitor.config_read import load_config
from monitor.plan_desk import Signed
from streams.bus.publish import Publisher
from streams.vocabulary.facts import AlertFact, AlertNoteFact
from streams.vocabulary.ids import Millis
from streams.warehouse.alert_notes import Mark, NoteRow, RuleCount, Told
from streams.warehouse.queries import AlertRow
from tests.alert_acts_room import rules_over
from tests.browser.alerts_days import DAY, HOUR, LABELS, MINUTE, SITE, ZONE, ended, standing, story, tested
from tests.browser.canned import CannedHistory
from tests.browser.serve import Wall, now
from tests.browser.synthetic import QUEUES
from tests.servers import DebianRedis

T = TypeVar("T")
CHANNELS = """[site]
id = "shanghai"
[[alerts.channel]]
kind = "wecom"
name = "duty-wecom"
key = "not-a-real-key"
url = "http://127.0.0.1:9/cgi-bin/webhook/send"
allow_private = true
timeout_s = 1
[[alerts.channel]]
kind = "dingtalk"
name = "managers"
token = "not-a-real-token"
[[alerts.channel]]
kind = "smtp"
name = "mail"
host = "mail.example"
sender = "floorwatch@example.com"
to = ["duty@example.com"]
[[alerts.channel]]
kind = "pagerduty"
name = "pager"
routing_key = "not-a-real-key"
"""


class PastAlerts(CannedHistory):
    """A history that knows alerts, marks and who was told."""

    past: list[AlertFact]

    def _rows(self, name: str, params: dict[str, object]) -> list[object]:
        match name:
            case "alerts_list":
                return [*map(row_of, self._asked(params)[: int(str(params["limit"]))])]
            case "alert_notes":
                return [note for fact in self.past if fact.alert == params["alert"] for note in self._story(fact)]
            case "alert_said":
                return []
            case "alert_marks":
                kinds = {"burning": "useful", "longest-wait": "useful", "abandoning": "not_useful"}
                return [
                    Mark(SITE, fact.alert, "王敏", kinds[fact.rule], Millis(fact.raised_at + HOUR))
                    for k, fact in enumerate(self.past)
                    if fact.rule in kinds and k % 4
                ]
            case "alert_counts":
                rules = [fact.rule for fact in self.past]
                return [RuleCount(SITE, rule, LABELS[rule][2], rules.count(rule)) for rule in sorted(set(rules))]
            case "alert_told":
                people = [("王敏", 1), ("陈浩", 2), ("", 3)]
                return [
                    Told(who, "duty-wecom" if who else "mail", SITE, fact.alert, 1)
                    for who, every in people
                    for fact in self.past[::every]
                ]
        return super()._rows(name, params)

    def _asked(self, params: dict[str, object]) -> list[AlertFact]:
        since, until = int(str(params["since"])), int(str(params["until"]))
        wanted = {key: params[key] for key in ("rule", "severity", "alert") if params.get(key)}
        wanted |= {"scope": f"queue:{params['queue']}"} if params.get("queue") else {}
        found = [
            fact
            for fact in self.past
            if since <= fact.raised_at < until and all(getattr(fact, key) == value for key, value in wanted.items())
        ]
        return sorted(found, key=lambda fact: -fact.raised_at)

    def _story(self, fact: AlertFact) -> list[NoteRow]:
        return [note_row(note) for note in story(fact)]


def row_of(fact: AlertFact) -> AlertRow:
    return AlertRow(**{name: getattr(fact, name) for name in AlertRow.__dataclass_fields__})


def note_row(note: AlertNoteFact) -> NoteRow:
    return NoteRow(**{name: getattr(note, name) for name in NoteRow.__dataclass_fields__})


@dataclass
class AlertsWall(Wall):
    """`facts`: what stands on the board."""

    facts: list[AlertFact] = field(default_factory=standing)
    desk_of_alerts: AlertDesk | None = field(init=False, default=None)
    folder: Path = Path()

    def __post_init__(self) -> None:
        super().__post_init__()
        self.history = PastAlerts(now())
        self.history.past = [*ended(), *(fact for fact in self.facts if fact.state == "firing")]
        for fact in self.facts:
            self.alerts.update(fact)

    def parts(self) -> Parts:
        redis = self.redis
        assert redis is not None
        file = self.folder / "floorwatch.toml"
        file.write_text(CHANNELS, "utf-8")
        people = tuple(Person(name=name, channels=("duty-wecom",)) for name in ("王敏", "陈浩", "李强"))
        names = ("duty-wecom", "managers", "mail", "pager")
        rota = Rota(name="值班经理", persons=people, turn=Turn.DAILY, starts=date(2026, 1, 1), at=of_day(8), zone=ZONE)
        self.desk_of_alerts = AlertDesk(
            site=SITE,
            notes=NoteBoard(),
            teller=NoteTeller(Publisher(redis, even_full=True)),
            silences=SilenceStore(redis, site=SITE, clock=now),
            store=RedisAlertStore(redis, site=SITE),
            rules=rules_over(redis, channels=names, text=DEFAULT_RULES, site=SITE),
            rotas=(rota,),
            clock=now,
        )
        for fact in self.facts:
            for note in story(fact) if fact.rule in ("burning", "longest-wait") else ():
                self.desk_of_alerts.notes.take(note)
        return replace(
            super().parts(),
            alert_desk=self.desk_of_alerts,
            backtests=AlertBacktests(redis),
            channels=ChannelDesk(load_config(file, env={}), redis),
            timezone=ZONE,
        )

    def ask(self, act: Callable[[AlertDesk], Awaitable[T]]) -> T:
        """In the web's own loop, for tests."""

        async def inside() -> T:
            assert self.desk_of_alerts is not None
            return await act(self.desk_of_alerts)

        return asyncio.run_coroutine_threadsafe(inside(), self.loop).result(20)


async def filled(desk: AlertDesk, wall: AlertsWall) -> None:
    """Silences, attempts, a version, a back-test: as a centre has them after some weeks."""
    at, redis = now(), wall.redis
    assert redis is not None
    quiet = Silence(
        id="s1", site=SITE, rule="disk-low", scope="system:*", why="扩容中，运维已在处理", by="陈浩@10.8.3.40",
        created_at=Millis(at - 13 * MINUTE), starts_at=Millis(at - 13 * MINUTE), until=Millis(at + 47 * MINUTE),
    )  # fmt: skip
    over = msgspec.structs.replace(quiet, id="s2", rule="staff-missing", scope=f"queue:{QUEUES[5]}", why="培训到 14:00",
                           ended_at=Millis(at - 31 * MINUTE), ended_by="王敏@10.8.3.21")  # fmt: skip
    for silence in (quiet, over):
        await desk.silences.add(silence)
    replies = {
        "managers": Reply(outcome=Outcome.REFUSED, status=200, code="310000", text="签名不匹配", took_ms=97),
        "mail": Reply(outcome=Outcome.TIMED_OUT, text="no answer in 10 s", took_ms=10_000),
        "duty-wecom": Reply(outcome=Outcome.DELIVERED, status=200, code="0", text="ok", took_ms=184),
    }
    for number, (channel, reply) in enumerate(replies.items(), start=1):
        await RedisAlertStore(redis, site=SITE).tried(
            Attempt(at=Millis(at - number * HOUR), channel=channel, notification="n", number=4 - number, reply=reply)
        )
    text = DEFAULT_RULES.replace('fire = "3m"\nclear = "1m"', 'fire = "2m"\nclear = "40s"', 1)
    by = Signed(author="王敏@10.8.3.21", at=Millis(at - 5 * HOUR), note="VIP 客户等不了三分钟")
    await desk.rules.publish(text, base=0, by=by, check=desk.rules.check(frozenset(QUEUES)))
    job = AlertBacktest(id="b1", site=SITE, since=Millis(at - 7 * DAY), until=at, by="王敏@10.8.3.21", at=at)
    jobs = AlertBacktests(redis)
    await jobs.begin(job, text)
    done = AlertBacktest(
        id="b1", site=SITE, since=job.since, until=at, by=job.by, at=at, state=BacktestState.DONE, progress=1.0,
        spent_ms=11_400,
    )  # fmt: skip
    await jobs.end(done, tested(7, at))


@contextmanager
def alerted() -> Iterator[Wall]:
    """For pictures."""
    with tempfile.TemporaryDirectory() as folder:
        bus = DebianRedis(Path(folder)).start()
        try:
            wall = AlertsWall(agents=40, rate=0, bus=bus.url, folder=Path(folder))
            with wall:
                wall.ask(lambda desk: filled(desk, wall))
                yield wall
        finally:
            bus.stop()
