"""Reads [[scope]], [[queue_group]], [[wall_page]]. In: a Table. Out: values of config_wall.py; faults in the table.

May not know: which teams and queues there are; a switch tells of its queues when it connects.
"""

from collections.abc import Sequence

from monitor.config_fields import an_id
from monitor.config_wall import PAGE_SECONDS, PageKind, QueueGroup, Scope, WallPage
from streams.toml_table import Table, suggest
from streams.vocabulary.ids import QueueName


def read_scopes(table: Table) -> tuple[Scope, ...]:
    scopes: list[Scope] = []
    for entry in table.tables("scope"):
        name = an_id(entry, "name")
        scope = Scope(
            name=name,
            label_zh=entry.text("label_zh", default=name or "-"),
            label_en=entry.text("label_en", default=name or "-"),
            teams=_names(entry, "teams"),
            queues=_queues(entry),
        )
        if not scope.teams and not scope.queues and not (entry.has("teams") or entry.has("queues")):
            entry.fault(None, "sees nothing", 'add teams = ["A01"] (codes of the plan) or queues = ["…"]')
        entry.close()
        _refuse_twice(entry, name, [one.name for one in scopes], "scope")
        scopes.append(scope)
    return tuple(scopes)


def read_queue_groups(table: Table) -> tuple[QueueGroup, ...]:
    groups: list[QueueGroup] = []
    for entry in table.tables("queue_group"):
        name = an_id(entry, "name")
        queues = tuple(QueueName(one) for one in entry.texts("queues"))
        if not queues and entry.has("queues"):
            entry.fault("queues", "is empty", 'name the queues to add up: queues = ["…"]')
        _refuse_repeated(entry, "queues", queues)
        group = QueueGroup(
            name=name,
            label_zh=entry.text("label_zh", default=name or "-"),
            label_en=entry.text("label_en", default=name or "-"),
            queues=queues,
        )
        entry.close()
        _refuse_twice(entry, name, [one.name for one in groups], "queue group")
        groups.append(group)
    return tuple(groups)


def read_wall_pages(table: Table, groups: Sequence[QueueGroup]) -> tuple[WallPage, ...]:
    return tuple(_page(entry, [group.name for group in groups]) for entry in table.tables("wall_page"))


def _page(entry: Table, known: Sequence[str]) -> WallPage:
    """Only the keys of its kind are asked for, so `close` refuses a room on a page of queues."""
    kind = PageKind(entry.choice("kind", list(PageKind)))
    shown = _names(entry, "groups") if kind is PageKind.GROUPS else ()
    page = WallPage(
        kind=kind,
        seconds=entry.integer("seconds", low=5, high=3600, default=PAGE_SECONDS),
        title_zh=entry.text("title_zh", default="") if entry.has("title_zh") else "",
        title_en=entry.text("title_en", default="") if entry.has("title_en") else "",
        queues=_queues(entry) if kind is PageKind.QUEUES else (),
        groups=shown,
        room=entry.text("room") if kind is PageKind.MAP and entry.has("room") else "",
    )
    for group in shown:
        if group not in known:
            entry.fault("groups", f"no queue group {group!r}", suggest(group, known))
    if kind is PageKind.GROUPS and not known:
        entry.fault("kind", "there are no queue groups", "write a [[queue_group]], or choose another kind of page")
    entry.close()
    return page


def _queues(entry: Table) -> tuple[QueueName, ...]:
    return tuple(QueueName(one) for one in _names(entry, "queues"))


def _names(entry: Table, key: str) -> tuple[str, ...]:
    """() where it is left out; an empty list is a slip, it would show nothing."""
    if not entry.has(key):
        return ()
    names = entry.texts(key)
    if not names:
        entry.fault(key, "is empty", f"name at least one, or leave {key} out")
    _refuse_repeated(entry, key, names)
    return names


def _refuse_repeated(entry: Table, key: str, names: Sequence[str]) -> None:
    for name in sorted({name for name in names if names.count(name) > 1}):
        entry.fault(key, f"{name!r} stands in it twice", "keep one; a queue added twice would count twice")


def _refuse_twice(entry: Table, name: str, before: Sequence[str], what: str) -> None:
    if name and name in before:
        entry.fault("name", f"{name!r} names two of this kind", f"give each {what} its own name")
