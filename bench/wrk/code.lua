-- Authorize with a session, then redeem the code: one request each, so a run's pairs are half of its requests.
-- Arguments: authorize path, cookie, token path, authorization, form without the code.

package.path = "bench/wrk/?.lua;" .. package.path
require("report")

function init(args)
  path, form, first, last, codes = args[3], args[5], 1, 0, {}
  headers = { ["Content-Type"] = "application/x-www-form-urlencoded", ["Authorization"] = args[4] }
  authorize = wrk.format("GET", args[1], { ["Cookie"] = args[2] })
end

function request()
  if first > last then return authorize end
  local code = codes[first]
  codes[first] = nil
  first = first + 1
  return wrk.format("POST", path, headers, form .. "&code=" .. code)
end

function response(status, answer)
  local location = answer["location"] or answer["Location"]
  local code = location and location:match("[?&]code=([^&]+)")
  if code then
    last = last + 1
    codes[last] = code
  end
end
