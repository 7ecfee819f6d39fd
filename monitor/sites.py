"""Several sites seen from above. In: the floors of this process, the tree of sites. Out: each site with those below it.

May not know: how floors are fed, HTTP.
"""

from collections.abc import Mapping, Sequence
from typing import Protocol

from monitor.config import Site
from streams.floor.numbers import QueueNumbers
from streams.floor.rollup import RolledUp, SiteTree, roll_up
from streams.vocabulary.ids import Millis, SiteId


class Counted(Protocol):
    """What is needed of a floor."""

    def numbers(self, now: Millis) -> list[QueueNumbers]: ...


class Owner(Protocol):
    @property
    def floor(self) -> Counted: ...


def tree_of(sites: Sequence[Site]) -> SiteTree:
    """`sites`: the first one is the root; whoever names no parent stands below it."""
    root = sites[0].id
    below: dict[SiteId, list[SiteId]] = {}
    for site in sites[1:]:
        below.setdefault(site.parent or root, []).append(site.id)

    def grown(site: SiteId) -> SiteTree:
        return SiteTree(site=site, children=tuple(grown(child) for child in below.get(site, ())))

    return grown(root)


class Sites:
    """For /api/v1/sites. Costs one count of every floor; ask it once a second, not once a viewer."""

    def __init__(self, sites: Sequence[Site], floors: Mapping[SiteId, Owner]) -> None:
        self.sites = tuple(sites)
        self.floors = floors
        self._tree = tree_of(sites)

    def rolled_up(self, now: Millis) -> list[RolledUp]:
        """Every site in configured order, each with all below it; a site without a floor here is missing by name."""
        told = {name: owner.floor.numbers(now) for name, owner in self.floors.items()}
        expected = [site.id for site in self.sites]
        trees = (self._tree.find(site.id) for site in self.sites)
        return [roll_up(tree, told, now=now, expected=expected) for tree in trees if tree is not None]
