-- For wrk: ask for the addresses of a file in turn, from the given line on; print JSON.
-- Arguments: file of addresses, first line, and for POST a file with the body.
local asked, at = {}, 0

function init(args)
  if args[3] then
    wrk.method = "POST"
    wrk.body = io.open(args[3]):read("*a")
    wrk.headers["Content-Type"] = "application/json"
  end
  for target in io.lines(args[1]) do
    asked[#asked + 1] = wrk.format(nil, target)
  end
  at = tonumber(args[2])
end

function request()
  at = at + 1
  return asked[at % #asked + 1]
end

function done(summary, latency, requests)
  local errors = summary.errors
  print(string.format(
    '{"requests": %d, "seconds": %f, "p50": %f, "p99": %f, "failed": %d}',
    summary.requests, summary.duration / 1e6, latency:percentile(50) / 1e6,
    latency:percentile(99) / 1e6,
    errors.status + errors.connect + errors.read + errors.write + errors.timeout))
end
