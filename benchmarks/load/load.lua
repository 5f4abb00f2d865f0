-- Sends the tokens of a file in turn, from line `first` on; waits `pause` milliseconds before each request of a connection.
local tokens, next, pause = {}, 0, 0

function init(arguments)
  local file, first, count = arguments[1], tonumber(arguments[2]), tonumber(arguments[3])
  pause = tonumber(arguments[4] or "0")
  local number = 0
  for line in io.lines(file) do
    if number >= first and number < first + count then tokens[#tokens + 1] = line end
    number = number + 1
  end
  wrk.method = "POST"
  wrk.body = '{"model":"gpt-5","messages":[{"role":"user","content":"Say hello to everybody in the room."}]}'
  wrk.headers["Content-Type"] = "application/json"
end

function delay() return pause end

function request()
  if #tokens == 0 then return wrk.format() end
  next = next % #tokens + 1
  wrk.headers["Authorization"] = "Bearer " .. tokens[next]
  return wrk.format()
end

function done(summary, latency, requests)
  io.write(string.format("RESULT %d %d %d %.1f %.1f\n", summary.requests, summary.duration,
    summary.errors.status + summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout,
    latency:percentile(50), latency:percentile(99)))
end
