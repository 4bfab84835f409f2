"""A small API in Quart that keeps notes, protected by Latchkey.

    make example-api                          # http://127.0.0.1:3002/api

    token=$(curl -s -u batch:change-me http://127.0.0.1:9000/t/demo/token \
        -d grant_type=client_credentials -d resource=http://127.0.0.1:3002/api | jq -r .access_token)
    curl -H "Authorization: Bearer $token" http://127.0.0.1:3002/api/notes

`batch` may read; what needs `notes:write` answers it with 403 and says so.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from typing import TYPE_CHECKING

import uvicorn
from quart import Quart, request

# In a project of its own: from latchkey_resource_server import …
from server.resource_server import PUBLIC, Introspection, ResourceServer, access_token

if TYPE_CHECKING:
    from quart.typing import ResponseReturnValue

HOST = "127.0.0.1"


def notes_api() -> Quart:
    """The API itself, which knows nothing of OAuth but who calls."""
    app = Quart(__name__)
    notes: defaultdict[str, list[str]] = defaultdict(list)

    @app.get("/healthz")
    async def healthz() -> ResponseReturnValue:
        return {"ok": True}

    @app.get("/api/whoami")
    async def whoami() -> ResponseReturnValue:
        token = access_token(request.scope)
        return {"sub": token.subject, "client_id": token.client_id, "scope": list(token.scope)}

    @app.get("/api/notes")
    async def list_notes() -> ResponseReturnValue:
        return notes[access_token(request.scope).subject]

    @app.post("/api/notes")
    async def add_note() -> ResponseReturnValue:
        text = (await request.get_json())["text"]
        notes[access_token(request.scope).subject].append(text)
        return {"kept": True}, 201

    return app


def protected_api(resource: str, issuer: str, introspection: Introspection | None = None) -> ResourceServer:
    """The API as only valid tokens reach it; with introspection a revocation counts at once."""
    return ResourceServer(
        notes_api(),
        resource=resource,
        issuer=issuer,
        scopes=("notes:read",),
        routes={"POST /api/notes": ("notes:read", "notes:write"), "/healthz": PUBLIC},
        introspection=introspection,
    )


def main() -> None:
    """Serve until interrupted."""
    arguments = argparse.ArgumentParser(description="A notes API, protected by Latchkey")
    arguments.add_argument("--port", type=int, default=3002)
    arguments.add_argument("--issuer", default="http://127.0.0.1:9000/t/demo")
    arguments.add_argument("--introspect", action="store_true", help="ask the issuer about each token, as `batch`")
    given = arguments.parse_args()
    resource = f"http://{HOST}:{given.port}/api"
    introspection = Introspection("batch", "change-me") if given.introspect else None
    print(f"Notes API on {resource}, tokens from {given.issuer}")
    uvicorn.run(protected_api(resource, given.issuer, introspection), host=HOST, port=given.port, log_level="warning")


if __name__ == "__main__":
    main()
