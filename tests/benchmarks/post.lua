-- wrk's script: POST one file over and over, and say what happened as one line of JSON.
-- wrk -s post.lua URL -- BODY_FILE NAME VALUE ..., a name and a value for each header

function init(arguments)
  local file = assert(io.open(arguments[1], "rb"))
  wrk.method = "POST"
  for place = 2, #arguments, 2 do
    wrk.headers[arguments[place]] = arguments[place + 1]
  end
  wrk.body = file:read("*a")
  file:close()
end

-- Durations and latencies are in microseconds; errors.status counts answers of 400 and above.
function done(summary, latency, requests)
  local errors = summary.errors
  io.write(string.format(
    '{"requests": %d, "duration_us": %d, "p50_us": %.1f, "p99_us": %.1f, "status_errors": %d, "socket_errors": %d}\n',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99),
    errors.status, errors.connect + errors.read + errors.write + errors.timeout))
end
