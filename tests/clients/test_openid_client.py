"""openid-client under Node as one more opinion: signatures, `iss`, `state`, `nonce`, `at_hash` by its own rules."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx2
import pytest

from tests.actors import EndUser
from tests.support.node import NodeProgram, node_program
from tests.support.serving import WEB_CALLBACK, WEB_SECRET


@pytest.fixture
def ada(http: httpx2.AsyncClient) -> EndUser:
    return EndUser(http)


@pytest.fixture
async def client(issuer: str) -> AsyncIterator[NodeProgram]:
    async with node_program("openid_client.mjs", issuer, "webapp", WEB_SECRET, WEB_CALLBACK) as program:
        await program.event("ready")
        yield program


async def sign_in(client: NodeProgram, ada: EndUser, **parameters: str) -> dict[str, object]:
    begun = await client.ask("begin", parameters={"scope": "openid profile email offline_access", **parameters})
    page = await ada.authorize(str(begun["url"]))
    assert page.callback is not None, page.document.text
    return await client.ask("redeem", callback=page.callback)


@pytest.mark.rfc("OIDC Core", "3.1.3.7")
async def test_it_signs_a_person_in(client: NodeProgram, ada: EndUser) -> None:
    signed_in = await sign_in(client, ada, max_age="600")
    userinfo = await client.ask("userinfo")
    assert isinstance(signed_in["claims"], dict)
    assert isinstance(userinfo["userinfo"], dict)
    assert userinfo["userinfo"]["sub"] == signed_in["claims"]["sub"]
    assert userinfo["userinfo"]["email"] == "ada@acme.test"


@pytest.mark.rfc("OIDC Core", "12.2")
async def test_a_refreshed_id_token_is_about_the_same_person(client: NodeProgram, ada: EndUser) -> None:
    signed_in = await sign_in(client, ada)
    refreshed = await client.ask("refresh")
    assert isinstance(signed_in["claims"], dict)
    assert isinstance(refreshed["claims"], dict)
    assert refreshed["claims"]["sub"] == signed_in["claims"]["sub"]


@pytest.mark.rfc("7662", "2.2")
async def test_a_revocation_shows_in_introspection_at_once(client: NodeProgram, ada: EndUser) -> None:
    tokens = (await sign_in(client, ada))["tokens"]
    assert isinstance(tokens, dict)
    before = await client.ask("introspect", token=tokens["access_token"])
    await client.ask("revoke", token=tokens["refresh_token"])
    after = await client.ask("introspect", token=tokens["access_token"])
    assert isinstance(before["introspection"], dict)
    assert before["introspection"]["active"] is True
    assert after["introspection"] == {"active": False}


@pytest.mark.rfc("OIDC RP-Initiated Logout", "2")
async def test_its_logout_returns_to_the_client(client: NodeProgram, ada: EndUser) -> None:
    await sign_in(client, ada)
    parameters = {"post_logout_redirect_uri": "https://app.acme.test/goodbye", "state": "see-you"}
    end = await client.ask("end", parameters=parameters)
    page = await ada.visit(str(end["url"]))
    assert page.callback == "https://app.acme.test/goodbye?state=see-you"


@pytest.mark.rfc("9207", "2.4")
async def test_it_is_told_when_the_person_declines(client: NodeProgram, ada: EndUser) -> None:
    begun = await client.ask("begin", parameters={"scope": "openid", "prompt": "consent"})
    page = await ada.log_in(await ada.visit(str(begun["url"])))
    page = await ada.deny(page)
    refusal = await client.refusal("redeem", callback=page.callback)
    assert refusal["message"] == "authorization response from the server is an error"
