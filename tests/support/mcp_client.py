"""The MCP Python SDK's own client, with the memory and the callbacks that an application gives it."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import httpx2
from mcp import Client
from mcp.client.auth import OAuthClientProvider
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.auth import AuthorizationCodeResult, OAuthClientInformationFull, OAuthClientMetadata, OAuthToken
from pydantic import AnyUrl

from tests.actors import answer_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from tests.support.callback import Callback


@dataclass(slots=True)
class Memory:
    """What the application keeps: implements the SDK's TokenStorage."""

    tokens: OAuthToken | None = field(default=None, repr=False)
    client: OAuthClientInformationFull | None = field(default=None, repr=False)
    authorizations: list[str] = field(default_factory=list)  # every address that a browser was sent to

    async def get_tokens(self) -> OAuthToken | None:
        """As the SDK asks."""
        return self.tokens

    async def set_tokens(self, tokens: OAuthToken) -> None:
        """As the SDK asks."""
        self.tokens = tokens

    async def get_client_info(self) -> OAuthClientInformationFull | None:
        """As the SDK asks."""
        return self.client

    async def set_client_info(self, client_info: OAuthClientInformationFull) -> None:
        """As the SDK asks."""
        self.client = client_info


@asynccontextmanager
async def connected(
    server_url: str,
    memory: Memory,
    callback: Callback,
    go_to: Callable[[str], Awaitable[object]],
    *,
    metadata_url: str | None = None,
) -> AsyncIterator[Client]:
    """A connected client. `go_to` is the person whose browser opens the address that the SDK names.

    `metadata_url` is the application's document about itself, for servers that read such (CIMD).
    """

    async def open_browser(url: str) -> None:
        memory.authorizations.append(url)
        await go_to(url)

    async def wait_for_callback() -> AuthorizationCodeResult:
        answer = answer_of(await callback.next())
        return AuthorizationCodeResult(code=answer.get("code", ""), state=answer.get("state"), iss=answer.get("iss"))

    provider = OAuthClientProvider(
        server_url=server_url,
        client_metadata=OAuthClientMetadata(client_name="Python SDK", redirect_uris=[AnyUrl(callback.url)]),
        storage=memory,
        redirect_handler=open_browser,
        callback_handler=wait_for_callback,
        client_metadata_url=metadata_url,
    )
    async with (
        httpx2.AsyncClient(auth=provider, timeout=120) as http,
        Client(streamable_http_client(server_url, http_client=http)) as client,
    ):
        yield client
