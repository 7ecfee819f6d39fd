"""A mapping file (TOML) to rules. In: text. Out: FeedMapping, or MappingFaults with every fault, its line and its mend.

Constants and looked-up values are checked against the event's own fields here, so that a slip shows before the first
message does. May not know: messages.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any, Final, get_args, get_type_hints

import msgspec
from msgspec.structs import FieldInfo, fields

from streams.toml_lines import Fault, read_toml
from streams.toml_table import Table, suggest
from streams.translate.mapping_rules import Auth, Condition, Convert, FeedMapping, JsonPath, Rule, Scalar, Stage, Taking
from streams.vocabulary.events import Event
from streams.vocabulary.states import Order

MOST_RULES: Final = 500
OURS: Final = frozenset({"site", "source", "seq"})
"""What the collector fills in itself."""
REMEMBERED: Final = frozenset({"leg", "queue", "agent"})
"""What a rule about a known contact may leave out."""
TOLD_BY_US: Final = frozenset({"source_connected", "source_lost", "resync_began", "resync_ended"})
KINDS: Final[Mapping[str, type]] = {
    str(kind.__struct_config__.tag): kind for kind in get_args(Event) if kind.__struct_config__.tag not in TOLD_BY_US
}


class MappingFaults(Exception):
    """All that is wrong with a mapping file."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__("\n".join(map(str, faults)))
        self.faults = faults


def parse_mapping(text: str, *, file: str) -> FeedMapping:
    """Raises MappingFaults with every fault."""
    toml = read_toml(text, file=file)
    table = Table(toml, file=file, faults=list(toml.faults))
    feed = table.table("feed")
    tables = _lookups(table, toml.values)
    raw = toml.values.get("rule")
    entries = table.tables("rule")
    rules = tuple(
        _rule(entry, values, number, tables)
        for number, (entry, values) in enumerate(zip(entries, raw if isinstance(raw, list) else [], strict=False), 1)
    )
    mapping = FeedMapping(
        rules=rules,
        order=Order(feed.choice("order", [Order.ARRIVAL, Order.TIMED], default=Order.ARRIVAL))
        if feed
        else Order.ARRIVAL,
        auth=Auth(feed.choice("auth", list(Auth), default=Auth.BEARER)) if feed else Auth.BEARER,
        at=_taking_of(feed, "at", tables, default=Convert.ISO) if feed else None,
        id=_taking_of(feed, "id", tables, default=Convert.TEXT) if feed else None,
        picture_ms=1000 * feed.integer("picture_s", low=1, high=600, default=10) if feed else 10_000,
    )
    if feed:
        feed.close()
    table.close()
    if not entries and not table.faults:
        table.fault(None, "no [[rule]]", "write at least one: which messages mean which event")
    if len(entries) > MOST_RULES:
        table.fault("rule", f"{len(entries)} rules", f"write at most {MOST_RULES}")
    if table.faults:
        raise MappingFaults(tuple(sorted(table.faults)))
    return mapping


_Lookups = Mapping[str, Mapping[str, Scalar]]


def _lookups(table: Table, values: Mapping[str, Any]) -> _Lookups:
    """[map.NAME]: what a word of the feed is in ours."""
    found: dict[str, Mapping[str, Scalar]] = {}
    raw = values.get("map")
    for name, entry in table.named_tables("map").items():
        pairs = raw.get(name, {}) if isinstance(raw, dict) else {}
        for key, value in pairs.items():
            if not isinstance(value, str | int | bool):
                entry.fault(key, "is no text, number or true/false", f'write {key} = "…"')
        found[name] = pairs
    return found


def _rule(entry: Table, values: Mapping[str, Any], number: int, tables: _Lookups) -> Rule:
    kind = entry.choice("event", KINDS)
    stage = Stage(entry.choice("while", list(Stage))) if entry.has("while") else None
    conditions = _conditions(entry, values.get("when"))
    taken = _fields(entry, values.get("fields"), kind, tables)
    entry.close()
    if stage is not None and "contact" not in taken:
        entry.fault("while", "there is no contact to ask about", "take the contact in [rule.fields]")
    return Rule(number=number, kind=kind, conditions=conditions, stage=stage, fields=taken)


def _conditions(entry: Table, raw: Any) -> tuple[Condition, ...]:
    when = entry.table("when")
    if when is None or not isinstance(raw, dict) or not raw:
        if not entry.has("when") or raw == {}:
            entry.fault(None, "when is missing", 'add when = { type = "…" }: which messages this rule is for')
        return ()
    return tuple(condition for key, value in raw.items() if (condition := _condition(when, key, value)))


