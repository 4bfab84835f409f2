-- GET one address with one access token after the other. Arguments: path, file (one token a line).

package.path = "bench/wrk/?.lua;" .. package.path
require("report")

function init(args)
  prepared, position = {}, 0
  for token in io.lines(args[2]) do
    prepared[#prepared + 1] = wrk.format("GET", args[1], { ["Authorization"] = "Bearer " .. token })
  end
end

function request()
  position = position % #prepared + 1
  return prepared[position]
end
