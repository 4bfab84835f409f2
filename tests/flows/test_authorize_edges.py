"""The corners of the authorization endpoint."""

from __future__ import annotations

import warnings

import httpx2
import pytest
from joserfc import jwt
from joserfc.errors import SecurityWarning
from joserfc.jwk import KeySet

from server.settings import Settings
from tests.actors import EndUser, RelyingParty
from tests.flows.conftest import ACME, apply_document

FORM = {"content-type": "application/x-www-form-urlencoded"}


@pytest.mark.checklist("1c.18")
@pytest.mark.parametrize(("setting", "allowed"), [("off", False), ("admin", True), ("all", True)])
async def test_private_use_schemes_are_the_tenants_choice(
    ada: EndUser, settings: Settings, http: httpx2.AsyncClient, issuer: str, setting: str, *, allowed: bool
) -> None:
    native = {
        "client_id": "native-app",
        "application_type": "native",
        "token_endpoint_auth_method": "none",
        "redirect_uris": ["com.acme.app:/callback"],
        "grant_types": ["authorization_code"],
        "scope": "openid",
    }
    document = {**ACME, "clients": [native]}
    await apply_document(settings, {**document, "settings": {"private_use_schemes": "admin"}})
    await apply_document(settings, {"tenant": "acme", "settings": {"private_use_schemes": setting}})
    client = RelyingParty(http, issuer, "native-app", redirect_uri="com.acme.app:/callback")
    page = await ada.visit(client.begin().url)
    assert (page.step == "login") is allowed
    assert (page.error == "invalid_redirect_uri") is not allowed


async def test_a_client_without_the_code_grant_is_refused(
    ada: EndUser, settings: Settings, http: httpx2.AsyncClient, issuer: str
) -> None:
    batch = {
        "client_id": "batch",
        "token_endpoint_auth_method": "client_secret_basic",
        "client_secret": "a-secret-of-the-batch-client",
        "redirect_uris": ["https://batch.acme.test/callback"],
        "grant_types": ["client_credentials"],
        "scope": "notes:read",
    }
    await apply_document(settings, {**ACME, "clients": [batch]})
    client = RelyingParty(http, issuer, "batch", redirect_uri="https://batch.acme.test/callback")
    page = await ada.visit(client.begin(scope="notes:read").url)
    assert page.answer["error"] == "unauthorized_client"


async def test_a_post_may_not_point_elsewhere(http: httpx2.AsyncClient, issuer: str) -> None:
    response = await http.post(
        f"{issuer}/authorize", content="client_id=webapp&request_uri=https%3A%2F%2Fapp.test%2Fr", headers=FORM
    )
    assert response.status_code == 400
    assert 'data-error="request_uri_not_supported"' in response.text


async def test_a_posted_request_that_is_gone_is_a_page(http: httpx2.AsyncClient, issuer: str) -> None:
    response = await http.get(
        f"{issuer}/authorize", params={"client_id": "webapp", "request_uri": "urn:latchkey:posted:unknown"}
    )
    assert response.status_code == 400
    assert 'data-error="invalid_request"' in response.text


async def test_a_request_without_scope_asks_for_what_the_client_registered(ada: EndUser, webapp: RelyingParty) -> None:
    attempt = webapp.begin(scope=None)
    page = await ada.authorize(attempt.url)
    answer = (await webapp.redeem(page.answer["code"], attempt)).json()
    assert {"openid", "profile", "email"} <= set(answer["scope"].split())


async def test_two_tenants_share_no_session_and_no_interaction(
    ada: EndUser, settings: Settings, http: httpx2.AsyncClient, webapp: RelyingParty
) -> None:
    await apply_document(settings, {**ACME, "tenant": "other", "resources": []})
    page = await ada.authorize(webapp.begin().url)
    assert page.callback is not None
    there = RelyingParty(
        http,
        webapp.issuer.replace("/t/acme", "/t/other"),
        "webapp",
        redirect_uri=webapp.redirect_uri,
        client_secret=webapp.client_secret,
    )
    assert (await ada.visit(there.begin(prompt="none").url)).answer["error"] == "login_required"
    open_here = await ada.visit(webapp.begin(prompt="login").url)
    moved = open_here.url.replace("/t/acme/", "/t/other/")
    assert (await ada.visit(moved)).status == 400


async def test_a_code_of_one_tenant_is_worth_nothing_at_another(
    ada: EndUser, settings: Settings, http: httpx2.AsyncClient, webapp: RelyingParty
) -> None:
    await apply_document(settings, {**ACME, "tenant": "other", "resources": []})
    attempt = webapp.begin()
    page = await ada.authorize(attempt.url)
    there = RelyingParty(
        http,
        webapp.issuer.replace("/t/acme", "/t/other"),
        "webapp",
        redirect_uri=webapp.redirect_uri,
        client_secret=webapp.client_secret,
    )
    assert (await there.redeem(page.answer["code"], attempt)).json()["error"] == "invalid_grant"
    assert (await webapp.redeem(page.answer["code"], attempt)).status_code == 200


async def test_a_clients_default_age_counts_where_the_request_names_none(
    ada: EndUser, settings: Settings, webapp: RelyingParty
) -> None:
    document = {**ACME, "clients": [{**ACME["clients"][0], "default_max_age": 0}]}  # type: ignore[index]  # a document
    await apply_document(settings, document)
    await ada.authorize(webapp.begin().url)
    assert (await ada.visit(webapp.begin().url)).step == "login"
    assert (await ada.visit(webapp.begin(max_age="600").url)).callback is not None


async def test_an_essential_context_that_is_not_to_be_had_is_refused_at_once(
    ada: EndUser, webapp: RelyingParty
) -> None:
    claims = '{"id_token": {"acr": {"essential": true, "values": ["urn:elsewhere"]}}}'
    page = await ada.visit(webapp.begin(claims=claims).url)
    assert page.answer["error"] == "unmet_authentication_requirements"


@pytest.mark.rfc("9864", "2.2")
@pytest.mark.parametrize("alg", ["Ed25519", "EdDSA", "ES256", "RS256"])
async def test_id_tokens_are_signed_as_the_client_registered(
    ada: EndUser, settings: Settings, webapp: RelyingParty, alg: str
) -> None:
    client = {**ACME["clients"][0], "id_token_signed_response_alg": alg}  # type: ignore[index]  # a document
    await apply_document(settings, {**ACME, "clients": [client]})
    attempt = webapp.begin()
    page = await ada.authorize(attempt.url)
    id_token = (await webapp.redeem(page.answer["code"], attempt)).json()["id_token"]
    keys = KeySet.import_key_set((await webapp.http.get(f"{webapp.issuer}/jwks")).json())
    with warnings.catch_warnings(action="ignore", category=SecurityWarning):  # joserfc warns of the older name
        token = jwt.decode(id_token, keys, algorithms=[alg])
    assert token.header["alg"] == alg
    assert token.claims["nonce"] == attempt.nonce
