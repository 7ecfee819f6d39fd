"""All viewers who may see the same. In: what changed on the map, the numbers. Out: messages, made once for all.

One per scope in use; its frames have sequence numbers of their own. Nothing of an agent outside the scope is ever in
them. Mutable; owned by the hub. May not know: the floor, how numbers are made.
"""

from collections.abc import Sequence
from typing import Any

import msgspec

from dashboards.columns import Tile, totals
from monitor.api.viewers import Message, Viewer, binary, text
from monitor.api.wall_news import ListNews, NumbersNews, Row, whole
from monitor.api.wall_words import Word, alerts_word, tile_row, total_row, word
from monitor.config_wall import Scope
from monitor.sight import Sight
from monitor.tiers import NO_TIER, by_tier
from seat_map.frames import SEQ_MODULUS, delta, snapshot
from seat_map.picture import Picture
from streams.vocabulary.facts import AlertFact
from streams.vocabulary.ids import Millis

WHOLE = (
    Word.PLAN,
    Word.REASONS,
    Word.ALERTS,
    Word.NUMBERS,
    Word.GROUPS,
    Word.LINE,
    Word.LINES,
    Word.TIERS,
    Word.ATTENTION,
    Word.FORECAST,
)
"""What a new viewer is told before its snapshot, in this order."""
encode = msgspec.json.Encoder().encode


class Audience:
    def __init__(self, scope: Scope, picture: Picture) -> None:
        self.scope = scope
        self.viewers: set[Viewer] = set()
        self.seq = 0
        self.picture = picture
        self.sight = Sight(scope, picture)
        self.counted = False
        self.minute = -1
        """in which its lines were said last"""
        self._news = NumbersNews()
        self._attention = ListNews()
        self._said: dict[Word, Message] = {}
        self._turned: set[int] = set()

    def redraw(self, picture: Picture) -> None:
        """A new plan: everybody gets the whole of it."""
        self.picture = picture
        self.sight = Sight(self.scope, picture)
        self._turned.clear()
        for viewer in self.viewers:
            viewer.stale = True

    # ---- each tick --------------------------------------------------------------------------------------------------
    def changes(self, changed: Sequence[int], people: Sequence[int], now: Millis) -> list[Message]:
        """Persons first: the delta's revision is then already known."""
        turned = self.sight.look_again(people)
        frames = []
        if people:
            frames.append(text(self._persons(people, turned)))
        seen = self.sight.mask
        rows = changed
        if seen is not None:
            self._turned.update(turned)
            rows = sorted({*(row for row in changed if seen[row]), *turned})
        if rows:
            self.seq = (self.seq + 1) % SEQ_MODULUS
            made = delta(self.picture.columns, rows, seq=self.seq, revision=self.picture.revision, now=now, seen=seen)
            frames.append(binary(made))
        return frames

    def _persons(self, people: Sequence[int], turned: Sequence[int]) -> bytes:
        """Null: nobody whom these viewers may know."""
        told = {str(row): self.picture.people.get(row) for row in people if self.sight.sees_row(row)}
        told |= {str(row): None for row in turned if not self.sight.sees_row(row)}
        return word(Word.PERSONS, revision=self.picture.revision, people=told)

    # ---- words ------------------------------------------------------------------------------------------------------
    def say(self, name: Word, told: bytes | None) -> list[Message]:
        """The frame if the word differs from the last of its name."""
        if told is None:
            return []
        frame = text(told)
        if self._said.get(name) == frame:
            return []
        self._said[name] = frame
        return [frame]

    def alerts(self, firing: Sequence[AlertFact]) -> list[Message]:
        return self.say(Word.ALERTS, alerts_word([alert for alert in firing if self.sight.sees_alert(alert)]))

    def tiles(self, tiles: Sequence[Tile]) -> list[Tile]:
        return [shown for shown in tiles if self.sight.sees_queue(shown.queue)]

    def numbers(self, tiles: Sequence[Tile], groups: Sequence[Row], *, now: Millis, viewers: int) -> list[Message]:
        """`tiles`: of this scope. Only what differs from the last second."""
        seen = self.sight.mask
        columns = self.picture.columns
        counts = columns.counts() if seen is None else columns.counts(seen)
        told = self._news.take(
            at=now,
            viewers=viewers,
            queues=[tile_row(shown) for shown in tiles],
            groups=[row for row in groups if all(self.sight.sees_queue(queue) for queue in row["queues"])],
            total=total_row(totals(tiles), counts),
        )
        self.counted = True
        return [text(told)]

    def tiers(self, tiers: dict[int, str], changed: dict[int, str]) -> list[Message]:
        """`tiers`: of all rows now; a row that left the scope has none, one that came into it has its own."""
        seen = self.sight.mask
        told, shown = changed, tiers
        if seen is not None:
            told = {row: tier for row, tier in changed.items() if seen[row]}
            told |= {row: tiers.get(row, NO_TIER) if seen[row] else NO_TIER for row in self._turned}
            shown = {row: tier for row, tier in tiers.items() if seen[row]}
        self._turned.clear()
        self._said[Word.TIERS] = text(word(Word.TIERS, rows=by_tier(shown)))
        return [text(word(Word.TIERED, rows=by_tier(told)))] if told else []

    def attention(self, told: bytes | None) -> list[Message]:
        """New viewers get the list, the others what changed in it."""
        if told is None:
            return []
        known: dict[str, Any] = msgspec.json.decode(told)
        news = self._attention.take(known["items"], known.get("more", 0))
        self._said[Word.ATTENTION] = text(told)
        return [] if news is None else [text(news)]

    def forecast(self, told: bytes | None) -> list[Message]:
        if told is not None and self.sight.mask is not None:
            known: dict[str, Any] = msgspec.json.decode(told)
            queues = [row for row in known["queues"] if self.sight.sees_queue(row["queue"])]
            told = encode({**known, "queues": queues})
        return self.say(Word.FORECAST, told)

    # ---- to whoever is new, or was too slow -------------------------------------------------------------------------
    def whole(self, now: Millis) -> list[Message]:
        """Texts, then the snapshot that refers to them."""
        news, at = self._news, self._news.at
        total = {key: value for key, value in whole(news.total, at).items() if key != "at"}
        queues = [whole(row, at) for row in news.queues.values()]
        groups = [whole(row, at) for row in news.groups.values()]
        told = word(Word.NUMBERS, at=at, viewers=news.viewers, queues=queues, total=total)
        self._said[Word.NUMBERS] = text(told)
        if groups:
            self._said[Word.GROUPS] = text(word(Word.GROUPS, at=at, groups=groups))
        texts = [self._said[name] for name in WHOLE if name in self._said]
        picture = self.picture
        frame = snapshot(picture.columns, seq=self.seq, revision=picture.revision, now=now, seen=self.sight.mask)
        return [*texts, binary(frame)]
