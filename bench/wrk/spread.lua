-- The same request to one tenant after the other, each thread beginning at another one.
-- Arguments: path with %d for the tenant's number, number of tenants, number of threads [, authorization, form].

package.path = "bench/wrk/?.lua;" .. package.path
require("report")

local threads = 0

function setup(thread)
  thread:set("number", threads)
  threads = threads + 1
end

function init(args)
  local all = tonumber(args[2])
  local method = args[4] and "POST" or "GET"
  local headers = {}
  if args[4] then
    headers = { ["Content-Type"] = "application/x-www-form-urlencoded", ["Authorization"] = args[4] }
  end
  prepared, position = {}, math.floor(all / tonumber(args[3]) * number)
  for tenant = 1, all do
    prepared[tenant] = wrk.format(method, args[1]:format(tenant), headers, args[5])
  end
end

function request()
  position = position % #prepared + 1
  return prepared[position]
end
