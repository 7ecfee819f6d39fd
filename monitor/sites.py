"""Which site stands above which. In: sites with their parents, in configured order. Out: a tree of them.

May not know: how floors are fed, HTTP.
"""

from collections.abc import Iterable
from typing import Protocol

from streams.floor.rollup import SiteTree
from streams.vocabulary.ids import SiteId


class Placed(Protocol):
    """What is needed of a site."""

    @property
    def id(self) -> SiteId: ...

    @property
    def parent(self) -> SiteId | None: ...


def tree_of(sites: Iterable[Placed]) -> SiteTree:
    """`sites`: the first one is the root; whoever names no parent stands below it."""
    first, *others = sites
    below: dict[SiteId, list[SiteId]] = {}
    for site in others:
        below.setdefault(site.parent or first.id, []).append(site.id)

    def grown(site: SiteId) -> SiteTree:
        return SiteTree(site=site, children=tuple(grown(child) for child in below.get(site, ())))

    return grown(first.id)
