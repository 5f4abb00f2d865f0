-- Posts with the tokens of a file in turn ("-" is none), and waits `pause` milliseconds before each request of a connection.
-- With "once" the load ends where the tokens do, so that each stays new. Requests are made before the clock starts.
local ffi = require("ffi")
ffi.cdef [[ typedef struct { long s; long ns; } gp_time; int clock_gettime(int clock, gp_time *time); ]]

local threads = {}
began, ended = 0, 0

local function now()
  local time = ffi.new("gp_time")
  ffi.C.clock_gettime(1, time)
  return tonumber(time.s) * 1e6 + tonumber(time.ns) / 1e3
end

function setup(thread) threads[#threads + 1] = thread end

function init(arguments)
  local file, pause, once = arguments[1], tonumber(arguments[2]), arguments[3] == "once"
  wrk.method = "POST"
  wrk.body = '{"model":"gpt-5","messages":[{"role":"user","content":"Say hello to everybody in the room."}]}'
  wrk.headers["Content-Type"] = "application/json"
  local requests, next = {}, 0
  if file ~= "-" then
    for token in io.lines(file) do
      wrk.headers["Authorization"] = "Bearer " .. token
      requests[#requests + 1] = wrk.format()
    end
  end
  if pause > 0 then
    function delay() return pause end
  end
  if #requests > 1 then
    function request()
      if next == 0 and began == 0 then began = now() end
      next = next + 1
      if next > #requests then
        if once then
          if ended == 0 then ended = now() end
          wrk.thread:stop()
        end
        next = 1
      end
      return requests[next]
    end
  end
end

function done(summary, latency, requests)
  local began, ended = threads[1]:get("began"), threads[1]:get("ended")
  local duration = ended > 0 and ended - began or summary.duration
  io.write(string.format("RESULT %d %d %d %.1f %.1f\n", summary.requests, duration,
    summary.errors.status + summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout,
    latency:percentile(50), latency:percentile(99)))
end
