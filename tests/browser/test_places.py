"""Places clicked through in a real browser: redirect, destination, held and blocked pages do what the table says.

One in so many of the table here, every one by `make places`.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from playwright.async_api import Browser, Request, Response

from server.trust import TargetKind, target_of
from tests.actors import BrowserUser, Operator, RelyingParty
from tests.support.processes import Server
from tests.support.serving import ACME
from tests.unit.trust.test_places import ROWS

EVERY = int(os.environ.get("PLACES_EVERY", "4"))
# What depends on the past, or on what only the table's client is, cannot be had in a fresh tenant.
SERVED = [row for row in ROWS if row[1] in {"admin", "dcr"} and row[2] == "unseen"]
BLOCKED = ("https://blocked.example/cb", "https://deep.blocked.example:8443/cb")
PLACES = [(row[0], row[1], row[4]) for row in SERVED[::EVERY]] + [(uri, "dcr", "block") for uri in BLOCKED]
TENANT: dict[str, object] = {
    **ACME,
    "tenant": "places",
    "settings": {"private_use_schemes": "all", "remember_consent": "never"},
    "resources": [
        {"identifier": f"https://{domain}/", "display_name": domain} for domain in ("acme.test", "acme-bank.test")
    ],
    "clients": [
        {
            "client_id": "admin",
            "client_name": "Of the administrator",
            "token_endpoint_auth_method": "none",
            "redirect_uris": sorted({row[0] for row in SERVED if row[1] == "admin"}),
            "grant_types": ["authorization_code"],
            "scope": "openid",
        }
    ],
    "trust_policy": {"rules": [{"host": host, "action": "block"} for host in ("blocked.example", "*.blocked.example")]},
}


@pytest.fixture(scope="module")
def tenant(server: Server) -> str:
    """The issuer of a tenant that has never sent anybody anywhere."""
    Operator(server.installation).apply(TENANT)
    return server.installation.issuer("places")


@pytest.fixture
async def ada(chromium: Browser) -> AsyncIterator[BrowserUser]:
    async with BrowserUser.opened(chromium) as person:
        yield person


async def client_for(http: httpx2.AsyncClient, tenant: str, kind: str, uri: str) -> RelyingParty:
    if kind == "admin":
        return RelyingParty(http, tenant, "admin", redirect_uri=uri)
    return await RelyingParty.register(http, tenant, redirect_uris=[uri], client_name="A client of its own")


class Departures:
    """Where the browser goes when it leaves: the address as it was told, and as the browser itself asks for it."""

    def __init__(self, person: BrowserUser, home: str) -> None:
        self.home = home
        self.told: asyncio.Queue[str] = asyncio.Queue()
        self.asked: asyncio.Queue[str] = asyncio.Queue()
        person.page.on("response", self._on_response)
        person.page.on("request", self._on_request)

    def _on_response(self, response: Response) -> None:
        location = response.headers.get("location", self.home)
        if not location.startswith(self.home):
            self.told.put_nowait(location)

    def _on_request(self, request: Request) -> None:
        if request.is_navigation_request() and not request.url.startswith(self.home):
            self.asked.put_nowait(request.url)

    async def check(self, uri: str) -> None:
        """The browser was sent to this very place, and asks the host that was judged."""
        async with asyncio.timeout(60):
            told = await self.told.get()
            assert told.startswith(uri)
            assert "code" in parse_qs(urlsplit(told).query)
            if target_of(uri).kind is not TargetKind.PRIVATE_USE:
                asked = urlsplit(await self.asked.get())
                assert (asked.scheme, asked.hostname) == (
                    target_of(uri).scheme, target_of(uri).host.removeprefix("[").removesuffix("]"),
                )  # fmt: skip


@pytest.mark.parametrize(("uri", "kind", "action"), PLACES)
async def test_place(  # noqa: PLR0917 - fixtures and one row of the table
    ada: BrowserUser, http: httpx2.AsyncClient, tenant: str, server: Server, uri: str, kind: str, action: str
) -> None:
    client = await client_for(http, tenant, kind, uri)
    departures = Departures(ada, server.url)
    await ada.visit(client.begin().url)
    if action == "block":
        assert await ada.page.get_attribute("main", "data-error") == "access_denied"
        assert await ada.page.locator("form, [data-continue]").count() == 0
        return
    await ada.log_in()
    await ada.page.wait_for_selector('form[data-step="consent"]')
    shown = target_of(uri).host or target_of(uri).scheme
    assert shown in await ada.page.inner_text(".destination__host")
    await ada.page.locator('[name="decision"][value="allow"]').click(no_wait_after=True)
    if action == "trust":
        await departures.check(uri)
        return
    step = "redirect" if action == "confirm" else "held"
    await ada.page.wait_for_selector(f'form[data-step="{step}"]')
    assert shown in await ada.page.inner_text(".destination__host")
    assert departures.told.empty()
    if action == "confirm":
        await ada.page.locator('[name="decision"][value="continue"]').click(no_wait_after=True)
        await departures.check(uri)


async def test_who_cancels_stays(ada: BrowserUser, http: httpx2.AsyncClient, tenant: str, server: Server) -> None:
    client = await client_for(http, tenant, "dcr", "https://cancelled.example/cb")
    departures = Departures(ada, server.url)
    await ada.visit(client.begin().url)
    await ada.log_in()
    await ada.decide()
    await ada.page.wait_for_selector('form[data-step="redirect"]')
    await ada.leave("cancel")
    await ada.page.wait_for_selector('main[data-step="cancelled"]')
    assert departures.told.empty()
