"""A door for pushed events with one source, and lines to push. In: limits. Out: the door, what it accepted.

`Kept` is where accepted events go: it may be told to be away, as a bus whose spool is full.
"""

import json
from collections.abc import Sequence
from functools import partial

from monitor.api.push_door import PushDoor
from monitor.api.push_words import DoorLimits, DoorSource, NotDurable, Sample
from streams.translate.push import Judged, judge
from streams.vocabulary.events import Event
from streams.vocabulary.ids import Millis, SiteId, SourceId

SITE, SOURCE, TOKEN = SiteId("hz"), SourceId("crm-1"), "token-of-crm-1"
NOW = Millis(1_795_000_000_000)


def line(seq: int = 1, /, **changed: object) -> bytes:
    """A contact_queued, or what `changed` makes of it."""
    told = {
        "kind": "contact_queued",
        "at": NOW,
        "site": SITE,
        "source": SOURCE,
        "seq": seq,
        "contact": f"{NOW // 1000}.{seq}",
        "leg": 1,
        "queue": "客服热线",
    }
    return json.dumps({**told, **changed}, ensure_ascii=False).encode()


def message(seq: int, text: str, *, role: str = "customer", contact: str = "1795000000.1") -> bytes:
    return json.dumps(
        {
            "kind": "contact_message",
            "at": NOW + seq,
            "site": SITE,
            "source": SOURCE,
            "seq": seq,
            "contact": contact,
            "leg": 1,
            "queue": "客服热线",
            "number": seq,
            "role": role,
            "text": text,
        },
        ensure_ascii=False,
    ).encode()


class Kept:
    """Mutable; the test's own."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.samples: list[Sample] = []
        self.away = ""

    async def accept(self, events: Sequence[Event]) -> None:
        if self.away:
            raise NotDurable(self.away)
        self.events += events

    async def keep(self, samples: Sequence[Sample]) -> None:
        self.samples += samples


def own_judge(body: bytes, now: Millis, *, source: SourceId = SOURCE) -> Judged:
    return judge(body, site=SITE, sources=frozenset({source}), now=now)


def source_of(kept: Kept, *, name: SourceId = SOURCE, token: str = TOKEN) -> DoorSource:
    return DoorSource(id=name, site=SITE, token=token, judge=partial(own_judge, source=name), accept=kept.accept)


class Clock:
    """Time for a test that lets it pass."""

    def __init__(self, now: Millis = NOW) -> None:
        self.now = now

    def __call__(self) -> Millis:
        return self.now


def door_of(kept: Kept, *, limits: DoorLimits | None = None, clock: Clock | None = None) -> PushDoor:
    return PushDoor([source_of(kept)], clock=clock or Clock(), limits=limits, keep=kept.keep)
