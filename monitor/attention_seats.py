"""What is found on seats, made into few lines. In: findings as arrays, who is in which team. Out: `Item`s, their total.

Many of a team in the same case are one line (a storm); of many teams, one for the floor. Only lines that can be listed
are made. May not know: queues' numbers, sockets.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.ma  # np.unique loads it when it is first called: 70 ms, which must not fall into a tick
import numpy.typing as npt

from alerts.rules import Severity
from dashboards.attention import Before
from monitor.attention_items import RANK, Item, Missed, Scene
from monitor.attention_limits import AttentionLimits
from seat_map.attention import KIND_OF, Rows, SeatFindings, SeatKind
from seat_map.palette import SeatCode
from streams.vocabulary.ids import Millis

STORM, STORM_STAYS = 6, 4
"""So many of one team in the same case are one line; it falls apart below the second number."""
STORMS, STORMS_STAY = 5, 3
"""So many such teams are one line for the floor."""
SINGLES, SINGLES_NAMED = 6, 4
"""Of one case so many are named singly; if more are found, the second number, and one line for the rest."""
ROWS_MOST = 24
"""Rows an item names; its `count` tells of all."""

_CASE_RANK = np.zeros(len(SeatCode), np.int64)
for _code, _kind in KIND_OF.items():
    _CASE_RANK[_code] = RANK[_kind]


@dataclass(frozen=True, slots=True, kw_only=True)
class SeatLines:
    """`more`: seats found for which no line was made. `kept`: what the next second must know of the storms."""

    items: list[Item]
    more: int
    kept: Before = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Storm:
    """`picked`: places in the findings. `team` None: of the whole floor."""

    key: str
    team: str | None
    teams: int
    picked: Rows


def seat_lines(found: SeatFindings, scene: Scene, before: Before, *, most: int) -> SeatLines:
    """Storms, and about `most` single seats in the order in which they would be listed."""
    storms = list(_storms(found, scene, before))
    in_storm = np.zeros(len(found.rows), np.bool_)
    for storm in storms:
        in_storm[storm.picked] = True
    items = [_storm_item(storm, found, scene, before) for storm in storms]
    kept = {item.key: (item.severity, item.at) for item in items}
    single, more = _singles(np.flatnonzero(~in_storm), found, scene, most)
    return SeatLines(items=items + single, more=more, kept=kept)


def _singles(places: Rows, found: SeatFindings, scene: Scene, most: int) -> tuple[list[Item], int]:
    """Of each case, red and amber apart: who passed the limit first, by name; beyond a few the others in one line."""
    if not len(places):
        return [], 0
    case = (_CASE_RANK[found.code] << 17 | np.where(found.red, 0, 1 << 30) | _reasons(found))[places]
    items: list[Item] = []
    done = 0
    for one in np.unique(case).tolist():  # the red ones first, then by rank
        those = places[case == one]
        those = those[np.lexsort((found.rows[those], found.at[those]))]
        done += len(those)
        named = len(those) if len(those) <= SINGLES else SINGLES_NAMED
        items += _single_items(those[:named], found, scene)
        if named < len(those):
            items.append(_rest_item(those[named:], found, scene))
        if len(items) >= most:
            break
    return items, len(places) - done


def _reasons(found: SeatFindings) -> npt.NDArray[np.int64]:
    """The reason's number where the case depends on it."""
    return np.where(found.code == SeatCode.NOT_READY, found.reason, 0).astype(np.int64)


def _cases(found: SeatFindings) -> npt.NDArray[np.int64]:
    """Code and reason as one number."""
    return found.code.astype(np.int64) << 16 | _reasons(found)


def _storms(found: SeatFindings, scene: Scene, before: Before) -> Iterator[_Storm]:
    if len(found.rows) < STORM_STAYS:
        return
    case = _cases(found)
    team = _teams(found.rows, scene)
    cell_of = (team + 1) << 32 | case
    cells, counts = np.unique(cell_of, return_counts=True)
    by_case: dict[int, list[int]] = {}
    for number in np.flatnonzero(counts >= STORM_STAYS).tolist():
        cell = int(cells[number])
        if counts[number] >= STORM or _team_key(cell, scene) in before:
            by_case.setdefault(cell & 0xFFFFFFFF, []).append(number)
    for one, those in by_case.items():
        floor = f"storm:{_case_key(one, scene)}"
        if len(those) >= STORMS or (floor in before and len(those) >= STORMS_STAY):
            yield _Storm(floor, None, len(np.unique(team[case == one])), np.flatnonzero(case == one))
            continue
        for number in those:
            cell = int(cells[number])
            place = (cell >> 32) - 1
            name = None if place < 0 else scene.teams[place]
            yield _Storm(_team_key(cell, scene), name, 1, np.flatnonzero(cell_of == cell))


