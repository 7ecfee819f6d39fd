"""The schema over several machines, from the same statements. In: one server's DDL. Out: a cluster's.

Each table `x` becomes `x_local` on every machine and a Distributed `x` over them, so no question and no insert changes.
All versions of one row go to one shard, else FINAL would keep one on each. Pure.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

SHARDED_BY: Final[Mapping[str, tuple[str, ...]]] = {
    "events": ("site", "source", "seq"),
    "contact_legs": ("site", "contact"),
    "recordings": ("site", "contact"),
    "utterances": ("site", "contact"),
    "scores": ("site", "contact"),
    "verdicts": ("site", "contact"),
    "state_intervals": ("site", "agent"),
    "agent_5m": ("site", "agent"),
    "queue_1m": ("site", "queue"),
    "queue_15m": ("site", "queue"),
    "site_15m": ("site",),
    "alerts": ("site",),
    "alert_notes": ("site", "alert"),
    "audit": ("site",),
    "floor_checkpoints": ("site",),
    "schema_migrations": ("number",),
}
"""Columns of each table's key that never change. What is asked for together by contact lies together."""

CREATE: Final = re.compile(r"CREATE TABLE IF NOT EXISTS (\w+) \(")
ENGINE: Final = re.compile(r"ENGINE = ReplacingMergeTree\((\w+)\)")
ALTER: Final = re.compile(r"ALTER TABLE (\w+) ")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """`replicated` False: each shard is one machine, and no ZooKeeper (Keeper) is needed; migrate each of them.

    Raises ValueError for a name that would have to be quoted.
    """

    name: str
    database: str
    replicated: bool = True

    def __post_init__(self) -> None:
        for word in (self.name, self.database):
            if not re.fullmatch(r"\w+", word, re.ASCII):
                raise ValueError(f"{word!r} is not made of letters, digits and _")


def clustered(statement: str, cluster: Cluster) -> Iterator[str]:
    """The statements that stand for one CREATE TABLE or ALTER TABLE of ours. Raises ValueError for another one."""
    if found := CREATE.match(statement):
        table = found[1]
        yield _local(statement, table, cluster)
        yield (
            f"CREATE TABLE IF NOT EXISTS {cluster.database}.{table}{_everywhere(cluster)}"
            f" AS {cluster.database}.{table}_local"
            f" ENGINE = Distributed({cluster.name}, {cluster.database}, {table}_local, {sharding(table)})"
        )
    elif found := ALTER.match(statement):
        for table in (f"{found[1]}_local", found[1]):
            yield ALTER.sub(f"ALTER TABLE {cluster.database}.{table}{_everywhere(cluster)} ", statement, count=1)
    else:
        raise ValueError(f"a cluster has no form of this statement: {statement[:60]!r}")


def sharding(table: str) -> str:
    return f"cityHash64({', '.join(SHARDED_BY[table])})"


def _local(statement: str, table: str, cluster: Cluster) -> str:
    head = f"CREATE TABLE IF NOT EXISTS {cluster.database}.{table}_local{_everywhere(cluster)} ("
    text = CREATE.sub(lambda _: head, statement, count=1)
    if not cluster.replicated:
        return text
    # {shard} and {replica} are macros of each machine's own configuration
    place = f"'/clickhouse/tables/{{shard}}/{cluster.database}/{table}_local', '{{replica}}'"
    return ENGINE.sub(lambda engine: f"ENGINE = ReplicatedReplacingMergeTree({place}, {engine[1]})", text, count=1)


def _everywhere(cluster: Cluster) -> str:
    return f" ON CLUSTER {cluster.name}" if cluster.replicated else ""
