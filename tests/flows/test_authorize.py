"""The authorization endpoint: who is answered, how, and who only sees a page."""

from __future__ import annotations

from urllib.parse import urlsplit

import httpx2
import pytest

from tests.actors import EndUser, RelyingParty, s256


@pytest.mark.rfc("6749", "4.1")
@pytest.mark.checklist("1a.1")
async def test_a_person_signs_in_consents_and_the_client_gets_tokens(ada: EndUser, dynamic: RelyingParty) -> None:
    attempt = dynamic.begin(scope="openid profile notes:read")
    page = await ada.visit(attempt.url)
    assert page.step == "login"
    page = await ada.log_in(page)
    assert page.step == "consent"
    page = await ada.allow(page)
    assert page.answer["state"] == attempt.state
    assert page.answer["iss"] == dynamic.issuer
    response = await dynamic.redeem(page.answer["code"], attempt)
    assert response.status_code == 200, response.text
    assert response.json()["token_type"] == "Bearer"


@pytest.mark.rfc("9207", "2")
@pytest.mark.checklist("1b.13")
async def test_the_issuer_stands_in_an_error_response_too(ada: EndUser, webapp: RelyingParty) -> None:
    page = await ada.visit(webapp.begin(response_type="token").url)
    assert page.answer["error"] == "unsupported_response_type"
    assert page.answer["iss"] == webapp.issuer


@pytest.mark.rfc("9700", "4.11.2")
@pytest.mark.checklist("1c.20")
async def test_an_error_for_a_dynamic_client_is_a_page_with_a_link(ada: EndUser, dynamic: RelyingParty) -> None:
    page = await ada.visit(dynamic.begin(response_type="token").url)
    assert page.callback is None
    assert (page.status, page.error) == (400, "unsupported_response_type")
    assert page.document.continue_uri is not None
    assert page.document.continue_uri.startswith(dynamic.redirect_uri)


@pytest.mark.checklist("1c.17")
@pytest.mark.parametrize(
    "redirect_uri",
    [
        "https://evil.test/callback",
        "http://127.0.0.1:8765/callback/",
        "http://127.0.0.1:8765/callback?a=b",
        "http://127.0.0.1.evil.test:8765/callback",
        "http://127.0.0.1:8765@evil.test/callback",
        "http://localhost:8765/callback",
        "javascript:alert(1)",
    ],
)
async def test_an_unregistered_redirect_uri_is_never_followed(
    ada: EndUser, dynamic: RelyingParty, redirect_uri: str
) -> None:
    page = await ada.visit(dynamic.begin(redirect_uri=redirect_uri).url)
    assert page.callback is None
    assert page.status == 400
    assert page.document.continue_uri is None
    assert redirect_uri not in page.html


@pytest.mark.rfc("8252", "7.3")
async def test_a_loopback_client_may_use_any_port(ada: EndUser, dynamic: RelyingParty) -> None:
    page = await ada.authorize(dynamic.begin(redirect_uri="http://127.0.0.1:50123/callback").url)
    assert page.callback is not None
    assert urlsplit(page.callback).port == 50123


async def test_an_unknown_client_is_told_on_a_page(ada: EndUser, dynamic: RelyingParty) -> None:
    page = await ada.visit(dynamic.begin(client_id="gone").url)
    assert (page.status, page.error) == (400, "invalid_client")
    assert page.callback is None


@pytest.mark.rfc("7636", "4.4.1")
@pytest.mark.checklist("1a.5")
@pytest.mark.parametrize(
    "parameters",
    [{"code_challenge": None}, {"code_challenge_method": "plain"}, {"code_challenge_method": None}],
)
async def test_pkce_with_s256_is_required(
    ada: EndUser, webapp: RelyingParty, parameters: dict[str, str | None]
) -> None:
    page = await ada.visit(webapp.begin(**parameters).url)
    assert page.answer["error"] == "invalid_request"


@pytest.mark.rfc("6749", "3.1")
async def test_a_posted_request_is_answered_like_a_get(
    http: httpx2.AsyncClient, ada: EndUser, dynamic: RelyingParty
) -> None:
    attempt = dynamic.begin()
    query = urlsplit(attempt.url).query
    response = await http.post(
        f"{dynamic.issuer}/authorize",
        content=query,
        headers={"content-type": "application/x-www-form-urlencoded", "origin": "https://app.test"},
    )
    assert response.status_code == 303
    page = await ada.authorize(response.headers["location"])
    assert page.answer["state"] == attempt.state


async def test_a_repeated_parameter_is_refused_on_a_page(ada: EndUser, dynamic: RelyingParty) -> None:
    page = await ada.visit(dynamic.begin().url + "&client_id=other")
    assert (page.status, page.error) == (400, "invalid_request")


@pytest.mark.rfc("8707", "2")
async def test_an_unknown_resource_is_an_invalid_target(ada: EndUser, webapp: RelyingParty) -> None:
    page = await ada.visit(webapp.begin(resource="https://elsewhere.test/mcp").url)
    assert page.answer["error"] == "invalid_target"


@pytest.mark.rfc("6749", "3.3")
async def test_a_scope_beyond_the_clients_ceiling_is_refused(ada: EndUser, webapp: RelyingParty) -> None:
    page = await ada.visit(webapp.begin(scope="openid notes:purge").url)
    assert page.answer["error"] == "invalid_scope"


async def test_the_request_parameters_we_do_not_serve_are_named(ada: EndUser, webapp: RelyingParty) -> None:
    assert (await ada.visit(webapp.begin(request="e30.e30.").url)).answer["error"] == "request_not_supported"
    page = await ada.visit(webapp.begin(request_uri="https://app.test/r").url)
    assert page.answer["error"] == "request_uri_not_supported"


async def test_nothing_that_was_sent_is_echoed(ada: EndUser, webapp: RelyingParty) -> None:
    page = await ada.visit(webapp.begin(scope="zzmarkerzz").url)
    assert "zzmarkerzz" not in str(page.callback)
    page = await ada.visit(webapp.begin(client_id="zzmarkerzz").url)
    assert "zzmarkerzz" not in page.html


async def test_a_code_is_bound_to_its_challenge(ada: EndUser, dynamic: RelyingParty) -> None:
    attempt = dynamic.begin()
    page = await ada.authorize(attempt.url)
    wrong = await dynamic.redeem(page.answer["code"], attempt, code_verifier="x" * 43)
    assert wrong.json()["error"] == "invalid_grant"
    right = await dynamic.redeem(page.answer["code"], attempt)
    assert right.status_code == 200
    assert s256(attempt.verifier)