def _condition(when: Table, key: str, value: Any) -> Condition | None:
    path = json_path(key)
    if isinstance(value, dict):
        test = when.table(key)
        assert test is not None
        condition = Condition(
            path=path,
            starts=test.text("starts", default=""),
            exists=test.flag("exists", default=True) if test.has("exists") else None,
        )
        test.close()
        if not condition.starts and condition.exists is None:
            when.fault(key, "tests nothing", 'write { starts = "…" } or { exists = true }; a dotted path needs quotes')
        return condition
    values = value if isinstance(value, list) else [value]
    if not values or not all(isinstance(one, str | int | bool) for one in values):
        when.fault(key, "is not a value to compare with", "write a text, a number, true/false, or a list of these")
        return None
    return Condition(path=path, one_of=tuple(values))


def json_path(text: str) -> JsonPath:
    """`channel.caller.number`, elements of lists by number; or a JSON pointer, `/a.b/0`, where keys have dots."""
    if text.startswith("/"):
        return tuple(step.replace("~1", "/").replace("~0", "~") for step in text[1:].split("/"))
    return tuple(text.split("."))


def _fields(entry: Table, raw: Any, kind: str, tables: _Lookups) -> Mapping[str, Taking | Scalar]:
    sub = entry.table("fields")
    known = _fields_of(kind)
    taken: dict[str, Taking | Scalar] = {}
    for name, value in raw.items() if isinstance(raw, dict) else ():
        assert sub is not None  # `raw` is its values
        if name not in known or name in OURS:
            mend = "the collector fills it in" if name in OURS else suggest(name, set(known) - OURS)
            sub.fault(name, f"{kind} has no field of this name to fill", mend)
            continue
        if isinstance(value, dict):
            taking = _taking(sub, name, tables, default=_usual_convert(known[name].type))
            if taking is not None:
                _check_values(sub, name, kind, taking)
                taken[name] = taking
        elif _fits(kind, name, value):
            taken[name] = value
        else:
            sub.fault(name, f"this is no {name} of {kind}", _mend_of(kind, name))
    if entry.has("event") and kind in KINDS:
        _missing(entry, kind, taken)
    return taken


def _missing(entry: Table, kind: str, taken: Mapping[str, object]) -> None:
    for name, info in _fields_of(kind).items():
        if not info.required or name in taken or name in OURS or name == "at":
            continue
        if name == "leg" or (
            name in REMEMBERED and "contact" in taken and kind not in ("contact_queued", "contact_dialled")
        ):
            continue
        entry.fault("fields", f"{name} is missing for {kind}", f'add {name} = {{ path = "…" }} to [rule.fields]')


def _taking_of(table: Table, name: str, tables: _Lookups, *, default: Convert) -> Taking | None:
    return _taking(table, name, tables, default=default) if table.has(name) else None


def _taking(table: Table, name: str, tables: _Lookups, *, default: Convert) -> Taking | None:
    entry = table.table(name)
    if entry is None:
        return None
    path = entry.text("path")
    lookup = entry.text("map", default="")
    if lookup and lookup not in tables:
        entry.fault("map", f"no [map.{lookup}]", suggest(lookup, tables) if tables else f"write [map.{lookup}]")
    if lookup and entry.has("as"):
        entry.fault("as", "stands beside map", "keep one: a map says the value itself")
    taking = Taking(
        path=json_path(path),
        after=entry.text("after", default=""),
        before=entry.texts("before", default=()),
        table=tables.get(lookup),
        convert=Convert(entry.choice("as", list(Convert), default=default)),
        default=_default_of(entry),
    )
    entry.close()
    return taking


def _default_of(entry: Table) -> Scalar | None:
    if not entry.has("default"):
        return None
    return entry.scalar("default")


def _check_values(sub: Table, name: str, kind: str, taking: Taking) -> None:
    told: list[Scalar] = [] if taking.table is None else list(taking.table.values())
    if taking.default is not None:
        told.append(taking.default)
    for value in dict.fromkeys(told):
        if not _fits(kind, name, value):
            sub.fault(name, f"{value!r} is no {name} of {kind}", _mend_of(kind, name))


@cache
def _fields_of(kind: str) -> Mapping[str, FieldInfo]:
    return {info.name: info for info in fields(KINDS[kind])} if kind in KINDS else {}


@cache
def _hints(kind: str) -> Mapping[str, Any]:
    return get_type_hints(KINDS[kind])


def _usual_convert(hint: Any) -> Convert:
    """Numbers are numbers unless the rule says what of: only a time must say how it is written."""
    text = str(hint)
    if "int" in text or "Millis" in text:
        return Convert.INT
    return Convert.FLAG if hint is bool else Convert.TEXT


def _fits(kind: str, name: str, value: Any) -> bool:
    try:
        msgspec.convert(value, _hints(kind)[name])
    except msgspec.ValidationError:
        return False
    return True


def _mend_of(kind: str, name: str) -> str:
    hint = _hints(kind)[name]
    words = getattr(hint, "__members__", None)
    return f"one of {', '.join(str(word) for word in hint)}" if words else "see docs/events.md for its type"
