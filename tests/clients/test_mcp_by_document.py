"""MCP clients that are known by their document (CIMD): the SDKs, the example MCP server, Latchkey, a real browser."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator, Iterator
from typing import cast

import pytest
from playwright.async_api import Browser

from tests.actors import BrowserUser
from tests.support.callback import Callback
from tests.support.certificates import Authority
from tests.support.databases import DatabaseServer
from tests.support.document_fixtures import authority
from tests.support.mcp_client import Memory, connected
from tests.support.metadata_host import MetadataHost, metadata_host
from tests.support.node import node_program
from tests.support.notes_server import NotesServer, notes_server
from tests.support.processes import Server, install, serving

__all__ = ["authority"]

# What real documents list: loopback without the port that will be free.
REDIRECT_URIS = ["http://127.0.0.1/callback", "http://localhost/callback"]


@pytest.fixture(scope="module")
async def trusting(
    database_server: DatabaseServer, authority: Authority, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Server]:
    """A Latchkey that trusts the tests' authority and may ask this machine."""
    environment = {"LATCHKEY_ALLOW_PRIVATE_METADATA_HOSTS": "1", "SSL_CERT_FILE": str(authority.path)}
    url = await database_server.create_migrated()
    installation = install(tmp_path_factory.mktemp("trusting"), database_url=url, environment=environment)
    with serving(installation) as (running,):
        yield running


@pytest.fixture(scope="module")
def notes(trusting: Server) -> Iterator[NotesServer]:
    with notes_server(trusting.installation, "documented") as running:
        yield running


@pytest.fixture(scope="module")
def tls(authority: Authority) -> ssl.SSLContext:
    return authority.server_context("localhost")


@pytest.fixture
async def host(tls: ssl.SSLContext) -> AsyncIterator[MetadataHost]:
    async with metadata_host(tls, "localhost") as running:
        yield running


@pytest.fixture
async def ada(chromium: Browser) -> AsyncIterator[BrowserUser]:
    async with BrowserUser.opened(chromium) as user:
        yield user


@pytest.mark.checklist("1d.21")
async def test_the_python_sdk_connects_by_its_document(
    notes: NotesServer, host: MetadataHost, ada: BrowserUser, callback: Callback
) -> None:
    memory = Memory()
    client_id = host.publish("/python/client.json", client_name="Python by document", redirect_uris=REDIRECT_URIS)

    async def go_to(url: str) -> None:
        await ada.authorize(url, callback.url)

    async with connected(notes.url, memory, callback, go_to, metadata_url=client_id) as client:
        answer = await client.call_tool("whoami", {})
    assert memory.client is not None
    assert memory.client.client_id == client_id
    assert client_id in "".join(part.text for part in answer.content if part.type == "text")
    assert len(memory.authorizations) == 1
    assert host.count("/python/client.json") == 1


@pytest.mark.checklist("1d.21")
@pytest.mark.parametrize("script", ["mcp_sdk_1.mjs", "mcp_client_2.mjs"], ids=["sdk-1.32", "client-2.4"])
async def test_the_typescript_sdks_connect_by_their_document(
    notes: NotesServer, host: MetadataHost, ada: BrowserUser, script: str
) -> None:
    client_id = host.publish(f"/{script}/client.json", client_name="By document", redirect_uris=REDIRECT_URIS)
    async with node_program(script, notes.url, client_id) as program:
        callback = str((await program.event("ready"))["redirectUrl"])
        await program.send("connect")
        await ada.authorize(str((await program.event("authorize"))["url"]), callback)
        result = await program.event("result")
        answer = await program.ask("call", name="whoami", input={})
    assert cast("dict[str, object]", result["client"])["client_id"] == client_id
    assert client_id in str(answer["text"])
    assert host.count(f"/{script}/client.json") == 1
