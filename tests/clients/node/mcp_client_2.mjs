// The TypeScript SDK's second line, @modelcontextprotocol/client 2.x.

import { Client, StreamableHTTPClientTransport, UnauthorizedError } from "@modelcontextprotocol/client";
import { drive } from "./mcp_driver.mjs";

await drive({
  Client,
  Transport: StreamableHTTPClientTransport,
  UnauthorizedError,
  finish: (transport, answer) => transport.finishAuth(answer), // checks `iss` (RFC 9207)
  clientMetadata: {
    client_name: "TypeScript SDK 2",
    grant_types: ["authorization_code", "refresh_token"],
    application_type: "native",
  },
});
