"""Reads [[alerts.channel]], each by the fields of its kind. In: the section's Table. Out: ChannelSettings.

No fault repeats a secret. May not know: what a kind does with its settings.
"""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from alerts.senders.message import EN, ZH
from alerts.senders.registry import KINDS
from alerts.senders.spec import NEEDED, Field, FieldKind, Spec, Way
from alerts.senders.spec_channel import ChannelSettings
from alerts.senders.templates import check
from monitor.config_fields import Surroundings, an_id, file_path, hidden_of, url, url_fault
from streams.toml_table import Table

_MOST_PAIRS = 50
_MOST_CALLED = 20
"""More would leave no room for what is said."""


def read_channels(section: Table, around: Surroundings, *, taken: Sequence[str]) -> tuple[ChannelSettings, ...]:
    """`taken`: names of webhooks; rules name both."""
    found: list[ChannelSettings] = []
    for entry in section.tables("channel"):
        settings = _channel(entry, around)
        entry.close()
        if settings.name and settings.name in (*taken, *(other.name for other in found)):
            mend = "give each channel and webhook its own name; rules use it"
            entry.fault("name", f"{settings.name!r} names two channels", mend)
        found.append(settings)
    return tuple(found)


def _channel(entry: Table, around: Surroundings) -> ChannelSettings:
    spec = KINDS[entry.choice("kind", KINDS)]
    way = Way(
        allow_private=entry.flag("allow_private", default=False),
        timeout_ms=1000 * entry.integer("timeout_s", low=1, high=60, default=10),
    )
    name = an_id(entry, "name")
    asked = spec.asked(**{one.key: _value(entry, one, around, way) for one in spec.fields})
    _tell_faults(entry, spec, asked, way)
    return ChannelSettings(
        name=name,
        spec=spec,
        asked=asked,
        language=entry.choice("language", (ZH, EN), default=ZH),
        template=_template(entry, "template", default=""),
        way=way,
    )


def _tell_faults(entry: Table, spec: Spec[Any], asked: Any, way: Way) -> None:
    for key, message, mend in spec.faults(asked):
        entry.fault(key, message, mend)
    if len(getattr(asked, "mention", ())) > _MOST_CALLED:
        entry.fault("mention", f"calls more than {_MOST_CALLED}", "call a few; a whole group is called by its robot")
    if getattr(asked, "security", "") == "none" and not way.allow_private:
        entry.fault("security", "mail in clear text is for our own network only", "add allow_private = true")


def _value(entry: Table, one: Field, around: Surroundings, way: Way) -> Any:
    default = None if one.default is NEEDED else one.default
    match one.kind:
        case FieldKind.TEXT:
            return entry.text(one.key, default=default)
        case FieldKind.TEXTS:
            return entry.texts(one.key, default=default)
        case FieldKind.CHOICE:
            return entry.choice(one.key, one.choices, default=default)
        case FieldKind.INTEGER:
            return entry.integer(one.key, low=one.low, high=one.high, default=default)
        case FieldKind.FILE:
            return str(file_path(entry, one.key, around)) if entry.has(one.key) else default
        case FieldKind.TEMPLATE:
            return _template(entry, one.key, default=default)
        case FieldKind.PAIRS:
            return _pairs(entry, one.key)
        case FieldKind.URL:
            return _secure(entry, one.key, url(entry, one.key, one.schemes), way) if entry.has(one.key) else default
        case FieldKind.SECRET | FieldKind.SECRET_URL:
            return _hidden(entry, one, around, way)


def _hidden(entry: Table, one: Field, around: Surroundings, way: Way) -> str:
    found = hidden_of(entry, around, key=one.key, required=one.default is NEEDED)
    value = "" if found is None else found.reveal()
    if one.kind is FieldKind.SECRET_URL and value:
        if wrong := url_fault(value, one.schemes):
            entry.fault(_written_as(entry, one.key), wrong, "copy the whole address, https://… to its end")
            return "https://invalid.invalid/"
        return _secure(entry, _written_as(entry, one.key), value, way)
    if not value.isascii() or not value.isprintable():
        entry.fault(_written_as(entry, one.key), "holds characters no service makes", "copy it once more")
        return ""
    return value


def _written_as(entry: Table, key: str) -> str:
    return next((way for way in (key, f"{key}_env", f"{key}_file") if entry.has(way)), key)


def _secure(entry: Table, key: str, value: str, way: Way) -> str:
    if value and urlsplit(value).scheme == "http" and not way.allow_private:
        entry.fault(key, "http:// would show the secret on the way", "write https://, or add allow_private = true")
    return value


def _template(entry: Table, key: str, *, default: str | None) -> str:
    value = entry.text(key, default=default)
    if wrong := check(value):
        entry.fault(key, f"is no template: {wrong}", "docs/channels.md shows what a template may hold")
    return value


def _pairs(entry: Table, key: str) -> tuple[tuple[str, str], ...]:
    table = entry.table(key)
    if table is None:
        return ()
    names = list(table.names())[:_MOST_PAIRS]
    pairs = tuple((name, _template(table, name, default=None)) for name in names)
    for name, _ in pairs:
        if not name.isascii() or not name.replace("-", "").isalnum():
            table.fault(name, "is not a header's name", "use letters, digits and -")
    table.close()
    return pairs
