"""The rules a back-test asks about. In: a text of [[rule]] tables, a name. Out: rules; or AlertFaults.

Whom a rule tells does not matter here, so any channel may be named; nor need a queue still be there: its days are
stored. May not know: configurations.
"""

from collections.abc import Mapping
from typing import Any

from alerts.parse import parse_rules
from alerts.rules import Rule, SourceSilentRule
from streams.toml_lines import read_toml


def rules_of(text: str, *, file: str = "rules", only: str = "") -> tuple[Rule, ...]:
    """Those the text writes itself: the default rule for silent sources, which every text is given, nobody asked about.

    `only`: that one; none if there is no such. Raises AlertFaults.
    """
    tables = _tables(text, file)
    named = {name for table in tables for name in _names(table.get("channels"))}
    rules = parse_rules(text, file=file, channels=named)
    written = {table.get("name") for table in tables}
    asked = (rule for rule in rules if rule.name in written or not isinstance(rule, SourceSilentRule))
    return tuple(rule for rule in asked if only in ("", rule.name))


def _tables(text: str, file: str) -> list[Mapping[str, Any]]:
    tables = read_toml(text, file=file).values.get("rule", ())
    return [table for table in tables if isinstance(table, dict)] if isinstance(tables, list) else []


def _names(channels: object) -> list[str]:
    return [name for name in channels if isinstance(name, str)] if isinstance(channels, list) else []
