"""Attention, second after second. In: the hub's picture, tiles, the floor. Out: the word for browsers; None: unchanged.

Mutable; one owner (the hub), one desk per scope. It remembers what one second cannot tell: how findings stood, and who
let offers pass. May not know: sockets.
"""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from dashboards.attention import Before, Outlook, tiers_waiting
from dashboards.columns import Tile
from monitor.api.live import LiveFloor
from monitor.attention import attention, attention_word
from monitor.attention_items import Attention, HitSeen, Known, Missed, Scene
from monitor.attention_limits import AttentionLimits
from monitor.live_rules import RuleHit
from scoring.rules import ItemKind
from seat_map.attention import Rows
from seat_map.picture import Picture
from seat_map.plan import Plan
from seat_map.seating import Place
from streams.floor.records import AgentRecord
from streams.vocabulary.ids import AgentId, Millis

LOOKED_AT = 250
"""Agents looked at for missed offers in one call: of 5,000 each once in 20 s."""


class Misses:
    """Offers not taken in a row, by agent, counted where the day's totals move. Mutable; shared by desks."""

    def __init__(self, within_ms: int) -> None:
        self._within_ms = within_ms
        self._seen: dict[AgentId, tuple[int, int]] = {}
        self._at: dict[AgentId, list[Millis]] = {}
        self._left: list[AgentId] = []
        self._looked_at = Millis(-1)
        self._told: Mapping[AgentId, Missed] = {}

    def look(self, agents: Mapping[AgentId, AgentRecord], now: Millis) -> Mapping[AgentId, Missed]:
        """Looks at the next slice of agents, once for each `now`; the answer is of all."""
        if now == self._looked_at:
            return self._told
        self._looked_at = now
        if not self._left:
            self._left = list(agents)
            self._seen = {agent: told for agent, told in self._seen.items() if agent in agents}
        taken, self._left = self._left[:LOOKED_AT], self._left[LOOKED_AT:]
        seen = self._seen
        for agent in taken:
            record = agents.get(agent)
            if record is None:
                continue
            told = (record.today.declined, record.today.answered)
            before = seen.get(agent)
            if before != told:
                seen[agent] = told
                self._note(agent, before or told, told, now)
        for agent in [agent for agent, moments in self._at.items() if now - moments[-1] > self._within_ms]:
            del self._at[agent]
        self._told = {agent: Missed(len(times), times[0]) for agent, times in self._at.items() if agent in agents}
        return self._told

    def _note(self, agent: AgentId, before: tuple[int, int], told: tuple[int, int], now: Millis) -> None:
        """(declined, answered) before and now."""
        further = told[0] - before[0]
        if told[1] != before[1] or further < 0:  # answered one, or a new day began
            self._at.pop(agent, None)
        elif further > 0:
            self._at.setdefault(agent, []).extend([now] * further)


class AttentionDesk:
    def __init__(
        self,
        limits: AttentionLimits | None = None,
        *,
        misses: Misses | None = None,
        hits: Callable[[Millis], Sequence[RuleHit]] = lambda now: (),
    ) -> None:
        """`hits`: what rules found in contacts that go on (monitor/live_rules.py)."""
        self.limits = limits or AttentionLimits()
        self.last: Attention | None = None
        self._misses = misses or Misses(self.limits.missed_within_ms)
        self._hits = hits
        self._before: Before = {}
        self._plan: Plan | None = None
        self._team_of: npt.NDArray[np.int32] = np.zeros(0, np.int32)
        self._teams: Sequence[str] = ()
        self.last_word = b""

    def look(
        self,
        picture: Picture,
        tiles: Sequence[Tile],
        floor: LiveFloor,
        now: Millis,
        *,
        rows: Rows | None = None,
        outlooks: Sequence[Outlook] = (),
    ) -> Attention:
        """`rows`, `tiles`, `outlooks`: of the scope. Call it once a second."""
        places = picture.seating.places
        missed = self._misses.look(floor.agents, now)
        known = Known(
            agents=floor.agents,
            missed={places[agent].index: one for agent, one in missed.items() if agent in places},
            tiers=tiers_waiting(floor.visits.values(), self.limits.queues),
            outlooks=outlooks,
            hits=[_seen(one, places) for one in self._hits(now)],
            gaps=[gap for gap in floor.gaps if gap.ended is None],
            before=self._before,
        )
        self.last = attention(self._scene(picture), tiles, self.limits, now, rows=rows, known=known)
        self._before = self.last.kept
        return self.last

    def word(
        self,
        picture: Picture,
        tiles: Sequence[Tile],
        floor: LiveFloor,
        now: Millis,
        *,
        rows: Rows | None = None,
        outlooks: Sequence[Outlook] = (),
    ) -> bytes | None:
        """As `look`, in JSON; None when it would say what it said last."""
        word = attention_word(self.look(picture, tiles, floor, now, rows=rows, outlooks=outlooks))
        if word == self.last_word:
            return None
        self.last_word = word
        return word

    def _scene(self, picture: Picture) -> Scene:
        plan = picture.seating.plan
        if plan is not self._plan:
            self._plan = plan
            self._team_of = np.array([-1 if seat.team is None else seat.team for seat in plan.seats], np.int32)
            self._teams = [team.code for team in plan.teams]
        return Scene(
            columns=picture.columns,
            reasons=picture.reasons.texts,
            people=picture.people,
            team_of=self._team_of,
            teams=self._teams,
        )


def _seen(hit: RuleHit, places: Mapping[AgentId, Place]) -> HitSeen:
    place = places.get(hit.agent)
    return HitSeen(
        key=f"rule_hit:{hit.contact}:{hit.item.id}",
        at=hit.at,
        fatal=hit.item.kind is ItemKind.FATAL,
        contact=hit.contact,
        zh=hit.item.zh,
        en=hit.item.en,
        queue=hit.queue,
        row=None if place is None else place.index,
    )
