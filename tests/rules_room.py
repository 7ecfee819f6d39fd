"""A desk of schemes over a bus, as the web has it. In: a Redis. Out: the desk; what it tells history is on the bus."""

from functools import partial
from typing import Any

from monitor.model_choice import ModelChoice
from monitor.rules_check import WordDesk
from monitor.scheme_desk import SchemeDesk
from monitor.scheme_open import fixed_schemes, version_0
from monitor.scheme_shelf import SchemeShelf
from monitor.scheme_store import SchemeOrigin, SchemeStore
from monitor.vocabulary_desk import VocabularyDesk
from monitor.wiring_rules import tell_history
from streams.bus.publish import Publisher
from streams.vocabulary.ids import SiteId
from tests.scheme_text import SCHEME

PACK = "telecom-service.zh"


def schemes_over(redis: Any, *, words: bool = False, packs: bool = False) -> SchemeDesk:
    """`words`: phrases are compared with the demo model's; `packs`: the packaged schemes, whose words change, instead
    of the tests' own."""
    fixed = fixed_schemes(PACK) if packs else {PACK: version_0(PACK, SCHEME, SchemeOrigin.PACKAGED, in_use=True)}
    store = SchemeStore(redis)
    vocabulary = VocabularyDesk(ModelChoice()) if words else None
    tell = partial(tell_history, Publisher(redis, even_full=True), SiteId("hz"))
    return SchemeDesk(SchemeShelf(fixed, store), store, words=WordDesk(vocabulary), tell=tell)
