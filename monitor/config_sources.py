"""Reads the [[source]] tables, each kind its own way. In: a Table and its surroundings. Out: Source values.

May not know: how a source is connected.
"""

from collections.abc import Callable, Sequence
from typing import Final

from monitor.config import (
    AsteriskSource,
    ConnectSource,
    FreeSwitchSource,
    PushSource,
    Secret,
    Source,
    WebSocketSource,
)
from monitor.config_fields import Surroundings, an_id, file_path, folder_path, host_name, pattern_of, secret_of, url
from streams.toml_table import Table
from streams.vocabulary.ids import SiteId, SourceId
from streams.vocabulary.states import Order

_AMI_PORT, _AMI_TLS_PORT, _ESL_PORT = 5038, 5039, 8021

Reader = Callable[[Table, Surroundings, SourceId, SiteId], Source]


def read_sources(table: Table, around: Surroundings, *, sites: Sequence[SiteId]) -> tuple[Source, ...]:
    """`sites`: all there are, the first one first; a source that names none belongs to that."""
    sources: list[Source] = []
    for entry in table.tables("source"):
        kind = entry.choice("kind", list(_READERS))
        name = SourceId(an_id(entry, "id"))
        site = SiteId(entry.text("site", default=sites[0] or "-"))
        if entry.has("site") and site not in sites:
            entry.fault(
                "site", f"no site {site!r}", f"name one of {', '.join(sites)}; further ones stand in [[branch]]"
            )
        source = _READERS[kind](entry, around, name, site)
        entry.close()
        if source.id and any(source.id == other.id for other in sources):
            entry.fault("id", f"{source.id!r} names two sources", "give each source its own id; its events carry it")
        sources.append(source)
    return tuple(sources)


def _asterisk(entry: Table, around: Surroundings, name: SourceId, site: SiteId) -> AsteriskSource:
    tls = entry.flag("tls", default=False)
    return AsteriskSource(
        id=name,
        site=site,
        host=host_name(entry, "host"),
        port=entry.integer("port", low=1, high=65_535, default=_AMI_TLS_PORT if tls else _AMI_PORT),
        username=entry.text("username"),
        secret=secret_of(entry, around, required=True) or Secret(""),
        tls=tls,
        tls_ca=file_path(entry, "tls_ca", around) if entry.has("tls_ca") else None,
        queues_conf=file_path(entry, "queues_conf", around) if entry.has("queues_conf") else None,
        # it need not exist yet: the switch makes it with its first line
        queue_log=around.resolve(entry.text("queue_log")) if entry.has("queue_log") else None,
        agent_pattern=pattern_of(entry, "agent_pattern") if entry.has("agent_pattern") else "",
    )


def _freeswitch(entry: Table, around: Surroundings, name: SourceId, site: SiteId) -> FreeSwitchSource:
    return FreeSwitchSource(
        id=name,
        site=site,
        host=host_name(entry, "host"),
        port=entry.integer("port", low=1, high=65_535, default=_ESL_PORT),
        password=secret_of(entry, around, required=True) or Secret(""),
        username=entry.text("username", default=""),
        tls=entry.flag("tls", default=False),
        tls_ca=file_path(entry, "tls_ca", around) if entry.has("tls_ca") else None,
    )


def _connect(entry: Table, around: Surroundings, name: SourceId, site: SiteId) -> ConnectSource:
    folder = folder_path(entry, "folder", around) if entry.has("folder") else None
    token = secret_of(entry, around, required=False)
    if folder is None and token is None:
        entry.fault(
            None, "neither folder nor secret", "name the folder of NDJSON files, or the secret of those who push"
        )
    return ConnectSource(id=name, site=site, folder=folder, token=token)


def _websocket(entry: Table, around: Surroundings, name: SourceId, site: SiteId) -> WebSocketSource:
    return WebSocketSource(
        id=name,
        site=site,
        url=url(entry, "url", ("wss", "ws")),
        mapping=file_path(entry, "mapping", around),
        token=secret_of(entry, around, required=False),
        subscribe=entry.texts("subscribe", default=()),
    )


def _push(entry: Table, around: Surroundings, name: SourceId, site: SiteId) -> PushSource:
    order = entry.choice("order", [Order.TIMED, Order.NUMBERED, Order.ARRIVAL], default=Order.TIMED)
    return PushSource(
        id=name, site=site, token=secret_of(entry, around, required=True) or Secret(""), order=Order(order)
    )


_READERS: Final[dict[str, Reader]] = {
    "asterisk": _asterisk,
    "freeswitch": _freeswitch,
    "connect": _connect,
    "websocket": _websocket,
    "push": _push,
}
