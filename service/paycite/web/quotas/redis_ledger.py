"""The ledger of quotas in a Redis or Valkey server, which all machines share."""

from math import ceil

from redis.asyncio import Redis

from paycite.web.quotas.windows import Taken, Want

_PREFIX = "paycite:quota:"
# A hash for each spender: units by the second in which they count as taken, which is the next one
# to begin, so that none comes back too early. The clock is the server's.
_TAKE = """
local time = redis.call('TIME')
local now = time[1] + time[2] / 1000000
local window = tonumber(ARGV[1])
local answers = {}
for i, key in ipairs(KEYS) do
  local quota, least, most, back, slot = unpack(ARGV, 5 * i - 3, 5 * i + 1)
  if tonumber(back) > 0 and redis.call('HEXISTS', key, slot) == 1 then
    redis.call('HINCRBY', key, slot, -back)
  end
  local fields, slots, left = redis.call('HGETALL', key), {}, tonumber(quota)
  for j = 1, #fields, 2 do
    local at, units = tonumber(fields[j]), tonumber(fields[j + 1])
    if at + window <= now then
      redis.call('HDEL', key, fields[j])
    else
      slots[#slots + 1] = {at, units}
      left = left - units
    end
  end
  table.sort(slots, function(one, other) return one[1] < other[1] end)
  least, most = tonumber(least), tonumber(most)
  local granted, wait, current = 0, 0, math.floor(now) + 1
  if most > 0 and left >= least then
    granted = math.min(most, left)
    redis.call('HINCRBY', key, current, granted)
    redis.call('EXPIRE', key, math.ceil(window) + 2)
    wait = (slots[1] and slots[1][1] or current) + window - now
  elseif most > 0 then
    wait = window
    local missing = least + 1 - left
    for _, one in ipairs(slots) do
      missing = missing - one[2]
      if missing <= 0 then wait = one[1] + window - now break end
    end
  end
  answers[i] = {granted, math.max(left - granted, 0), math.ceil(wait * 1000), current}
end
return answers
"""


class RedisLedger:
    """Counts units for `seconds`."""

    def __init__(self, address: str, seconds: float) -> None:
        address = address.replace("valkey", "redis", 1) if address.startswith("valkey") else address
        # An exchange has a limit of its own, and another follows.
        self._server = Redis.from_url(address, retry=None, socket_connect_timeout=1)
        self._take = self._server.register_script(_TAKE)
        self._seconds = ceil(seconds)

    async def take(self, wants: list[Want]) -> list[Taken]:
        if not wants:
            await self._server.ping()
            return []
        numbers = [number for want in wants for number in (*want[1:5], int(want.slot))]
        answers = await self._take(
            [_PREFIX + want.who for want in wants], [self._seconds, *numbers]
        )
        return [Taken(granted, left, wait / 1000, slot) for granted, left, wait, slot in answers]

    async def close(self) -> None:
        await self._server.aclose()
