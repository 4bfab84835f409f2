-- Refresh with rotation: each answer's refresh token goes to the end of the queue, and the next request takes the first.
-- Arguments: path, authorization, file (one refresh token a line; more of them than connections), number of threads.

package.path = "bench/wrk/?.lua;" .. package.path
require("report")

local threads = 0

function setup(thread)
  thread:set("number", threads)
  threads = threads + 1
end

function init(args)
  path, first, last, queue = args[1], 1, 0, {}
  headers = { ["Content-Type"] = "application/x-www-form-urlencoded", ["Authorization"] = args[2] }
  local all, line = tonumber(args[4]), 0
  for token in io.lines(args[3]) do
    if line % all == number then
      last = last + 1
      queue[last] = token
    end
    line = line + 1
  end
end

function request()
  local token = queue[first]
  queue[first] = nil
  first = first + 1
  return wrk.format("POST", path, headers, "grant_type=refresh_token&refresh_token=" .. token)
end

function response(status, _, body)
  local token = body:match('"refresh_token"%s*:%s*"([^"]+)"')
  if token then
    last = last + 1
    queue[last] = token
  end
end
