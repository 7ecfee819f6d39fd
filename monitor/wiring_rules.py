"""Schemes put together for the web. In: a Config, the bus. Out: the desk people edit them at.

May not know: pages, scores.
"""

from functools import partial
from typing import Any

import msgspec

from monitor.config import Config
from monitor.rules_check import WordDesk
from monitor.scheme_desk import SchemeDesk
from monitor.scheme_open import fixed_schemes
from monitor.scheme_shelf import SchemeShelf
from monitor.scheme_store import SchemeStore, SchemeVersion
from monitor.vocabulary_desk import VocabularyDesk
from streams.bus import names
from streams.bus.publish import Publisher
from streams.vocabulary.codec import encode
from streams.vocabulary.facts import AuditFact, Fact
from streams.vocabulary.ids import SiteId


def scheme_desk(config: Config, redis: Any, vocabulary: VocabularyDesk) -> SchemeDesk:
    store = SchemeStore(redis)
    shelf = SchemeShelf(fixed_schemes(config.scheme), store)
    tell = partial(tell_history, Publisher(redis, even_full=True), config.site.id)
    return SchemeDesk(shelf, store, words=WordDesk(vocabulary), tell=tell)


async def tell_fact(publisher: Publisher, fact: Fact) -> None:
    """Raises BusError."""
    await publisher.publish(names.FACTS, [encode(fact)])


async def tell_history(publisher: Publisher, site: SiteId, about: SchemeVersion) -> None:
    """Raises BusError."""
    name, _, address = about.author.rpartition("@")
    fact = AuditFact(
        site=site,
        ver=about.at,
        done_at=about.at,
        number=about.version,
        actor=name or about.author,
        address=address,
        action=f"scheme_{about.origin}",
        object=f"{about.name} {about.version}",
        detail=msgspec.json.encode(about).decode(),
    )
    await publisher.publish(names.FACTS, [encode(fact)])
