-- POST forms, one after the other. Arguments: path, authorization, file (one body a line).

package.path = "bench/wrk/?.lua;" .. package.path
require("report")

function init(args)
  local headers = { ["Content-Type"] = "application/x-www-form-urlencoded", ["Authorization"] = args[2] }
  prepared, position = {}, 0
  for body in io.lines(args[3]) do
    prepared[#prepared + 1] = wrk.format("POST", args[1], headers, body)
  end
end

function request()
  position = position % #prepared + 1
  return prepared[position]
end
