"""Dead letters: entries nobody could use. In: a stream's name, a letter's id. Out: letters, counts, what became of one.

A letter goes back to its stream and out of the dead letters in one script: both or neither. Whoever reads the stream
knows what it has had by the entry's own ids. May not know: what a blob means.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from redis.asyncio import Redis

from streams.bus import names
from streams.bus.consume import id_order
from streams.bus.errors import bounded

PAGE_MOST: Final = 200
COUNTED_MOST: Final = 10_000
"""Reasons are counted over so many letters, the newest."""
_COUNT_STEP: Final = 1_000
_MOVE_STEP: Final = 100
DETAIL_CHARACTERS: Final = 500

REDRIVE: Final = """
local found = redis.call('XRANGE', KEYS[1], ARGV[1], ARGV[1])
if #found == 0 then return {'gone', ''} end
local blob = ''
local fields = found[1][2]
for i = 1, #fields, 2 do if fields[i] == 'b' then blob = fields[i + 1] end end
if blob == '' then return {'empty', ''} end
local id = redis.call('XADD', KEYS[2], '*', 'b', blob)
redis.call('XDEL', KEYS[1], ARGV[1])
return {'redriven', id}
"""

REDRIVE_REASON: Final = """
local found = redis.call('XRANGE', KEYS[1], ARGV[1], ARGV[2], 'COUNT', ARGV[4])
local last, moved = '', 0
for _, entry in ipairs(found) do
  last = entry[1]
  local blob, reason = '', ''
  local fields = entry[2]
  for i = 1, #fields, 2 do
    if fields[i] == 'b' then blob = fields[i + 1] elseif fields[i] == 'reason' then reason = fields[i + 1] end
  end
  if reason == ARGV[3] and blob ~= '' then
    redis.call('XADD', KEYS[2], '*', 'b', blob)
    redis.call('XDEL', KEYS[1], last)
    moved = moved + 1
  end
