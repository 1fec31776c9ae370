// SPDX-License-Identifier: Apache-2.0
#include "ensue/store/internal/redis_scripts.h"

namespace ensue::store {

// Texts are compared as numbers: Lua compares them by the server's locale.
const std::string RedisScripts::append = R"lua(
local p, limit, now, window = ARGV[1], tonumber(ARGV[2]), ARGV[3], tonumber(ARGV[4])
local horizon = tonumber(redis.call('GET', p..'horizon') or now)
local since = math.max(tonumber(now), horizon) - window
local epoch = struct.pack('>I8', tonumber(redis.call('GET', p..'epoch') or '0'))
local base = redis.call('GET', p..'base') or '0'

local function cut(key)
  local all, order, keep = redis.call('LRANGE', key, 0, -1), {}, {}
  for i = 1, #all do
    local high, low = struct.unpack('>I4I4', all[i])
    order[i] = {high, low, i}
  end
  table.sort(order, function(a, b)
    if a[1] ~= b[1] then return a[1] < b[1] end
    if a[2] ~= b[2] then return a[2] < b[2] end
    return a[3] < b[3]
  end)
  for i = #all - limit + 1, #all do keep[order[i][3]] = true end
  redis.call('DEL', key)
  for i = 1, #all do
    if keep[i] then redis.call('RPUSH', key, all[i]) end
  end
end

local stored = {}
for i = 5, #ARGV, 4 do
  local user, id = ARGV[i], ARGV[i + 1]
  local new = 1
  if id ~= '' and window > 0 then
    local seen = redis.call('GET', p..'e:'..id)
    if seen and tonumber(seen) > since then
      new = 0
    else
      redis.call('SET', p..'e:'..id, now, 'PX', window)
    end
  end
  if new == 1 then
    local key = p..'u:'..user
    local size = redis.call('RPUSH', key, ARGV[i + 2]..epoch..ARGV[i + 3])
    if size == 1 then
      redis.call('ZADD', p..'users', 0, user)
      redis.call('HSET', p..'versions', user, base)
    end
    redis.call('HINCRBY', p..'versions', user, 1)
    if limit > 0 and size > limit + math.floor(limit / 4) then cut(key) end
  end
  stored[#stored + 1] = new
end
return stored
)lua";

const std::string RedisScripts::record = R"lua(
return {redis.call('HGET', ARGV[1]..'versions', ARGV[2]) or '0',
        redis.call('LRANGE', ARGV[1]..'u:'..ARGV[2], 0, -1)}
)lua";

const std::string RedisScripts::take_out = R"lua(
local p, user = ARGV[1], ARGV[2]
local version = redis.call('HGET', p..'versions', user)
if version ~= ARGV[3] then return 0 end
local key, gone, left = p..'u:'..user, {}, 0
for i = 4, #ARGV do gone[tonumber(ARGV[i])] = true end
local all = redis.call('LRANGE', key, 0, -1)
redis.call('DEL', key)
for i = 1, #all do
  if not gone[i] then left = redis.call('RPUSH', key, all[i]) end
end
version = redis.call('HINCRBY', p..'versions', user, 1)
if left == 0 then
  redis.call('HDEL', p..'versions', user)
  redis.call('ZREM', p..'users', user)
  local base = tonumber(redis.call('GET', p..'base') or '0')
  if version > base then redis.call('SET', p..'base', version) end
end
return 1
)lua";

const std::string RedisScripts::erase = R"lua(
local p, user = ARGV[1], ARGV[2]
local version = redis.call('HGET', p..'versions', user)
if (version or '') ~= ARGV[3] then return -1 end
for i = 4, #ARGV do redis.call('DEL', p..'e:'..ARGV[i]) end
local found = redis.call('DEL', p..'u:'..user)
found = found + redis.call('DEL', p..'a:'..user)
found = found + redis.call('HDEL', p..'d:u', user)
redis.call('ZREM', p..'k:u', user)
redis.call('ZREM', p..'users', user)
redis.call('ZREM', p..'answered', user)
redis.call('HDEL', p..'versions', user)
local base = tonumber(redis.call('GET', p..'base') or '0')
if version and tonumber(version) > base then
  redis.call('SET', p..'base', version)
end
return found > 0 and 1 or 0
)lua";

const std::string RedisScripts::move_horizon = R"lua(
local now = redis.call('GET', ARGV[1]..'horizon')
if not now or tonumber(now) < tonumber(ARGV[2]) then
  redis.call('SET', ARGV[1]..'horizon', ARGV[2])
end
return 1
)lua";

}  // namespace ensue::store
