"""docs/events.md, made from the vocabulary. In: streams/vocabulary. Out: Markdown; as a program it writes the file."""

import inspect
import re
from enum import EnumMeta, StrEnum
from pathlib import Path
from typing import Any, get_args

from msgspec.structs import FieldInfo, fields

from streams.vocabulary import agent_events, contact_events, source_events, states
from streams.vocabulary.events import Event, EventBase
from streams.vocabulary.facts import Fact, FactBase

FILE = Path(__file__).parents[2] / "docs" / "events.md"
HEAD = """# Events and facts

Made by `python -m tests.architecture.events_document` from `streams/vocabulary`; a test fails when it is not current.

An **event** is what a switch said, in our words, whatever the switch. A **fact** is what the floor remembers of it: one
row of the warehouse. Times are UTC epoch milliseconds, durations end in `_ms`. Unknown fields are refused, so a typing
error in a pushed event is an error with its place, not a value lost in silence.

On the bus both are MessagePack, for people and push clients JSON; the field `kind` (events) or `table` (facts)
names the type:

```json
{"kind":"contact_queued","at":1795291200000,"site":"gz","source":"push-1","seq":7,"contact":"1795291200.1","leg":1,"queue":"sales"}
```

Every event has these fields; the last three make its `id`, `site/source/seq`, so that a redelivery is recognised:

"""
_PART = re.compile(r"^# --- (.+?) -+$", re.MULTILINE)


def document() -> str:
    parts = [HEAD, _table(fields(EventBase))]
    for part, kinds in _by_part():
        parts.append(f"\n## {part[0].upper()}{part[1:]}\n")
        parts += [_section(kind, EventBase) for kind in kinds]
    parts.append(
        "\n# Facts\n\nEvery fact has `site` and `ver`: of two rows with one key the higher `ver` is the better one.\n"
    )
    parts += [_section(kind, FactBase) for kind in get_args(Fact)]
    parts.append("\n# Words\n\nThe closed lists that fields above may hold.\n")
    parts += [
        _words(one)
        for one in vars(states).values()
        if isinstance(one, EnumMeta) and issubclass(one, StrEnum) and one.__module__ == states.__name__
    ]
    return "".join(parts)


def _by_part() -> list[tuple[str, list[Any]]]:
    """The sources' own dividing lines, and the types behind each."""
    pieces = _PART.split("".join(map(inspect.getsource, (contact_events, agent_events, source_events))))
    named = {kind.__name__: kind for kind in get_args(Event)}
    return [
        (title, [named[name] for name in re.findall(r"^class (\w+)\(EventBase", text, re.MULTILINE)])
        for title, text in zip(pieces[1::2], pieces[2::2], strict=True)
    ]


def _section(kind: Any, base: Any) -> str:
    known = {field.name for field in fields(base)}
    own = [field for field in fields(kind) if field.name not in known]
    text = inspect.cleandoc(kind.__doc__) + "\n\n" if kind.__doc__ else ""
    table = _table(own) if own else "No fields of its own.\n"
    return f"\n### `{kind.__struct_config__.tag}` ({kind.__name__})\n\n{text}{table}"


def _table(rows: tuple[FieldInfo, ...] | list[FieldInfo]) -> str:
    lines = ["| field | type | if left out |\n|---|---|---|\n"]
    lines += [f"| `{row.name}` | {_type(row.type)} | {_default(row)} |\n" for row in rows]
    return "".join(lines)


def _type(one: Any) -> str:
    if isinstance(one, EnumMeta):
        return f"[{one.__name__}](#{one.__name__.lower()})"
    return str(getattr(one, "__name__", one)).replace("streams.vocabulary.ids.", "").replace("|", "or")


def _default(row: FieldInfo) -> str:
    if row.required:
        return "refused"
    value = row.default_factory() if callable(row.default_factory) else row.default
    return f"`{value.value if hasattr(value, 'value') else value!r}`"


def _words(one: type[StrEnum]) -> str:
    text = inspect.cleandoc(one.__doc__ or "")
    about = f"{text}\n\n" if text else ""
    values = ", ".join(f"`{member.value}`" for member in one)
    return f"\n### {one.__name__}\n\n{about}{values}\n"


if __name__ == "__main__":
    FILE.write_text(document(), encoding="utf-8")
