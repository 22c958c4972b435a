-- Takes from several quotas at once, or from none: app/domain/quota.py in Valkey, whose clock all
-- processes share.
-- KEYS: one hash for each holder, with the moments (in microseconds) when its requests (r) and its
-- cost (c) are full again.
-- ARGV: now in microseconds, 0 for Valkey's own clock; then for each holder, for requests and for
-- cost: units per second, burst, units needed, units wanted (a lease in advance, as far as there is).
-- Answers: for each quota the units taken (-1 where fewer than needed are left) and those left.
local now = tonumber(ARGV[1])
if now == 0 then
  local time = redis.call('TIME')
  now = time[1] * 1000000 + time[2]
end

local quotas, enough = {}, true
for holder, key in ipairs(KEYS) do
  local stored = redis.call('HMGET', key, 'r', 'c')
  for part = 1, 2 do
    local at = 1 + (holder - 1) * 8 + (part - 1) * 4
    local rate, burst = tonumber(ARGV[at + 1]), tonumber(ARGV[at + 2])
    local needed, wanted = tonumber(ARGV[at + 3]), tonumber(ARGV[at + 4])
    local full = math.max(tonumber(stored[part] or '0'), now)
    -- a microsecond is rounding
    local left = burst - math.ceil(math.max(full - now - 1, 0) * rate / 1000000)
    quotas[#quotas + 1] = {
      key = key, field = part == 1 and 'r' or 'c', rate = rate, full = full, left = left,
      take = math.max(needed, math.min(wanted, left)), short = left < needed,
    }
    enough = enough and left >= needed
  end
end

local answer = {}
for _, quota in ipairs(quotas) do
  if enough then
    local full = quota.full + math.ceil(quota.take * 1000000 / quota.rate)
    redis.call('HSET', quota.key, quota.field, string.format('%.0f', full))
    local ends = math.ceil((full - now) / 1000) + 1000
    if redis.call('PTTL', quota.key) < ends then
      redis.call('PEXPIRE', quota.key, ends)
    end
    answer[#answer + 1] = quota.take
    answer[#answer + 1] = quota.left - quota.take
  else
    answer[#answer + 1] = quota.short and -1 or 0
    answer[#answer + 1] = quota.left
  end
end
return answer
