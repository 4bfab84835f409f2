-- Get an access token, then revoke it: one request each, so a run's pairs are half of its requests.
-- Arguments: token path, authorization, form, revocation path.

package.path = "bench/wrk/?.lua;" .. package.path
require("report")

function init(args)
  path, first, last, tokens = args[4], 1, 0, {}
  headers = { ["Content-Type"] = "application/x-www-form-urlencoded", ["Authorization"] = args[2] }
  issue = wrk.format("POST", args[1], headers, args[3])
end

function request()
  if first > last then return issue end
  local token = tokens[first]
  tokens[first] = nil
  first = first + 1
  return wrk.format("POST", path, headers, "token=" .. token)
end

function response(status, _, body)
  local token = body:match('"access_token"%s*:%s*"([^"]+)"')
  if token then
    last = last + 1
    tokens[last] = token
  end
end
