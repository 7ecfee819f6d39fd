"""Reads the configuration file, section by section. In: a path and the environment. Out: Config or ConfigFaults.

Each reader returns a harmless value after a fault, so one slip does not hide the next. May not know: stores, switches.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from alerts.defaults import default_rules
from alerts.parse import read_rules, with_source_silent
from alerts.routing_parse import read_routing
from alerts.rules import Rule
from alerts.senders.webhook import WebhookSettings
from monitor.config import (
    Alerts,
    Config,
    ConfigFaults,
    QueueSettings,
    Recogniser,
    Recordings,
    Retention,
    Secret,
    Store,
    Web,
)
from monitor.config_channels import read_channels
from monitor.config_fields import Surroundings, an_id, file_path, folder_path, host_name, url, webhook_key
from monitor.config_intake import read_intake
from monitor.config_limits import read_limits
from monitor.config_models import read_models
from monitor.config_sites import read_branches, read_site
from monitor.config_sources import read_sources
from monitor.config_wall_read import read_queue_groups, read_scopes, read_wall_pages
from monitor.staffing import read_staff
from streams.toml_lines import Fault, TomlText, read_toml
from streams.toml_table import Table
from streams.vocabulary.ids import QueueName, SiteId

DEFAULT_SCHEME = "telecom-service.zh"
_LONGEST_DURATION_S = 3600


def load_config(path: Path, *, env: Mapping[str, str] | None = None) -> Config:
    """Raises ConfigFaults. `env` None: this process's environment."""
    text = _text_of(path)
    file = str(path)
    toml = read_toml(text, file=file)
    table = Table(toml, file=file, faults=list(toml.faults))
    around = Surroundings(folder=path.resolve().parent, env=os.environ if env is None else env)
    config = _config(table, toml, around, path)
    table.close()
    if table.faults:
        raise ConfigFaults(tuple(sorted(set(table.faults))))
    return config


def _text_of(path: Path) -> str:
    try:
        blob = path.read_bytes()
    except OSError as error:
        mend = "give the path of a readable file with -c; floorwatch.example.toml is one to start from"
        raise ConfigFaults((Fault(str(path), 1, f"cannot be read: {error.strerror}", mend),)) from error
    try:
        return blob.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = 1 + blob.count(b"\n", 0, error.start)
        raise ConfigFaults((Fault(str(path), line, "is not UTF-8", "save the file as UTF-8"),)) from error


def _config(table: Table, toml: TomlText, around: Surroundings, path: Path) -> Config:
    queues = _queues(table)
    site = read_site(_section(table, toml, "site"), around)
    branches = read_branches(table, site, around)
    groups = read_queue_groups(table)
    sites = tuple(one.id for one in (site, *branches))
    return Config(
        file=path.resolve(),
        site=site,
        branches=branches,
        store=_store(table, toml, around),
        web=_web(_section(table, toml, "web")),
        sources=read_sources(table, around, sites=sites),
        retention=_retention(_section(table, toml, "retention")),
        short_abandon_ms=_short_abandon_ms(_section(table, toml, "floor")),
        queues=queues,
        recordings=_recordings(table.table("recordings"), around),
        recogniser=_recogniser(_section(table, toml, "recogniser"), around, sites),
        scheme=_scheme(_section(table, toml, "scoring"), around),
        alerts=_alerts(_section(table, toml, "alerts"), around, zone=_zone(site.timezone)),
        scopes=read_scopes(table),
        queue_groups=groups,
        wall_pages=read_wall_pages(table, groups),
        limits=read_limits(table),
    )


def _section(table: Table, toml: TomlText, name: str) -> Table:
    """The section, or an empty one where it was left out."""
    return table.table(name) or Table(toml, file=table.file, faults=table.faults, path=(name,), values={})


def _store(table: Table, toml: TomlText, around: Surroundings) -> Store:
    section = _section(table, toml, "store")
    data = around.resolve(section.text("data", default="data"))
    if data.exists() and not data.is_dir():
        section.fault("data", f"{data} is not a folder", "name a folder; it is made if it is missing")
    spool_mb = section.integer("spool_mb", low=10, high=1_000_000, default=2_000)
    section.close()
    redis, clickhouse = table.table("redis"), table.table("clickhouse")
    cluster = an_id(clickhouse, "cluster") if clickhouse is not None and clickhouse.has("cluster") else ""
    return Store(
        data=data,
        redis_url=_store_url(redis, ("redis", "rediss", "unix")),
        clickhouse_url=_store_url(clickhouse, ("clickhouse", "clickhouses")),
        clickhouse_cluster=cluster,
        spool_bytes=spool_mb * 1_000_000,
    )


def _store_url(section: Table | None, schemes: tuple[str, ...]) -> Secret | None:
    if section is None:
        return None
    found = Secret(url(section, "url", schemes))
    section.close()
    return found


