"""A small MCP server that keeps notes, each person's own, protected by Latchkey.

    make run                                  # Latchkey with the demo tenant, in another terminal
    make example-server                       # this, on http://127.0.0.1:3001/mcp
    make example-client                       # a client that signs you in and calls it

Everything about authorization is the call of ResourceServer and the two functions that read what it found out.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from typing import TYPE_CHECKING

import uvicorn
from mcp.server.mcpserver import Context, MCPServer
from mcp.server.mcpserver.exceptions import ToolError

# In a project of its own: from latchkey_resource_server import …
from server.resource_server import InsufficientScope, ResourceServer, access_token, require_scopes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from server.resource_server import AccessTokenClaims

HOST = "127.0.0.1"


def notes_server() -> MCPServer:
    """The tools."""
    mcp = MCPServer("Notes")
    notes: defaultdict[str, list[str]] = defaultdict(list)

    @mcp.tool()
    async def whoami(ctx: Context) -> str:
        """Who you are to this server."""
        token = caller(ctx)
        return f"{token.subject}, through {token.client_id}, may {' '.join(token.scope)}"

    @mcp.tool()
    async def list_notes(ctx: Context) -> list[str]:
        """Your notes."""
        return notes[caller(ctx).subject]

    @mcp.tool()
    async def add_note(text: str, ctx: Context) -> str:
        """Keep a note."""
        need(ctx, "notes:write")
        notes[caller(ctx).subject].append(text)
        return "kept"

    return mcp


def caller(ctx: Context) -> AccessTokenClaims:
    """The token that this call came with, checked already."""
    return access_token(_scope(ctx))


def need(ctx: Context, *scopes: str) -> None:
    """Ask for scopes that this tool needs beside those that every call needs: the client then asks the person."""
    try:
        require_scopes(_scope(ctx), *scopes)
    except InsufficientScope as missing:
        raise ToolError(f"this tool needs {' '.join(scopes)}") from missing


def _scope(ctx: Context) -> Mapping[str, object]:
    request = ctx.request_context.request
    if request is None:
        raise ToolError("these tools are served over HTTP only")
    return dict(request.scope)


def protected_notes(resource: str, issuer: str) -> ResourceServer:
    """The MCP server as an ASGI application that only valid tokens reach."""
    # Plain JSON answers: a tool can ask for more scopes as long as the answer has not begun.
    app = notes_server().streamable_http_app(json_response=True)
    return ResourceServer(app, resource=resource, issuer=issuer, scopes=("notes:read",))


def main() -> None:
    """Serve until interrupted."""
    arguments = argparse.ArgumentParser(description="A notes server for MCP, protected by Latchkey")
    arguments.add_argument("--port", type=int, default=3001)
    arguments.add_argument("--issuer", default="http://127.0.0.1:9000/t/demo")
    given = arguments.parse_args()
    resource = f"http://{HOST}:{given.port}/mcp"
    print(f"Notes on {resource}, tokens from {given.issuer}")
    uvicorn.run(protected_notes(resource, given.issuer), host=HOST, port=given.port, log_level="warning")


if __name__ == "__main__":
    main()
