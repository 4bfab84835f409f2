-- Many kinds of requests in turn, by a plan that bench/mixture.py writes: a Lua file that returns
-- { order = { kind, … }, plain = { kind = { method, path, headers, bodies } }, refresh = { path, headers, form, tokens },
--   code = { path, headers, token_path, token_headers, form } }. Arguments: plan, number of threads.
-- Refresh tokens and codes are used in the order in which they arrive; where there is none yet, another kind goes first.

package.path = "bench/wrk/?.lua;" .. package.path
require("report")

local threads = 0

function setup(thread)
  thread:set("number", threads)
  threads = threads + 1
end

local function queue(items)
  local first, last = 1, #items
  local made = {}
  function made.put(item)
    last = last + 1
    items[last] = item
  end
  function made.take()
    if first > last then return nil end
    local item = items[first]
    items[first] = nil
    first = first + 1
    return item
  end
  return made
end

local function share(items, all)
  local mine = {}
  for index, item in ipairs(items) do
    if index % all == number then mine[#mine + 1] = item end
  end
  return mine
end

function init(args)
  plan = dofile(args[1])
  tokens, codes = queue(share(plan.refresh.tokens, tonumber(args[2]))), queue({})
  position, turns, prepared = 0, {}, {}
  for kind, one in pairs(plan.plain) do
    turns[kind], prepared[kind] = 0, {}
    if #one.bodies == 0 then prepared[kind][1] = wrk.format(one.method, one.path, one.headers) end
    for index, body in ipairs(one.bodies) do
      prepared[kind][index] = wrk.format(one.method, one.path, one.headers, body)
    end
  end
  authorize = wrk.format("GET", plan.code.path, plan.code.headers)
end

local special = {
  refresh = function()
    local token = tokens.take()
    return token and wrk.format("POST", plan.refresh.path, plan.refresh.headers, plan.refresh.form .. token)
  end,
  code = function()
    local code = codes.take()
    if not code then return authorize end
    return wrk.format("POST", plan.code.token_path, plan.code.token_headers, plan.code.form .. code)
  end,
}

function request()
  while true do
    position = position % #plan.order + 1
    local kind = plan.order[position]
    if special[kind] then
      local made = special[kind]()
      if made then return made end
    else
      turns[kind] = turns[kind] % #prepared[kind] + 1
      return prepared[kind][turns[kind]]
    end
  end
end

function response(status, headers, body)
  local token = body:match('"refresh_token"%s*:%s*"([^"]+)"')
  if token then tokens.put(token) end
  local location = headers["location"] or headers["Location"]
  local code = location and location:match("[?&]code=([^&]+)")
  if code then codes.put(code) end
end