def _teams(rows: Rows, scene: Scene) -> npt.NDArray[np.int64]:
    team = np.full(len(rows), -1, np.int64)
    planned = rows < len(scene.team_of)
    team[planned] = scene.team_of[rows[planned]]
    return team


def _case_key(case: int, scene: Scene) -> str:
    return f"{KIND_OF[SeatCode(case >> 16)]}:{scene.reasons[case & 0xFFFF]}"


def _team_key(cell: int, scene: Scene) -> str:
    team = (cell >> 32) - 1
    return f"storm:{_case_key(cell & 0xFFFFFFFF, scene)}:{'' if team < 0 else scene.teams[team]}"


def _storm_item(storm: _Storm, found: SeatFindings, scene: Scene, before: Before) -> Item:
    picked = storm.picked[np.argsort(found.since[storm.picked], kind="stable")]
    first = picked[0]
    reds = int(np.count_nonzero(found.red[picked]))
    severity = Severity.CRITICAL if reds else Severity.WARNING
    stood = before.get(storm.key)
    at = Millis(int(found.at[picked].min()))
    return Item(
        kind=KIND_OF[SeatCode(int(found.code[first]))],
        key=storm.key,
        severity=severity,
        since=Millis(int(found.since[first])),
        at=stood[1] if stood is not None and stood[0] is severity else at,
        rows=tuple(found.rows[picked[:ROWS_MOST]].tolist()),
        count=len(picked),
        team=storm.team,
        reason=_reason(int(first), found, scene),
        values={"limit_ms": int(found.limit_ms[picked].min()), "teams": storm.teams},
    )


def _single_items(places: Rows, found: SeatFindings, scene: Scene) -> list[Item]:
    """All of one case."""
    first = int(places[0])
    kind, reason = KIND_OF[SeatCode(int(found.code[first]))], _reason(first, found, scene)
    severity = Severity.CRITICAL if found.red[first] else Severity.WARNING
    columns = (found.rows[places], found.since[places], found.at[places], found.limit_ms[places])
    return [
        Item(
            kind=kind,
            key=f"{kind}:{row}:{since}",
            severity=severity,
            since=Millis(since),
            at=Millis(at),
            rows=(row,),
            count=1,
            reason=reason,
            values={"limit_ms": limit_ms},
        )
        for row, since, at, limit_ms in zip(*(column.tolist() for column in columns), strict=True)
    ]


def _rest_item(places: Rows, found: SeatFindings, scene: Scene) -> Item:
    """`places` in the order of the list; it stands behind the named ones, for it passed the limit after them."""
    first = int(places[0])
    kind, reason = KIND_OF[SeatCode(int(found.code[first]))], _reason(first, found, scene)
    severity = Severity.CRITICAL if found.red[first] else Severity.WARNING
    return Item(
        kind=kind,
        key=f"rest:{kind}:{reason}:{severity}",
        severity=severity,
        since=Millis(int(found.since[places].min())),
        at=Millis(int(found.at[first])),
        rows=tuple(found.rows[places[:ROWS_MOST]].tolist()),
        count=len(places),
        reason=reason,
        values={"limit_ms": int(found.limit_ms[places].min()), "further": 1},
    )


def _reason(place: int, found: SeatFindings, scene: Scene) -> str:
    return scene.reasons[int(found.reason[place])] if found.code[place] == SeatCode.NOT_READY else ""


_MISSING = frozenset({SeatCode.READY, SeatCode.OFFERED, SeatCode.WRAP_UP})
"""In these an agent may miss the next offer too; who talks or pauses cannot."""


def missed_items(
    scene: Scene,
    missed: Mapping[int, Missed],
    limits: AttentionLimits,
    among: npt.NDArray[np.bool_],
) -> list[Item]:
    """Agents who let offers pass again and again: the telephone rings where nobody sits."""
    amber, red = limits.missed
    return [
        Item(
            kind=SeatKind.MISSES,
            key=f"{SeatKind.MISSES}:{row}:{one.since}",
            severity=Severity.CRITICAL if one.count >= red else Severity.WARNING,
            since=one.since,
            at=one.since,
            rows=(row,),
            count=1,
            values={"missed": one.count},
        )
        for row, one in missed.items()
        if one.count >= amber and among[row] and int(scene.columns.code[row]) in _MISSING
    ]
