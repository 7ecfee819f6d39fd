"""A threshold rule from TOML. In: its Table. Out: ThresholdRule; faults in the table's list.

One condition may stand in the rule itself; several stand in `all` or in `any`. May not know: how it is measured.
"""

from alerts.metric import SPARSE, ScopeKind
from alerts.metrics import METRICS
from alerts.parse_condition import read_condition
from alerts.parse_fields import (
    Known,
    read_channels,
    read_label,
    read_name,
    read_queues,
    read_schedule_of,
    read_severity,
    read_some,
    read_timing,
    read_traffic,
)
from alerts.rules import MOST_SCOPES, Condition, Mode, Selectors, Severity, ThresholdRule
from alerts.scopes import WIDE, scope_kind
from streams.toml_table import Table
from streams.vocabulary.ids import AgentId

_MOST_CONDITIONS = 8
_SELECTORS = {
    "queues": (ScopeKind.QUEUE, ScopeKind.TIER, ScopeKind.AGENT, ScopeKind.CONTACT),
    "teams": (ScopeKind.TEAM, ScopeKind.AGENT, ScopeKind.CONTACT),
    "agents": (ScopeKind.AGENT, ScopeKind.CONTACT),
    "tiers": (ScopeKind.TIER,),
    "traffic_from": (ScopeKind.QUEUE, ScopeKind.TIER),
    "traffic_below": (ScopeKind.QUEUE, ScopeKind.TIER),
}


def read_threshold(entry: Table, known: Known) -> ThresholdRule:
    mode, conditions = _conditions(entry, known)
    sparse = any(METRICS[one.metric].scope in SPARSE for one in conditions)
    rule = ThresholdRule(
        name=read_name(entry),
        label=read_label(entry),
        severity=read_severity(entry, Severity.WARNING),
        channels=read_channels(entry, known.channels),
        timing=read_timing(entry, hold_s=0 if sparse else 60, keep_firing_s=0 if sparse else 300),
        mode=mode,
        conditions=conditions,
        among=Selectors(
            queues=read_queues(entry, known.queues),
            teams=read_some(entry, "teams", "team", known.teams),
            agents=tuple(AgentId(name) for name in read_some(entry, "agents", "agent", None)),
            tiers=read_some(entry, "tiers", "tier", None),
        ),
        most_scopes=entry.integer("most_scopes", low=1, high=20_000, default=MOST_SCOPES),
        schedule=read_schedule_of(entry, known.schedules),
        traffic=read_traffic(entry),
    )
    _fits(entry, rule)
    return rule


def _conditions(entry: Table, known: Known) -> tuple[Mode, tuple[Condition, ...]]:
    """Never empty: a rule without a readable condition has a fault, and a harmless one."""
    written = {mode: entry.tables(mode) for mode in Mode if entry.has(mode)}
    if entry.has("metric"):
        for mode in written:
            mend = f"move metric and its keys into {mode} = [{{ … }}]"
            entry.fault(mode, "conditions stand in the rule and in a list", mend)
        return Mode.ALL, (read_condition(entry, known),)
    if len(written) > 1:
        entry.fault("any", "all and any stand in one rule", "keep one of them; write a second rule for the other")
    for mode, tables in written.items():
        if not tables:
            entry.fault(mode, "an empty list watches nothing", 'write all = [{ metric = "longest_wait", fire = 120 }]')
        if len(tables) > _MOST_CONDITIONS:
            entry.fault(mode, f"{len(tables)} conditions are too many", f"write at most {_MOST_CONDITIONS}")
    found = {mode: tuple(_condition(one, known) for one in tables) for mode, tables in written.items() if tables}
    for mode, conditions in found.items():
        return mode, conditions
    if not written:
        return Mode.ALL, (read_condition(entry, known),)  # says that metric is missing
    return Mode.ALL, (Condition(metric="waiting", fire=1, clear=1),)


def _condition(entry: Table, known: Known) -> Condition:
    condition = read_condition(entry, known)
    entry.close()
    return condition


def _fits(entry: Table, rule: ThresholdRule) -> None:
    """Conditions about things that can be told together, and selectors that select among them."""
    kinds = list(dict.fromkeys(METRICS[one.metric].scope for one in rule.conditions))
    narrow = [kind for kind in kinds if kind not in WIDE]
    place = next((mode for mode in Mode if entry.has(mode)), None)
    if len(narrow) > 1 and set(narrow) != {ScopeKind.QUEUE, ScopeKind.TIER}:
        message = f"one condition is about {narrow[0]}s, another about {narrow[1]}s: no alert is about both"
        entry.fault(place, message, "write a rule for each")
    kind = scope_kind(rule)
    if rule.mode is Mode.ANY and kind in SPARSE and len(kinds) > 1:
        message = f"any of them would be about all {kind}s at once"
        entry.fault(place, message, "write all = [ … ], or a rule for each")
    for key, kinds_of_key in _SELECTORS.items():
        if entry.has(key) and kind not in kinds_of_key:
            entry.fault(key, f"selects nothing: this rule is about {kind}s", f"remove {key}")
