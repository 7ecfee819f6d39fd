"""The alert rules before anybody publishes any: version 0. In: a configuration's file. Out: its rules as a text.

What stands in floorwatch.toml as [[alerts.rule]] and [alerts.schedule.…] becomes [[rule]] and [schedule.…], with its
remarks where they can be kept; then the file of rules it names. May not know: the bus, what a rule means.
"""

import hashlib
import json
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from alerts.rules import Rule
from monitor.alert_rules_store import KeptRules, RulesOrigin, RulesVersion
from monitor.config import Config
from streams.vocabulary.ids import Millis

_OURS: Final = r"alerts[ \t]*\.[ \t]*(rule|schedule)"
_HEADER: Final = re.compile(r"[ \t]*\[\[?[ \t]*([^\[\]#]+?)[ \t]*\]\]?[ \t]*(?:#.*)?")
_NAMED: Final = re.compile(rf"{_OURS}(?=[ \t]*[.\]])")
_PLAIN_KEY: Final = re.compile(r"[A-Za-z0-9_-]+")


def digest_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def version_0(text: str, rules: Sequence[Rule], origin: RulesOrigin) -> KeptRules:
    about = RulesVersion(
        version=0, parent=None, by="", at=Millis(0), note="", origin=origin, digest=digest_of(text), rules=len(rules)
    )
    return KeptRules(about=about, text=text)


def fixed_rules(config: Config, *, packaged: str = "") -> KeptRules:
    """`packaged`: the default rules' text, for a configuration that writes none. Blocks. A file that can no longer be
    read since the service started shows nothing; the rules go on."""
    file = config.file
    try:
        text, own = ("", False) if file is None else (configured_text(file), _writes_rules(file))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        text = f"# the configuration can no longer be read: {type(error).__name__}\n"
        return version_0(text, config.alerts.rules, RulesOrigin.CONFIGURED)
    if own or not packaged:
        return version_0(text, config.alerts.rules, RulesOrigin.CONFIGURED)
    return version_0("\n".join(part for part in (packaged, text) if part), config.alerts.rules, RulesOrigin.PACKAGED)


def _writes_rules(file: Path) -> bool:
    """Else the packaged ones hold (monitor/config_read.py)."""
    alerts = tomllib.loads(file.read_text(encoding="utf-8-sig")).get("alerts", {})
    return "rule" in alerts or "rules" in alerts


def configured_text(file: Path) -> str:
    """Of a configuration's rules. Raises OSError, UnicodeDecodeError, TOMLDecodeError."""
    whole = file.read_text(encoding="utf-8-sig")
    alerts = tomllib.loads(whole).get("alerts")
    alerts = alerts if isinstance(alerts, dict) else {}
    parts = [_own(whole, {key: alerts[key] for key in ("rule", "schedule") if alerts.get(key)})]
    if isinstance(named := alerts.get("rules"), str):
        parts.append((file.parent / named).read_text(encoding="utf-8-sig"))
    return "\n".join(part.strip("\n") + "\n" for part in parts if part.strip())


def _own(whole: str, said: Mapping[str, Any]) -> str:
    if not said:
        return ""
    cut = "\n".join(_cut(whole.replace("\r\n", "\n").split("\n")))
    try:
        same = tomllib.loads(cut) == said
    except tomllib.TOMLDecodeError:
        same = False
    return cut if same else written(said)  # written inline, or below other headers than ours


def _cut(lines: Sequence[str]) -> Iterator[str]:
    """Our tables as they were written; remarks right above a header are its own."""
    ours, remarks = False, list[str]()
    for line in lines:
        if found := _HEADER.fullmatch(line):
            ours = re.match(_OURS + r"(?![\w-])", found[1]) is not None
        elif line.lstrip().startswith("#") or not line.strip():
            remarks.append(line)
            continue
        if ours:
            yield from remarks
            yield _NAMED.sub(r"\1", line, count=1) if found else line
        remarks.clear()


def written(said: Mapping[str, Any]) -> str:
    """As [[rule]] and [schedule.…] tables."""
    tables = [("[[rule]]", rule) for rule in said.get("rule", ())]
    tables += [(f"[schedule.{_key(name)}]", schedule) for name, schedule in said.get("schedule", {}).items()]
    return "\n".join(head + "\n" + "".join(f"{_key(key)} = {_value(value)}\n" for key, value in table.items())
                     for head, table in tables)  # fmt: skip


def _key(key: str) -> str:
    return key if _PLAIN_KEY.fullmatch(key) else json.dumps(key, ensure_ascii=False)


def _value(value: Any) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
        case list():
            return f"[{', '.join(map(_value, value))}]"
        case dict():
            return f"{{{', '.join(f'{_key(key)} = {_value(inner)}' for key, inner in value.items())}}}"
        case _:
            return str(value)  # numbers, dates
