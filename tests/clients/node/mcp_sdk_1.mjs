// The TypeScript SDK's first line, @modelcontextprotocol/sdk 1.x.

import { UnauthorizedError } from "@modelcontextprotocol/sdk/client/auth.js";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { drive } from "./mcp_driver.mjs";

await drive({
  Client,
  Transport: StreamableHTTPClientTransport,
  UnauthorizedError,
  finish: (transport, answer) => transport.finishAuth(answer.get("code")),
  // As most applications on this line register: nothing but a name.
  clientMetadata: { client_name: "TypeScript SDK 1" },
});
