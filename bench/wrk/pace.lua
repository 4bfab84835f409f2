-- A pace, when BENCH_PER_THREAD says how many requests each thread sends in a second: evenly, whatever the answers take.
-- A request that finds every connection waiting is sent late; the run's rate shows when that happens for long.

local per_second = tonumber(os.getenv("BENCH_PER_THREAD") or "")
if not per_second then return end

local ffi = require("ffi")
ffi.cdef("typedef struct { long seconds; long nanoseconds; } bench_time; int clock_gettime(int, bench_time *);")
local MONOTONIC, MAX_BEHIND = 1, 1000
local time, interval, due = ffi.new("bench_time"), 1000 / per_second, nil

local function now()
  ffi.C.clock_gettime(MONOTONIC, time)
  return tonumber(time.seconds) * 1000 + tonumber(time.nanoseconds) / 1e6
end

-- wrk asks each connection before it sends: milliseconds to wait.
function delay()
  local present = now()
  due = (due or present) + interval
  if due < present - MAX_BEHIND then due = present end
  return math.max(0, math.floor(due - present + 0.5))
end
