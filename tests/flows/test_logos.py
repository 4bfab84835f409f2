"""Logos of clients: fetched behind the page, served from here, and shown where somebody vouched for the client."""

from __future__ import annotations

import asyncio
from io import BytesIO

import httpx2
import pytest
from PIL import Image

from server import clients
from server.clients import Logo
from server.settings import Settings
from tests.actors import EndUser, RelyingParty
from tests.flows.conftest import ACME, apply_document
from tests.support.listening import until
from tests.support.metadata_host import MetadataHost, answering

LOGO = "/logo.png"


def drawn(form: str = "PNG") -> bytes:
    written = BytesIO()
    Image.new("RGB", (64, 64), "red").save(written, form)
    return written.getvalue()


@pytest.fixture
async def known(host: MetadataHost, http: httpx2.AsyncClient, settings: Settings, issuer: str) -> RelyingParty:
    """A client that an administrator registered, with a logo elsewhere."""
    host.behaviours[LOGO] = answering(drawn(), media_type="image/png")
    client = {
        "client_id": "drawn",
        "token_endpoint_auth_method": "none",
        "redirect_uris": ["https://app.acme.test/callback"],
        "logo_uri": host.url(LOGO),
        "scope": "openid",
    }
    listed = ACME["clients"]
    assert isinstance(listed, list)
    await apply_document(settings, ACME | {"clients": [*listed, client]})
    return RelyingParty(http, issuer, "drawn", redirect_uri="https://app.acme.test/callback")


async def fetched(host: MetadataHost) -> Logo:
    """The logo, once whoever fetches it in the background has it."""
    async with asyncio.timeout(60):
        while (logo := await clients.find_logo(clients.logo_name(host.url(LOGO)))) is None:  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0.02)
    return logo


async def test_the_second_who_looks_sees_the_logo(known: RelyingParty, host: MetadataHost, ada: EndUser) -> None:
    page = await ada.log_in(await ada.visit(known.begin().url))
    assert "<img" not in page.html
    logo = await fetched(host)
    page = await ada.visit(page.url)
    address = f"{known.issuer}/logos/{logo.name}"
    assert f'src="{address}"' in page.html
    answer = await ada.http.get(address)
    assert answer.headers["content-type"] == "image/png"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.content.startswith(b"\x89PNG")
    assert host.count(LOGO) == 1


async def test_a_logo_that_nobody_has_is_not_found(http: httpx2.AsyncClient, issuer: str) -> None:
    assert (await http.get(f"{issuer}/logos/{'0' * 64}")).status_code == httpx2.codes.NOT_FOUND


async def test_a_client_that_nobody_vouched_for_shows_none(
    host: MetadataHost, http: httpx2.AsyncClient, issuer: str, ada: EndUser
) -> None:
    host.behaviours[LOGO] = answering(drawn("JPEG"), media_type="text/html")
    party = RelyingParty(http, issuer, host.publish(logo_uri=host.url(LOGO)))
    page = await ada.log_in(await ada.visit(party.begin().url))
    assert (await fetched(host)).image
    assert "<img" not in (await ada.visit(page.url)).html


async def test_of_a_client_that_registered_itself_none_is_fetched(
    host: MetadataHost, http: httpx2.AsyncClient, issuer: str, ada: EndUser
) -> None:
    party = await RelyingParty.register(http, issuer, logo_uri=host.url(LOGO))
    page = await ada.log_in(await ada.visit(party.begin().url))
    assert page.step == "consent"
    await asyncio.sleep(0.1)
    assert host.asked == []


@pytest.mark.parametrize("content", [b"<svg xmlns='http://www.w3.org/2000/svg'/>", b" " * 600_000])
async def test_what_is_no_logo_is_asked_for_once_an_hour(
    known: RelyingParty, host: MetadataHost, ada: EndUser, content: bytes
) -> None:
    host.behaviours[LOGO] = answering(content, media_type="image/png")
    page = await ada.log_in(await ada.visit(known.begin().url))
    await until(lambda: host.count(LOGO) > 0)
    for _ in range(3):
        assert "<img" not in (await ada.visit(page.url)).html
        await asyncio.sleep(0.05)
    assert host.count(LOGO) == 1
