"""Fixtures of the tests that start the real program: a served tenant, a real browser, a client over real HTTP."""

from __future__ import annotations

from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import httpx2
import pytest
from playwright.async_api import async_playwright, expect

from tests.support.browser_user import PATIENCE_MS
from tests.support.callback import Callback, listening
from tests.support.databases import MissingProgram
from tests.support.processes import Installation, Server, install, serving
from tests.support.steady_load import ANSWER_WITHIN

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from playwright.async_api import Browser

    from tests.support.databases import DatabaseServer

# Five seconds are not enough on every machine.
expect.set_options(timeout=PATIENCE_MS)

CHROMIUM = (Path("/usr/bin/chromium"), Path("/usr/bin/chromium-browser"), Path("/usr/bin/google-chrome"))
# The same without windows, bars and menus, not even hidden ones: a page costs it a third of what it costs the others.
SHELL = Path("/usr/bin/chromium-headless-shell")
WEB_CALLBACK = "https://app.acme.test/callback"

ACME: dict[str, object] = {
    "tenant": "acme",
    "display_name": "Acme",
    "settings": {"private_use_schemes": "admin"},
    "scopes": [
        {"name": "notes:read", "description": "Read your notes"},
        {"name": "notes:write", "description": "Change your notes", "optional": True},
        {"name": "notes:purge", "description": "Delete all your notes", "sensitive": True, "dynamic": False},
    ],
    "resources": [
        {
            "identifier": "https://api.acme.test/notes",
            "display_name": "Notes",
            "scopes": ["notes:read", "notes:write", "notes:purge"],
            "introspection_clients": ["webapp"],
        },
    ],
    "clients": [
        {
            "client_id": "webapp",
            "client_name": "Web application",
            "token_endpoint_auth_method": "client_secret_basic",
            "client_secret": "a secret: of the web application, 100% random",
            "redirect_uris": [WEB_CALLBACK],
            "post_logout_redirect_uris": ["https://app.acme.test/goodbye"],
            "grant_types": ["authorization_code", "refresh_token"],
            "scope": "openid profile email offline_access notes:read notes:write",
        },
    ],
    "roles": ["editor"],
    "groups": [{"name": "Staff", "description": "Whoever works here", "roles": ["editor"]}],
    "users": [
        {
            "username": "ada",
            "email": "ada@acme.test",
            "password": "correct-horse-battery",
            "name": "Ada Lovelace",
            "groups": ["Staff"],
        }
    ],
}
WEB_SECRET = "a secret: of the web application, 100% random"


@pytest.fixture(scope="session")
async def installation(database_server: DatabaseServer, tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """A Latchkey with the tenant `acme`."""
    url = await database_server.create_migrated()
    return install(tmp_path_factory.mktemp("latchkey"), database_url=url, manifests=[ACME])


@pytest.fixture(scope="session")
def server(installation: Installation) -> Iterator[Server]:
    """It serves."""
    with serving(installation) as (running,):
        yield running


@pytest.fixture
def issuer(server: Server) -> str:
    """The issuer of the tenant `acme`."""
    return server.installation.issuer("acme")


@pytest.fixture
async def http(server: Server) -> AsyncIterator[httpx2.AsyncClient]:
    """A client over real HTTP that follows no redirects."""
    async with httpx2.AsyncClient(base_url=server.url, timeout=ANSWER_WITHIN) as client:
        yield client


def find_chromium() -> Path:
    """The whole browser that Debian installs, for whoever looks at what people see, to the last point."""
    program = next((path for path in CHROMIUM if path.exists()), None)
    if program is None:
        raise MissingProgram("Chromium is not installed: apt-get install chromium")
    return program


def find_shell() -> Path:
    """The quicker one, where it is installed."""
    return SHELL if SHELL.exists() else find_chromium()


@pytest.fixture(scope="session")
async def chromium() -> AsyncIterator[Browser]:
    """A headless Chromium; every person in it gets a profile of their own."""
    async with launched(find_shell()) as browser:
        yield browser


@asynccontextmanager
async def launched(program: Path) -> AsyncIterator[Browser]:
    """A browser that runs."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield browser
        await browser.close()


@pytest.fixture
async def callback() -> AsyncIterator[Callback]:
    """Where the browser comes back to."""
    async with listening() as listener:
        yield listener
