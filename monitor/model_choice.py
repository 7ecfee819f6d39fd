"""Which model hears which recordings. In: a queue and a site. Out: a model's folder, or None for the demo model.

A queue's model goes before its site's, that before the one for all. Read in config_models.py.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from streams.vocabulary.ids import QueueName, SiteId


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelChoice:
    """`folder`: where `floorwatch model fetch` puts models; None: not told."""

    folder: Path | None = None
    default: Path | None = None
    """None: the demo model that comes with Floorwatch."""
    by_queue: Mapping[QueueName, Path] = field(default_factory=dict)
    by_site: Mapping[SiteId, Path] = field(default_factory=dict)

    def of(self, *, queue: QueueName, site: SiteId) -> Path | None:
        """None: the demo model."""
        return self.by_queue.get(queue) or self.by_site.get(site) or self.default

    @property
    def all(self) -> tuple[Path | None, ...]:
        """Every model that recordings may need, the one for all first."""
        return tuple(dict.fromkeys((self.default, *self.by_site.values(), *self.by_queue.values())))