def _retention(section: Table) -> Retention:
    """At least as long as a range that pages offer; what is dropped is gone."""
    normal = Retention()
    retention = Retention(
        events_days=section.integer("events_days", low=2, high=36_500, default=normal.events_days),
        contacts_days=section.integer("contacts_days", low=32, high=36_500, default=normal.contacts_days),
        transcripts_days=section.integer("transcripts_days", low=2, high=36_500, default=normal.transcripts_days),
        alerts_days=section.integer("alerts_days", low=32, high=36_500, default=normal.alerts_days),
    )
    section.close()
    return retention


def _short_abandon_ms(section: Table) -> int:
    seconds = section.integer("short_abandon_s", low=0, high=60, default=5)
    section.close()
    return 1000 * seconds


def _web(section: Table) -> Web:
    web = Web(
        host=host_name(section, "host", default="127.0.0.1"),
        port=section.integer("port", low=1, high=65_535, default=8080),
        public_url=url(section, "public_url", ("http", "https")) if section.has("public_url") else "",
    )
    section.close()
    return web


def _queues(table: Table) -> Mapping[QueueName, QueueSettings]:
    queues = {}
    for name, entry in table.named_tables("queues").items():
        queues[QueueName(name)] = QueueSettings(
            name=QueueName(name),
            wrap_up_ms=_seconds(entry, "wrap_up_s", low=0),
            target_ms=_seconds(entry, "target_s", low=1),
            label_zh=entry.text("name_zh", default=name),
            label_en=entry.text("name_en", default=name),
            skills=entry.words("skills"),
            staff=read_staff(entry),
        )
        entry.close()
    return queues


def _seconds(entry: Table, key: str, *, low: int) -> int | None:
    """As ms; None where it is left out."""
    return 1000 * entry.integer(key, low=low, high=_LONGEST_DURATION_S) if entry.has(key) else None


def _recordings(section: Table | None, around: Surroundings) -> Recordings | None:
    if section is None:
        return None
    folder = folder_path(section, "folder", around)
    channel = section.choice("agent_channel", ["left", "right", "unknown"], default="left")
    intake = read_intake(section, around)
    section.close()
    return Recordings(folder=folder, agent_channel={"left": 0, "right": 1, "unknown": None}[channel], intake=intake)


def _recogniser(section: Table, around: Surroundings, sites: tuple[SiteId, ...]) -> Recogniser:
    models = read_models(section, around, sites=sites)
    processes = section.integer("processes", low=1, high=256, default=1)
    section.close()
    return Recogniser(model=models.default, processes=processes, models=models)


def _scheme(section: Table, around: Surroundings) -> str:
    """A value with a slash or ending in .toml is a file; its content is scoring's to check."""
    scheme = section.text("scheme", default=DEFAULT_SCHEME)
    if "/" in scheme or scheme.endswith(".toml"):
        scheme = str(file_path(section, "scheme", around))
    section.close()
    return scheme


def _zone(name: str) -> ZoneInfo:
    """A name nobody knows is told where it stands."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def _alerts(section: Table, around: Surroundings, *, zone: ZoneInfo) -> Alerts:
    webhooks = _webhooks(section, around)
    channels = read_channels(section, around, taken=[webhook.name for webhook in webhooks])
    names = [*(one.name for one in webhooks), *(one.name for one in channels)]
    rules = read_rules(section, channels=names, queues=None)
    if section.has("rules"):
        rules += _rules_file(section, around, names, taken={rule.name for rule in rules})
    elif not section.has("rule"):
        rules = default_rules(channels=names)
    routing = read_routing(section, channels=names, zone=zone)
    section.close()
    rules = with_source_silent(rules, channels=names)
    return Alerts(rules=rules, webhooks=webhooks, channels=channels, routing=routing)


def _rules_file(section: Table, around: Surroundings, channels: list[str], taken: set[str]) -> tuple[Rule, ...]:
    path = file_path(section, "rules", around)
    if not path.is_file():
        return ()
    try:
        text = _text_of(path)
    except ConfigFaults as faults:
        section.faults.extend(faults.faults)
        return ()
    toml = read_toml(text, file=str(path))
    section.faults.extend(toml.faults)
    table = Table(toml, file=str(path), faults=section.faults)
    rules = read_rules(table, channels=channels, queues=None)
    table.close()
    for name in sorted(taken & {rule.name for rule in rules}):
        section.fault("rules", f"{path.name} and this file both have a rule {name!r}", "rename one of them")
    return rules


def _webhooks(section: Table, around: Surroundings) -> tuple[WebhookSettings, ...]:
    webhooks: list[WebhookSettings] = []
    for entry in section.tables("webhook"):
        webhook = WebhookSettings(
            name=an_id(entry, "name"),
            url=url(entry, "url", ("https", "http")),
            key=webhook_key(entry, around),
            allow_private=entry.flag("allow_private", default=False),
            timeout_ms=1000 * entry.integer("timeout_s", low=1, high=60, default=10),
        )
        entry.close()
        if webhook.name and any(webhook.name == other.name for other in webhooks):
            entry.fault("name", f"{webhook.name!r} names two webhooks", "give each webhook its own name; rules use it")
        webhooks.append(webhook)
    return tuple(webhooks)
