"""The ledger's moves as scripts that the bus runs whole or not at all. In: nothing. Out: texts of Lua.

All keys of a site share one hash tag, so one node of a cluster has them. May not know: which moves are allowed: the
table of asr/intake_states.py comes with each call.
"""

from typing import Final

MOVE: Final = """#!lua flags=allow-oom
local pre = KEYS[1]
local id, to, reason, now, from, blob = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[6]
local lane, group, taker, held, entry, path = ARGV[7], ARGV[8], ARGV[9], ARGV[10], ARGV[11], ARGV[12]
local key = pre .. 'r:' .. id
local was = redis.call('HMGET', key, 's', 'r', 'h', 'e', 'p', 'n')
local old = was[1] or '-'
if path ~= '' then
  path = string.sub(redis.sha1hex(path), 1, 16)
end
if path ~= '' and was[5] and was[5] ~= '' and was[5] ~= path then
  return {'other_path', old}
end
if old == '-' and redis.call('EXISTS', pre .. 'm:' .. id) == 1 then
  return {'merged', old}
end
if not string.find(from, ',' .. old .. ',', 1, true) then
  return {'refused', old}
end
if entry ~= '' and was[4] ~= entry then
  return {'stale_entry', old}
end
if held ~= '' and was[3] ~= held then
  return {'not_yours', old}
end
if old == '-' then
  redis.call('HINCRBY', pre .. 'sums', 'created', 1)
else
  redis.call('ZREM', pre .. 'in:' .. old, id)
  if old == 'quarantined' then
    if redis.call('HINCRBY', pre .. 'reasons', was[2] or '', -1) <= 0 then
      redis.call('HDEL', pre .. 'reasons', was[2] or '')
    end
  end
end
if to == 'arrived' and old ~= 'arrived' then
  redis.call('HINCRBY', pre .. 'sums', 'arrived', 1)
end
if to == 'quarantined' then
  redis.call('HINCRBY', pre .. 'reasons', reason, 1)
end
redis.call('ZADD', pre .. 'in:' .. to, now, id)
redis.call('HSET', key, 's', to, 'r', reason, 't', now)
if blob ~= '' then
  redis.call('HSET', key, 'j', blob)
end
if path ~= '' then
  redis.call('HSET', key, 'p', path)
end
if lane ~= '' then
  local stream = pre .. 'lane:' .. lane
  redis.pcall('XGROUP', 'CREATE', stream, group, '0', 'MKSTREAM')
  local added = redis.call('XADD', stream, '*', 'b', id)
  redis.call('HSET', key, 'e', added, 'n', lane)
  if old == 'quarantined' then
    redis.call('HSET', key, 'b', redis.call('HINCRBY', key, 'a', 1), 'f', 0)
  end
elseif to == 'queued' then
  redis.call('HINCRBY', key, 'f', 1)
end
if taker ~= '' then
  redis.call('HSET', key, 'h', taker)
  redis.call('HINCRBY', key, 'a', 1)
end
if to == 'done' or to == 'quarantined' then
  if was[4] and was[6] then
    redis.call('XACK', pre .. 'lane:' .. was[6], group, was[4])
    redis.call('XDEL', pre .. 'lane:' .. was[6], was[4])
  end
  redis.call('HDEL', key, 'e', 'n', 'h')
end
if to == 'done' then
  redis.call('HINCRBY', pre .. 'minutes', math.floor(tonumber(now) / 60000), 1)
end
local told = redis.call('HMGET', key, 'a', 'j', 'b', 'f')
if to == 'done' and told[2] then
  local kept = {'s', to, 'r', reason, 't', now, 'a', told[1] or '0', 'p', was[5] or ''}
  for n = 0, math.floor((#told[2] - 1) / 64) do
    kept[#kept + 1] = 'j' .. n
    kept[#kept + 1] = string.sub(told[2], n * 64 + 1, n * 64 + 64)
  end
  redis.call('DEL', key)
  redis.call('HSET', key, unpack(kept))
end
return {'moved', old, told[1] or '0', told[2] or '', told[3] or '0', told[4] or '0'}
"""
"""a: hand-outs ever (and restarts by hand), b: those before a person queued it anew, f: failures since then.

p: a digest of the path. What is done is kept in pieces of 64 bytes (j0, j1, …), which a server packs tightly unless it
is told otherwise: half the memory. A second entry of a recording, or one that its worker lost meanwhile, moves nothing:
`stale_entry`, `not_yours`."""

TAKE: Final = """
local pre = KEYS[1]
for n = 3, #ARGV do
  local stream = pre .. 'lane:' .. ARGV[n]
  local got = redis.pcall('XREADGROUP', 'GROUP', ARGV[1], ARGV[2], 'COUNT', 1, 'STREAMS', stream, '>')
  if got and not got['err'] and got[1] then
    return {ARGV[n], got[1][2][1][1], got[1][2][1][2][2]}
  end
end
return false
"""

KEEP: Final = """
if redis.call('HGET', KEYS[1] .. 'r:' .. ARGV[3], 'h') ~= ARGV[2] then
  return 0
end
redis.call('XCLAIM', KEYS[1] .. 'lane:' .. ARGV[4], ARGV[1], ARGV[2], 0, ARGV[5], 'JUSTID')
return 1
"""
"""Renews the lease of a job in hand; 0: somebody else has it."""

DROP: Final = """#!lua flags=allow-oom
local stream = KEYS[1] .. 'lane:' .. ARGV[2]
redis.call('XACK', stream, ARGV[1], ARGV[3])
return redis.call('XDEL', stream, ARGV[3])
"""

MERGE: Final = """#!lua flags=allow-oom
local pre, id = KEYS[1], ARGV[1]
local key = pre .. 'r:' .. id
local was = redis.call('HMGET', key, 's', 'r')
if not was[1] then
  redis.call('SET', pre .. 'm:' .. id, ARGV[2], 'PX', ARGV[3])
  return {'moved', '-'}
end
if was[1] ~= 'arrived' and was[1] ~= 'quarantined' then
  return {'refused', was[1] or '-'}
end
redis.call('ZREM', pre .. 'in:' .. was[1], id)
if was[1] == 'quarantined' and redis.call('HINCRBY', pre .. 'reasons', was[2], -1) <= 0 then
  redis.call('HDEL', pre .. 'reasons', was[2])
end
redis.call('DEL', key)
redis.call('SET', pre .. 'm:' .. id, ARGV[2], 'PX', ARGV[3])
redis.call('HINCRBY', pre .. 'sums', 'created', -1)
redis.call('HINCRBY', pre .. 'sums', 'arrived', -1)
return {'moved', was[1]}
"""
"""A recording that was known by its content has got its contact: it goes on under that name, and a folder that is
looked at anew does not bring the old one back."""

FORGET: Final = """#!lua flags=allow-oom
local pre, gone = KEYS[1], 0
for _, id in ipairs(redis.call('ZRANGEBYSCORE', pre .. 'in:' .. ARGV[1], '-inf', ARGV[2], 'LIMIT', 0, 500)) do
  redis.call('ZREM', pre .. 'in:' .. ARGV[1], id)
  redis.call('DEL', pre .. 'r:' .. id)
  redis.call('HINCRBY', pre .. 'sums', 'created', -1)
  if ARGV[1] == 'done' then
    redis.call('HINCRBY', pre .. 'sums', 'arrived', -1)
  end
  gone = gone + 1
end
return gone
"""
"""What ended long ago stands in the warehouse; the ledger on the bus counts without it from then on."""