end
return {last, moved, #found}
"""

COUNT_REASONS: Final = """
local found = redis.call('XREVRANGE', KEYS[1], ARGV[1], '-', 'COUNT', ARGV[2])
local counts, order, last = {}, {}, ''
for _, entry in ipairs(found) do
  last = entry[1]
  local fields = entry[2]
  for i = 1, #fields, 2 do
    if fields[i] == 'reason' then
      local reason = fields[i + 1]
      if not counts[reason] then counts[reason] = 0; order[#order + 1] = reason end
      counts[reason] = counts[reason] + 1
    end
  end
end
local answer = {last, #found}
for _, reason in ipairs(order) do answer[#answer + 1] = reason; answer[#answer + 1] = counts[reason] end
return answer
"""


class Redriven(StrEnum):
    """What became of a letter that was to go back to its stream."""

    REDRIVEN = "redriven"
    GONE = "gone"
    """somebody was faster, or it was too old to be kept"""
    EMPTY = "empty"
    """it holds nothing that could be read again"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """`entry` and `group`: which entry of the stream it was, and who gave it up. `more`: what else was written down."""

    id: str
    stream: str
    blob: bytes
    reason: str
    detail: str = ""
    entry: str = ""
    group: str = ""
    more: Mapping[str, str] = field(default_factory=dict)

    @property
    def at(self) -> int:
        """When it was given up, epoch ms by the bus's clock."""
        return id_order(self.id)[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """Letters of one stream: all of them, and by reason over the newest `counted`."""

    stream: str
    letters: int
    counted: int
    reasons: Mapping[str, int]


class DeadLetters:
    """Raises BusError. Owns nothing; safe to share between tasks of one loop."""

    def __init__(self, redis: Redis, *, timeout_s: float = 5.0) -> None:
        self._redis = redis
        self._timeout_s = timeout_s

    async def page(self, stream: str, *, limit: int, before: str = "", reason: str = "") -> list[Letter]:
        """Newest first, older than `before`; with `reason` only those (looked for among the newest COUNTED_MOST)."""
        letters: list[Letter] = []
        end, looked = f"({before}" if before else "+", 0
        limit = min(limit, PAGE_MOST)
        while len(letters) < limit and looked < COUNTED_MOST:
            async with bounded(self._timeout_s, f"reading dead letters of {stream}"):
                rows: Any = await self._redis.xrevrange(names.dead(stream), end, "-", count=PAGE_MOST)
            found = [_letter(stream, entry_id, fields) for entry_id, fields in rows]
            letters += [one for one in found if not reason or one.reason == reason]
            if len(found) < PAGE_MOST:
                break
            looked += len(found)
            end = f"({found[-1].id}"
        return letters[:limit]

    async def get(self, stream: str, letter: str) -> Letter | None:
        async with bounded(self._timeout_s, f"reading a dead letter of {stream}"):
            rows: Any = await self._redis.xrange(names.dead(stream), letter, letter)
        return _letter(stream, *rows[0]) if rows else None

    async def tally(self, stream: str) -> Tally:
        key, end, counted = names.dead(stream), "+", 0
        reasons: dict[str, int] = {}
        async with bounded(self._timeout_s, f"counting dead letters of {stream}"):
            letters = int(await self._redis.xlen(key))
            while counted < min(letters, COUNTED_MOST):
                answer: Any = await self._redis.eval(COUNT_REASONS, 1, key, end, _COUNT_STEP)
                for name, count in zip(answer[2::2], answer[3::2], strict=True):
                    text = name.decode("utf-8", "replace")
                    reasons[text] = reasons.get(text, 0) + int(count)
                counted += int(answer[1])
                if int(answer[1]) < _COUNT_STEP:
                    break
                end = f"({answer[0].decode()}"
        return Tally(stream=stream, letters=letters, counted=counted, reasons=reasons)

    async def redrive(self, stream: str, letter: str) -> Redriven:
        async with bounded(self._timeout_s, f"re-driving a dead letter of {stream}"):
            answer: Any = await self._redis.eval(REDRIVE, 2, names.dead(stream), stream, letter)
        return Redriven(answer[0].decode())

    async def redrive_reason(self, stream: str, reason: str, *, most: int = COUNTED_MOST) -> int:
        """All letters of one reason that lie there now, the oldest first; how many went. Those that come back stay."""
        key = names.dead(stream)
        async with bounded(self._timeout_s, f"re-driving dead letters of {stream}"):
            newest: Any = await self._redis.xrevrange(key, count=1)
        if not newest:
            return 0
        start, end, moved = "-", newest[0][0].decode(), 0
        while moved < most:
            async with bounded(self._timeout_s, f"re-driving dead letters of {stream}"):
                answer: Any = await self._redis.eval(REDRIVE_REASON, 2, key, stream, start, end, reason, _MOVE_STEP)
            moved += int(answer[1])
            if int(answer[2]) < _MOVE_STEP:
                break
            start = f"({answer[0].decode()}"
        return moved

    async def discard(self, stream: str, letter: str) -> bool:
        """False: it was not there any more."""
        async with bounded(self._timeout_s, f"discarding a dead letter of {stream}"):
            return bool(await self._redis.xdel(names.dead(stream), letter))

    async def keep(self, stream: str, letters: Sequence[Mapping[str, str | bytes]], *, most: int) -> None:
        """Write letters that never were entries (refused at a door); beyond about `most` the oldest go."""
        async with bounded(self._timeout_s, f"keeping refused input of {stream}"):
            pipe = self._redis.pipeline(transaction=False)
            for letter in letters:
                fields: Any = dict(letter)
                pipe.xadd(names.dead(stream), fields, maxlen=most, approximate=True)
            await pipe.execute()


_NAMED: Final = frozenset({"b", "reason", "detail", "id", "group"})


def _letter(stream: str, entry_id: bytes, fields: Mapping[bytes, bytes]) -> Letter:
    """Whatever stands there: another program may have written it."""
    text = {
        name.decode("utf-8", "replace"): value.decode("utf-8", "replace")
        for name, value in fields.items()
        if name != b"b"
    }
    return Letter(
        id=entry_id.decode(),
        stream=stream,
        blob=fields.get(b"b", b""),
        reason=text.get("reason", ""),
        detail=text.get("detail", ""),
        entry=text.get("id", ""),
        group=text.get("group", ""),
        more={name: value for name, value in text.items() if name not in _NAMED},
    )
