"""What a service is told to be. In: a TOML file and the environment. Out: a frozen Config or ConfigFaults.

Paths in it are absolute (relative ones start at the file's folder). A secret shows only when `reveal` is called. It is
read in config_read.py. May not know: what is done with any of it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from alerts.routing import Routing
from alerts.rules import Rule
from alerts.senders.spec_channel import ChannelSettings
from alerts.senders.webhook import WebhookSettings
from asr.intake_names import DEFAULTS
from monitor.attention_limits import AttentionLimits
from monitor.config_wall import QueueGroup, Scope, WallPage
from monitor.model_choice import ModelChoice
from monitor.staffing import Staffing
from streams.toml_lines import Fault
from streams.vocabulary.ids import QueueName, SiteId, SourceId
from streams.vocabulary.states import Order


class ConfigFaults(Exception):
    """Everything that is wrong with a configuration, each with its place and its mend."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__("\n".join(map(str, faults)))
        self.faults = faults


@dataclass(frozen=True, slots=True)
class Secret:
    """A text that no repr, log or traceback shows."""

    _text: str = field(repr=False)

    def reveal(self) -> str:
        return self._text

    def __repr__(self) -> str:
        return "Secret(…)"

    __str__ = __repr__


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    id: SiteId
    name: str
    timezone: str
    seats: int = 200
    """Desks of the generated plan; agents beyond them sit on the bench."""
    plan: Path | None = None
    """A plan file (docs/wall.md); None: `seats` desks are generated."""
    parent: SiteId | None = None
    """The site whose numbers contain this one's (省中心 over 地市中心)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Store:
    """`redis_url` / `clickhouse_url` None: the embedded store in `data`. URLs may carry a password."""

    data: Path
    redis_url: Secret | None = None
    clickhouse_url: Secret | None = None
    clickhouse_cluster: str = ""
    """"": one server. Else tables are Replicated and Distributed over this cluster."""
    spool_bytes: int = 2_000_000_000
    """How much each collector may keep on disk while the bus is away."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """How long each class of data is kept, in days. What people did (audit) is never dropped by itself."""

    events_days: int = 90
    contacts_days: int = 730
    transcripts_days: int = 365
    alerts_days: int = 730


@dataclass(frozen=True, slots=True, kw_only=True)
class Web:
    """`public_url`: how people reach it (links in messages, allowed WebSocket origin); "" if not told."""

    host: str = "127.0.0.1"
    port: int = 8080
    public_url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AsteriskSource:
    """One AMI connection. `queues_conf`: where wrapuptime and servicelevel are read from, None: [queues.*] only.

    `queue_log`: Asterisk's own log (or its sqlite table), the second witness. `tls_ca`: who signed the switch's
    certificate, None: the system's authorities. `agent_pattern`: finds the agent id in a member's interface.
    """

    id: SourceId
    site: SiteId
    host: str
    port: int
    username: str
    secret: Secret
    tls: bool = False
    tls_ca: Path | None = None
    queues_conf: Path | None = None
    queue_log: Path | None = None
    agent_pattern: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FreeSwitchSource:
    """One event socket (mod_event_socket) of a FreeSWITCH with mod_callcenter."""

    id: SourceId
    site: SiteId
    host: str
    port: int
    password: Secret
    username: str = ""
    """of a directory user; "": `password` is the socket's own"""
    tls: bool = False
    """through a TLS proxy: the event socket has none of its own"""
    tls_ca: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectSource:
    """Amazon Connect: `folder` is watched for NDJSON files, `token` lets Kinesis-shaped JSON be pushed; one or both."""

    id: SourceId
    site: SiteId
    folder: Path | None = None
    token: Secret | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WebSocketSource:
    """Any CTI feed of JSON messages; `mapping` says what each message means, `subscribe` is sent after connecting."""

    id: SourceId
    site: SiteId
    url: str
    mapping: Path
    token: Secret | None = None
    subscribe: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PushSource:
    """Another system that sends events of our vocabulary itself. `order`: how they arrive."""

    id: SourceId
    site: SiteId
    token: Secret
    order: Order = Order.TIMED


Source = AsteriskSource | FreeSwitchSource | ConnectSource | WebSocketSource | PushSource


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueSettings:
    """None: as the switch's own configuration says."""

    name: QueueName
    wrap_up_ms: int | None = None
    target_ms: int | None = None
    label_zh: str
    label_en: str
    skills: tuple[str, ...] = ()
    """What it asks of an agent, for rules (docs/rules.md#facts)."""
    staff: tuple[Staffing, ...] = ()
    """How many agents its plan asks for, by days and hours; the first that holds counts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """`watch`: folders below the recordings folder. `urls`: beginnings of addresses that may be fetched; `networks`:
    private networks they may lead to. `token` None: nobody posts recordings."""

    watch: tuple[str, ...] = ()
    names: tuple[str, ...] = DEFAULTS
    stable_ms: int = 10_000
    urls: tuple[str, ...] = ()
    networks: tuple[str, ...] = ()
    token: Secret | None = None
    most_bytes: int = 500_000_000
    missing_after_ms: int = 30 * 60_000
    match_for_ms: int = 30 * 60_000
    urgent_queues: frozenset[QueueName] = frozenset()
    weights: Mapping[SiteId, int] = field(default_factory=dict)
    lease_ms: int = 60_000
    """of a recording in hand; a dead machine's waits so long for another"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recordings:
    """`agent_channel`: which channel of a two-channel recording is the agent's, None: not known."""

    folder: Path
    agent_channel: int | None = 0
    intake: Intake = field(default_factory=Intake)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recogniser:
    """`model` None: the demo model that comes with Floorwatch; `models` may name others for queues and sites."""

    model: Path | None = None
    processes: int = 1
    models: ModelChoice = field(default_factory=ModelChoice)


@dataclass(frozen=True, slots=True, kw_only=True)
class Alerts:
    rules: tuple[Rule, ...]
    webhooks: tuple[WebhookSettings, ...] = ()
    channels: tuple[ChannelSettings, ...] = ()
    routing: Routing = field(default_factory=Routing)

    @property
    def channel_names(self) -> tuple[str, ...]:
        """What rules may name: webhooks and channels."""
        return (*(one.name for one in self.webhooks), *(one.name for one in self.channels))


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """`file` None: made in code (demo). `recordings` None: no recordings, nothing is transcribed.

    `site` is the first site; `branches` are the others, each below its parent.
    """

    file: Path | None
    site: Site
    store: Store
    web: Web
    sources: tuple[Source, ...]
    queues: Mapping[QueueName, QueueSettings]
    recordings: Recordings | None
    recogniser: Recogniser
    scheme: str
    """The name of a packaged scheme, or the absolute path of a scheme file."""
    alerts: Alerts
    branches: tuple[Site, ...] = ()
    retention: Retention = Retention()
    short_abandon_ms: int = 5_000
    scopes: tuple[Scope, ...] = ()
    queue_groups: tuple[QueueGroup, ...] = ()
    wall_pages: tuple[WallPage, ...] = ()
    limits: AttentionLimits = field(default_factory=AttentionLimits)

    @property
    def sites(self) -> tuple[Site, ...]:
        return (self.site, *self.branches)
