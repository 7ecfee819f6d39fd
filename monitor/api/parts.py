"""What the web stands on. In: nothing. Out: `Parts` of each site, typed keys of the aiohttp application.

May not know: how any of it is made.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from zoneinfo import ZoneInfo

from aiohttp import web

from dashboards.columns import Goals
from monitor.alert_backtest_jobs import AlertBacktests
from monitor.alert_desk import AlertDesk
from monitor.api.board import AlertBoard
from monitor.api.dead_desk import DeadDesk
from monitor.api.history import History
from monitor.api.live import LiveFloor
from monitor.api.past_door import PastDoor
from monitor.api.push_door import PushDoor
from monitor.channel_desk import ChannelDesk
from monitor.config_wall import QueueGroup, Scope, WallPage
from monitor.forecast import Forecaster
from monitor.hub import Hub
from monitor.intake_desk import IntakeDesk
from monitor.plan_desk import PlanDesk
from monitor.rule_jobs import RuleJobs
from monitor.scheme_desk import SchemeDesk
from monitor.vocabulary_desk import VocabularyDesk
from seat_map.limits import Limits
from streams.collect.samples import RefusedSample
from streams.vocabulary.facts import AlertFact, Fact
from streams.vocabulary.ids import Millis, QueueName, SiteId


@dataclass(frozen=True, slots=True)
class QueueLabel:
    zh: str
    en: str


async def keep_nothing(fact: AlertFact) -> None:
    """No history attached: an acknowledgement lives on the board only."""


def by_address(request: web.Request) -> str:
    """Until people sign in, who acted is where they acted from."""
    return f"anonymous@{request.remote or 'unknown'}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """One site's. What the sites share (history, status, doors) is the same value in all of them."""

    floor: LiveFloor
    hub: Hub
    history: History
    alerts: AlertBoard
    recordings: Path
    site: str
    clock: Callable[[], Millis]
    status: Callable[[], Mapping[str, object]]
    peaks: Callable[[Path], Awaitable[Sequence[Sequence[int]]]]
    goals: Goals = field(default_factory=Goals)
    limits: Limits = field(default_factory=Limits)
    labels: Mapping[QueueName, QueueLabel] = field(default_factory=dict)
    skills: Mapping[QueueName, tuple[str, ...]] = field(default_factory=dict)
    """What queues ask of an agent, by configuration."""
    scopes: Mapping[str, Scope] = field(default_factory=dict)
    """By name; who gets which is decided in monitor/api/scope.py."""
    groups: Sequence[QueueGroup] = ()
    wall_pages: Sequence[WallPage] = ()
    timezone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))
    """The site's: every page shows its times, wherever the viewer sits."""
    publish_alert: Callable[[AlertFact], Awaitable[None]] = keep_nothing
    actor: Callable[[web.Request], str] = by_address
    origins: frozenset[str] = frozenset()
    """Further origins (`https://wall.example`) that may open the socket; the page's own always may."""
    push: PushDoor | None = None
    """None: nobody pushes events here."""
    dead: DeadDesk | None = None
    """None: no bus whose dead letters could be shown."""
    samples: Callable[[], Mapping[str, Sequence[RefusedSample]]] = dict
    """By source: what its collector refused lately."""
    intake: IntakeDesk | None = None
    """None: no recordings are configured."""
    past: PastDoor | None = None
    """None: no history process, so nothing of the past is kept."""
    forecast: Forecaster | None = None
    """None: nobody reckons what the queues are heading for."""
    plans: PlanDesk | None = None
    """None: the plan is as it was given and cannot be edited here."""
    schemes: SchemeDesk | None = None
    """None: schemes are as they were given and cannot be edited here."""
    channels: ChannelDesk | None = None
    """None: nobody is told outside the page."""
    alert_desk: AlertDesk | None = None
    """None: what people say of alerts is kept nowhere."""
    backtests: AlertBacktests | None = None
    """None: nobody asks stored days what alert rules would have said."""
    rule_jobs: RuleJobs | None = None
    """None: nobody back-tests or re-scores here."""
    tell_fact: Callable[[Fact], Awaitable[None]] | None = None
    """What a person said, for history to keep. None: nobody keeps it. Raises BusError."""
    vocabulary: VocabularyDesk | None = None
    """None: no recogniser whose words could be asked for."""
    parent: SiteId | None = None
    """The site above; None of any but the first: the first."""
    fed: bool = True
    """A source tells of this site itself; False: it only stands above others."""

    @property
    def id(self) -> SiteId:
        return self.floor.site


PARTS = web.AppKey("parts", Parts)
"""The first site's, and what all share."""
SITES: web.AppKey[Mapping[SiteId, Parts]] = web.AppKey("sites", Mapping)
"""Of every site, the first one first."""


def parts_of(request: web.Request) -> Parts:
    """Of the site that `?site=` names, else of the first."""
    wanted = request.query.get("site")
    if not wanted:
        return request.app[PARTS]
    sites = request.app[SITES]
    found = sites.get(SiteId(wanted))
    if found is None:
        raise web.HTTPNotFound(text=f"there is no such site; there are {', '.join(sites)}")
    return found
