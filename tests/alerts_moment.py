"""A site at one moment, for rules to look at: queues, agents, gauges. In: what differs from a calm one. Out: Moment."""

from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from alerts.board import WatchKey, consider
from alerts.evaluate import Watch
from alerts.moment import AgentNow, HitNow, Moment, QualityNow, SiteMoment
from alerts.notification import Change
from alerts.parse import parse_rules
from alerts.rules import Rule
from streams.floor.numbers import WINDOW_MINUTES, Counters, QueueNumbers
from streams.vocabulary.ids import AgentId, ContactId, Millis, QueueName, SiteId

NOW = Millis(1_795_291_200_000)
"""2026-11-22 04:00 in Shanghai: a Sunday."""
SITE = SiteId("gz")
SHANGHAI = ZoneInfo("Asia/Shanghai")
CALM = Counters(offered=100, answered=98, abandoned=2, answered_in_target=95)


def queue(name: str = "sales", *, at: int = NOW, **changed: Any) -> QueueNumbers:
    """`window`: the counters of every window and of the day; `windows`: of single ones."""
    window = changed.pop("window", CALM)
    windows = dict.fromkeys(WINDOW_MINUTES, window) | changed.pop("windows", {})
    told: dict[str, Any] = {
        "target_ms": 20_000,
        "certain": True,
        "waiting": 0,
        "longest_wait_ms": 0,
        "talking": 5,
        "agents": {"on_contact": 5, "ready": 5},
        "today": window,
        "line": [],
    }
    return QueueNumbers(at=Millis(at), site=SITE, queue=QueueName(name), windows=windows, **(told | changed))


def agent(name: str, state: str = "ready", *, minutes: float = 1, at: int = NOW, **changed: Any) -> AgentNow:
    """In `state` for that long; in a contact of its own where it is on one."""
    since = Millis(at - round(60_000 * minutes))
    talks = state in ("on_contact", "on_hold")
    told: dict[str, Any] = {
        "reason": "",
        "team": "A01",
        "queues": (QueueName("sales"),),
        "contact": ContactId(f"c{name}" if talks else ""),
        "contact_since": since if talks else Millis(0),
    }
    return AgentNow(agent=AgentId(name), state=state, since=since, **(told | changed))


def hit(contact: str, *, seconds: int = 0, at: int = NOW, rule: str = "swearing") -> HitNow:
    return HitNow(
        at=Millis(at - 1000 * seconds),
        rule=rule,
        label_zh="脏话",
        label_en="swearing",
        contact=ContactId(contact),
        agent=AgentId("1001"),
        queue=QueueName("sales"),
    )


def quality(queue: str, agent: str, scored: int, points: float, *, failed: int = 0, fatal: int = 0) -> QualityNow:
    return QualityNow(
        queue=QueueName(queue), agent=AgentId(agent), scored=scored, points_sum=points, failed=failed, fatal=fatal
    )


def beside(
    *,
    at: int = NOW,
    agents: Sequence[AgentNow] = (),
    gauges: Mapping[str, float] | None = None,
    hits: Sequence[HitNow] = (),
    quality: Sequence[QualityNow] = (),
    planned: Mapping[str, int] | None = None,
) -> SiteMoment:
    return SiteMoment(
        at=Millis(at),
        site=SITE,
        agents=list(agents),
        gauges=dict(gauges or {}),
        hits=list(hits),
        quality=list(quality),
        planned={QueueName(name): count for name, count in (planned or {}).items()},
    )


def moment(
    *queues: QueueNumbers, told: SiteMoment | None = None, at: int = NOW, dark: bool = False, zone: ZoneInfo = SHANGHAI
) -> Moment:
    """`dark`: nothing came at all."""
    return Moment(at=Millis(at), site=SITE, zone=zone, batch=None if dark else queues, site_moment=told)


def rule(text: str) -> Rule:
    """The first rule of a text; `kind` and `name` may be left out of it."""
    given = "" if "kind" in text else 'kind = "threshold"\n'
    head = "" if "[[rule]]" in text else "[[rule]]\n"
    name = "" if "name" in text else 'name = "r"\n'
    return parse_rules(f"{head}{given}{name}{text}", file="a.toml", channels=("duty",))[0]


def look(
    one: Rule, seen: Moment, watches: Mapping[WatchKey, Watch] | None = None, *, now: int | None = None
) -> dict[str, Change]:
    """By scope."""
    changes = consider([one], seen, watches or {}, now=Millis(seen.at if now is None else now))
    return {change.watch.scope: change for change in changes}


def kept(changes: Mapping[str, Change]) -> dict[WatchKey, Watch]:
    return {(change.watch.rule, change.watch.scope): change.watch for change in changes.values()}
