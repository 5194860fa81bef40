-- wrk's script: send the requests of a file in turn, and print what happened as one line of JSON.
-- wrk -s post.lua URL -- FILE: each request as it goes over the wire, behind a line with its length in bytes

local requests = {}
local place = 0

function init(arguments)
  local file = assert(io.open(arguments[1], "rb"))
  for length in file:lines() do
    requests[#requests + 1] = file:read(tonumber(length))
  end
  file:close()
end

function request()
  place = place % #requests + 1
  return requests[place]
end

-- Durations and latencies are in microseconds; errors.status counts responses of 400 and above.
function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    '{"requests": %d, "duration_us": %d, "p50_us": %.1f, "p99_us": %.1f, "status_errors": %d, "socket_errors": %d}\n',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99),
    errors.status, errors.connect + errors.read + errors.write + errors.timeout))
end
