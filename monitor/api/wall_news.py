"""What changed in the numbers since the last second. In: rows as of now. Out: one small JSON word, `news`.

A viewer gets `numbers` and `groups` whole with its snapshot; then only the fields that differ. So that time alone
changes nothing, waits travel as moments (`longest_since`). `whole` and `apply` are what static/words.js does.
May not know: sockets, how rows are made.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from monitor.api.wall_words import Word
from streams.vocabulary.ids import Millis
from streams.vocabulary.states import AgentState

encode = msgspec.json.Encoder().encode
Row = dict[str, Any]
GONE = "-"
"""The key under which a change lists the fields that are no more."""
AGENT_STATES = tuple(AgentState)
"""The order of the numbers in a changed `agents`."""


class NumbersNews:
    """Mutable; one owner. What its viewers know of queues, groups and the total."""

    def __init__(self) -> None:
        self.queues: dict[str, Row] = {}
        self.groups: dict[str, Row] = {}
        self.total: Row = {}
        self.viewers = -1
        self.at = Millis(0)

    def take(self, *, at: Millis, viewers: int, queues: Sequence[Row], groups: Sequence[Row], total: Row) -> bytes:
        """The change from the last call to this one; the first call tells everything."""
        word: Row = {"t": Word.NEWS, "at": at}
        self.at = at
        if viewers != self.viewers:
            word["viewers"] = self.viewers = viewers
        fresh_total = thin(total, at)
        if changed := change(self.total, fresh_total):
            word["total"] = changed
        self.total = fresh_total
        for name, rows in (("queues", queues), ("groups", groups)):
            before: dict[str, Row] = getattr(self, name)
            now = {str(row["queue"]): thin(row, at) for row in rows}
            changes = {queue: told for queue, row in now.items() if (told := change(before.get(queue, {}), row))}
            if changes:
                word[name] = changes
            if gone := [queue for queue in before if queue not in now]:
                word[f"{name}_gone"] = gone
            setattr(self, name, now)
        return encode(word)


class ListNews:
    """An ordered list of items with a `key` each (attention), of which seldom more than a few change. Mutable."""

    def __init__(self) -> None:
        self.items: dict[str, Row] = {}
        self.more = 0

    def take(self, items: Sequence[Row], more: int) -> bytes | None:
        """None: nothing changed. `order`: places in (what stayed, then what is new) where that is not yet the order."""
        before, self.items = self.items, {item["key"]: item for item in items}
        told: Row = {"t": Word.ATTENDING}
        if gone := [key for key in before if key not in self.items]:
            told["gone"] = gone
        if fresh := [item for key, item in self.items.items() if key not in before]:
            told["items"] = fresh
        if changed := {
            key: _differs(before[key], item) for key, item in self.items.items() if before.get(key, item) != item
        }:
            told["changed"] = changed
        after = [key for key in before if key in self.items] + [key for key in self.items if key not in before]
        if after != list(self.items):
            place = {key: number for number, key in enumerate(after)}
            told["order"] = [place[key] for key in self.items]
        if more != self.more:
            told["more"] = self.more = more
        return encode(told) if len(told) > 1 else None


def attend(items: Sequence[Row], word: Mapping[str, Any]) -> list[Row]:
    """The list after a change, as a browser makes it."""
    known = {item["key"]: item for item in items if item["key"] not in word.get("gone", ())}
    known |= {key: _merged(known[key], told) for key, told in word.get("changed", {}).items()}
    known |= {item["key"]: item for item in word.get("items", ())}
    listed = list(known.values())
    return [listed[place] for place in word["order"]] if "order" in word else listed


def _differs(before: Row, now: Row) -> Row:
    """Of an item; of its values only those that differ: how many wait changes each second, the rest seldom."""
    told = change(before, now)
    if "values" in told and "values" in before:
        told["values"] = change(before["values"], now["values"])
    return told


def _merged(item: Row, told: Row) -> Row:
    row = {key: value for key, value in item.items() if key not in told.get(GONE, ())}
    for key, value in told.items():
        if key != GONE:
            row[key] = _merged(item["values"], value) if key == "values" and "values" in item else value
    return row


def thin(row: Mapping[str, Any], at: Millis) -> Row:
    """A row without what the time alone changes."""
    told = {key: value for key, value in row.items() if key not in ("at", "longest_wait_ms", "agents")}
    if row.get("at", at) != at:
        told["at"] = row["at"]
    if "longest_wait_ms" in row:
        told["longest_since"] = row.get("at", at) - row["longest_wait_ms"] if row["longest_wait_ms"] else 0
    if "agents" in row:
        told["agents"] = [row["agents"].get(state, 0) for state in AGENT_STATES]
    return told


def change(before: Mapping[str, Any], now: Mapping[str, Any]) -> Row:
    told = {key: value for key, value in now.items() if key not in before or before[key] != value}
    if gone := [key for key in before if key not in now]:
        told[GONE] = gone
    return told


def whole(row: Mapping[str, Any], at: Millis) -> Row:
    """The row that `thin` was given, as far as a browser needs it."""
    told = {key: value for key, value in row.items() if key not in ("longest_since", "agents")}
    told.setdefault("at", at)
    if "longest_since" in row:
        since = row["longest_since"]
        told["longest_wait_ms"] = max(0, told["at"] - since) if since else 0
    if "agents" in row:
        told["agents"] = {state: count for state, count in zip(AGENT_STATES, row["agents"], strict=True) if count}
    return told


def apply(rows: dict[str, Row], changes: Mapping[str, Row], gone: Sequence[str]) -> None:
    """Takes a word's changes into `rows`."""
    for queue, told in changes.items():
        row = rows.setdefault(queue, {"queue": queue})
        for key in told.get(GONE, ()):
            row.pop(key, None)
        row.update({key: value for key, value in told.items() if key != GONE})
    for queue in gone:
        rows.pop(queue, None)
