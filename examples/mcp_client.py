"""An MCP client: finds out where to sign in, registers, sends you to a browser, and calls the notes server.

    make example-client                                     # whoami and your notes
    make example-client ARGS='--add "buy milk"'             # asks you again, because writing needs more

The Python SDK does the work: discovery, registration, PKCE, tokens and their renewal.
"""

from __future__ import annotations

import argparse
import asyncio
import shlex
import webbrowser
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import httpx2
from mcp import Client
from mcp.client.auth import OAuthClientProvider
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.auth import AuthorizationCodeResult, OAuthClientInformationFull, OAuthClientMetadata, OAuthToken
from pydantic import AnyUrl

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    OpenUrl = Callable[[str], Awaitable[None]]

HOST = "127.0.0.1"
SERVER = "http://127.0.0.1:3001/mcp"


class Memory:
    """Tokens and registration for as long as the program runs; a real client keeps them in the system's keychain."""

    def __init__(self) -> None:
        self.tokens: OAuthToken | None = None
        self.client: OAuthClientInformationFull | None = None

    async def get_tokens(self) -> OAuthToken | None:
        """What the SDK asks before its first request."""
        return self.tokens

    async def set_tokens(self, tokens: OAuthToken) -> None:
        """What it says after each grant and each renewal."""
        self.tokens = tokens

    async def get_client_info(self) -> OAuthClientInformationFull | None:
        """Whether we are registered already."""
        return self.client

    async def set_client_info(self, client_info: OAuthClientInformationFull) -> None:
        """Remember that we are."""
        self.client = client_info


class Callback:
    """The loopback address to which the browser comes back. RFC 8252 §7.3."""

    def __init__(self) -> None:
        self._answers: asyncio.Queue[dict[str, str]] = asyncio.Queue()
        self.url = ""

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[Callback]:
        """Listen on a free port."""
        async with await asyncio.start_server(self._answer, HOST, 0) as server:
            self.url = f"http://{HOST}:{server.sockets[0].getsockname()[1]}/callback"
            yield self

    async def result(self) -> AuthorizationCodeResult:
        """What the authorization server sent back with the browser."""
        answer = await self._answers.get()
        if "code" not in answer:
            raise SystemExit(f"not allowed: {answer.get('error', 'no code')}")
        return AuthorizationCodeResult(code=answer["code"], state=answer.get("state"), iss=answer.get("iss"))

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        target = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split(" ")[1]
        is_ours = urlsplit(target).path == "/callback"
        if is_ours:
            query = parse_qs(urlsplit(target).query)
            self._answers.put_nowait({name: values[0] for name, values in query.items()})
        body = b"Done. You may close this window.\n" if is_ours else b"Nothing here.\n"
        status = b"200 OK" if is_ours else b"404 Not Found"
        length = str(len(body)).encode()
        writer.write(b"HTTP/1.1 %s\r\nContent-Type: text/plain\r\nContent-Length: %s\r\n" % (status, length))
        writer.write(b"Connection: close\r\n\r\n" + body)
        await writer.drain()
        writer.close()


@asynccontextmanager
async def signed_in(server: str, open_url: OpenUrl, memory: Memory) -> AsyncIterator[Client]:
    """A connected client; whenever a person has to allow something, `open_url` shows them where."""
    async with Callback().listening() as callback:
        metadata = OAuthClientMetadata(client_name="Example client", redirect_uris=[AnyUrl(callback.url)])
        auth = OAuthClientProvider(
            server, metadata, memory, redirect_handler=open_url, callback_handler=callback.result
        )
        async with (
            httpx2.AsyncClient(auth=auth, timeout=30) as http,
            Client(streamable_http_client(server, http_client=http)) as client,
        ):
            yield client


async def call(client: Client, tool: str, **arguments: str) -> str:
    """A tool's answer as text."""
    result = await client.call_tool(tool, arguments)
    text = "\n".join(part.text for part in result.content if part.type == "text")
    if result.is_error:
        raise SystemExit(f"{tool}: {text}")
    return text


async def run(server: str, open_url: OpenUrl, add: str | None = None) -> list[str]:
    """Sign in, call the tools, and return what they say."""
    async with signed_in(server, open_url, Memory()) as client:
        lines = [f"whoami: {await call(client, 'whoami')}"]
        if add is not None:
            lines.append(f"add_note: {await call(client, 'add_note', text=add)}")
        lines.append(f"list_notes: {await call(client, 'list_notes')}")
        return lines


def opener(choice: str) -> OpenUrl:
    """What shows a URL to the person: `browser`, `nothing` (they copy it), or a program that takes it."""

    async def open_url(url: str) -> None:
        print(f"Open this address to go on:\n  {url}", flush=True)
        if choice == "browser":
            await asyncio.to_thread(webbrowser.open, url)
        elif choice != "nothing":
            await asyncio.create_subprocess_exec(*shlex.split(choice), url)

    return open_url


def main() -> None:
    """Do it once and print the answers."""
    arguments = argparse.ArgumentParser(description="An MCP client that signs in at Latchkey")
    arguments.add_argument("--server", default=SERVER)
    arguments.add_argument("--add", metavar="TEXT", help="also keep a note, which needs one more permission")
    arguments.add_argument("--open-with", default="browser", metavar="browser|nothing|PROGRAM")
    given = arguments.parse_args()
    try:
        for line in asyncio.run(run(given.server, opener(given.open_with), given.add)):
            print(line)
    except* httpx2.ConnectError:
        raise SystemExit(
            f"nothing answers at {given.server}, or at its Latchkey: start both (examples/README.md)"
        ) from None


if __name__ == "__main__":
    main()
