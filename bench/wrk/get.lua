-- GET one address. Arguments: path [, cookie].

package.path = "bench/wrk/?.lua;" .. package.path
require("report")

function init(args)
  local headers = { ["Accept"] = "*/*" }
  if args[2] then headers["Cookie"] = args[2] end
  prepared = wrk.format("GET", args[1], headers)
end

function request()
  return prepared
end
