"""How endpoints are served: addresses, methods, openness to browsers, bounds, and what every response carries."""

from __future__ import annotations

import httpx2
import pytest

from server.hosting import ENDPOINTS, Endpoint
from server.settings import Settings
from tests.actors import RelyingParty
from tests.flows.conftest import ACME, apply_document
from web import localization

PROTOCOL_PATHS = [endpoint.path for endpoint in ENDPOINTS if endpoint.cross_origin]


@pytest.mark.checklist("1a.2")
@pytest.mark.rfc("8414", "3.1")
@pytest.mark.parametrize(
    "form",
    [
        "/.well-known/oauth-authorization-server/t/acme",
        "/.well-known/openid-configuration/t/acme",
        "/t/acme/.well-known/openid-configuration",
    ],
)
async def test_metadata_is_found_in_every_well_known_form(issuer: str, http: httpx2.AsyncClient, form: str) -> None:
    response = await http.get(form)
    assert response.status_code == 200
    assert response.headers["content-type"] == "application/json"
    assert response.json()["issuer"] == issuer


@pytest.mark.checklist("1a.3")
@pytest.mark.checklist("1a.4")
@pytest.mark.checklist("1b.14")
@pytest.mark.checklist("1b.15")
async def test_metadata_names_the_exact_issuer_and_the_rules_that_hold(issuer: str, http: httpx2.AsyncClient) -> None:
    document = (await http.get(f"{issuer}/.well-known/openid-configuration")).json()
    assert document["issuer"] == issuer
    assert document["code_challenge_methods_supported"] == ["S256"]
    assert document["authorization_response_iss_parameter_supported"] is True
    assert document["authorization_endpoint"] == f"{issuer}/authorize"


@pytest.mark.checklist("1a.10")
async def test_metadata_lists_public_scopes_only(issuer: str, http: httpx2.AsyncClient) -> None:
    document = (await http.get(f"{issuer}/.well-known/openid-configuration")).json()
    assert {"openid", "offline_access", "notes:read", "notes:write"} <= set(document["scopes_supported"])
    assert "notes:purge" not in document["scopes_supported"]
    # Some clients ask for all that they find there.
    assert not {"roles", "groups"} & {*document["scopes_supported"], *document["claims_supported"]}


@pytest.mark.parametrize(
    "path",
    [
        "/t/nobody/token",
        "/t/nobody/.well-known/openid-configuration",
        "/.well-known/oauth-authorization-server/t/nobody",
        "/.well-known/oauth-authorization-server",
        "/.well-known/openid-configuration",
        "/t/acme/nothing",
        "/t/acme",
        "/t/ACME/token",
        "/t/acme/../other/token",
        "/t/acme%00/token",
    ],
)
async def test_what_is_not_served_is_a_404_in_json(issuer: str, http: httpx2.AsyncClient, path: str) -> None:
    response = await http.get(path)
    assert response.status_code == 404
    assert response.json()["error"] == "not_found"


@pytest.mark.usefixtures("platform")
async def test_an_unknown_host_sees_only_the_health_checks(issuer: str, http: httpx2.AsyncClient) -> None:
    elsewhere = {"host": "elsewhere.test"}
    assert (await http.get("/healthz", headers=elsewhere)).status_code == 200
    assert (await http.get("/readyz", headers=elsewhere)).status_code == 200
    for path in ("/", "/t/acme/jwks", "/t/acme/.well-known/openid-configuration"):
        assert (await http.get(path, headers=elsewhere)).status_code == 404


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda endpoint: endpoint.path)
async def test_a_wrong_method_is_a_405_that_names_the_right_ones(
    issuer: str, http: httpx2.AsyncClient, endpoint: Endpoint
) -> None:
    response = await http.request("PATCH", f"{issuer}{endpoint.path}")
    assert response.status_code == 405
    assert response.headers["allow"] == endpoint.allow


@pytest.mark.parametrize("path", PROTOCOL_PATHS)
async def test_a_browser_may_ask_first_and_read_even_refusals(issuer: str, http: httpx2.AsyncClient, path: str) -> None:
    asked = await http.options(
        f"{issuer}{path}",
        headers={
            "origin": "https://app.test",
            "access-control-request-method": "POST",
            "access-control-request-headers": "authorization,mcp-protocol-version",
        },
    )
    assert asked.status_code == 204
    assert asked.headers["access-control-allow-origin"] == "*"
    assert "authorization" in asked.headers["access-control-allow-headers"].lower()
    refused = await http.request("DELETE", f"{issuer}{path}", headers={"origin": "https://app.test"})
    assert refused.headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in refused.headers


async def test_pages_are_not_open_to_other_origins(issuer: str, http: httpx2.AsyncClient) -> None:
    response = await http.options(f"{issuer}/authorize", headers={"origin": "https://app.test"})
    assert response.status_code == 405
    assert "access-control-allow-origin" not in response.headers


async def test_head_is_answered_like_get_without_a_body(issuer: str, http: httpx2.AsyncClient) -> None:
    response = await http.head(f"{issuer}/jwks")
    assert response.status_code == 200
    assert response.content == b""
    assert int(response.headers["content-length"]) > 0


@pytest.mark.parametrize("path", ["/token", "/introspect", "/revoke", "/register"])
async def test_a_huge_body_is_refused_before_it_is_read(issuer: str, http: httpx2.AsyncClient, path: str) -> None:
    response = await http.post(
        f"{issuer}{path}",
        content=b"a=" + b"x" * 70_000,
        headers={"content-type": "application/x-www-form-urlencoded"},
    )
    assert response.status_code == 413
    assert response.json()["error"] == "invalid_request"


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"grant_type=a&grant_type=b", "application/x-www-form-urlencoded"),
        (b"grant_type=%ff%fe", "application/x-www-form-urlencoded"),
        (b"grant_type=%00", "application/x-www-form-urlencoded"),
        (b"\xff\xfe\x00", "application/x-www-form-urlencoded"),
        (b'{"grant_type": "authorization_code"}', "application/json"),
        (b"grant_type=a", "text/plain"),
        (b"", ""),
    ],
)
async def test_malformed_forms_are_a_400_everywhere(
    issuer: str, http: httpx2.AsyncClient, body: bytes, content_type: str
) -> None:
    for path in ("/token", "/revoke", "/introspect"):
        response = await http.post(f"{issuer}{path}", content=body, headers={"content-type": content_type})
        assert response.status_code in {400, 401}, response.text
        assert response.json()["error"] in {"invalid_request", "invalid_client"}


async def test_every_response_carries_a_correlation_id_and_no_banner(issuer: str, http: httpx2.AsyncClient) -> None:
    seen = set()
    for path in ("/healthz", "/", "/t/nobody/x", "/t/acme/jwks", "/t/acme/authorize", "/t/acme/logout"):
        response = await http.get(path)
        seen.add(response.headers["x-correlation-id"])
        assert response.headers["server"] == ""
        assert "x-powered-by" not in response.headers
    assert len(seen) == 6


async def test_what_carries_a_secret_or_a_refusal_is_not_stored(issuer: str, http: httpx2.AsyncClient) -> None:
    response = await http.post(f"{issuer}/token", data={"grant_type": "authorization_code"})
    assert response.headers["cache-control"] == "no-store"


@pytest.mark.rate_limited
async def test_a_flood_is_a_429_that_says_when_to_come_back(
    http: httpx2.AsyncClient, issuer: str, settings: Settings
) -> None:
    await apply_document(settings, {**ACME, "settings": {"rate_limits": {"register": 2, "jwks": None}}})
    responses = [await http.post(f"{issuer}/register", content=b"{}") for _ in range(4)]
    assert [response.status_code for response in responses][:2] == [400, 400]
    assert responses[-1].status_code == 429
    assert int(responses[-1].headers["retry-after"]) > 0
    assert responses[-1].headers["ratelimit-policy"] == '"register";q=2'
    assert "ratelimit" not in (await http.get(f"{issuer}/jwks")).headers


async def test_refusals_name_no_input(issuer: str, http: httpx2.AsyncClient, dynamic: RelyingParty) -> None:
    response = await dynamic.token(grant_type="zzmarkerzz", code="zzmarkerzz")
    assert response.status_code == 400
    assert "zzmarkerzz" not in response.text


async def test_metadata_names_the_languages_that_there_are(issuer: str, http: httpx2.AsyncClient) -> None:
    document = (await http.get(f"{issuer}/.well-known/openid-configuration")).json()
    translated = {catalogue.parent.parent.name for catalogue in localization.LOCALES.glob("*/LC_MESSAGES/*.po")}
    assert set(document["ui_locales_supported"]) == {localization.SOURCE_LANGUAGE, *translated}


async def test_every_response_forbids_guessing_its_type_once(issuer: str, http: httpx2.AsyncClient) -> None:
    for path in ("/t/acme/jwks", "/t/acme/authorize", "/t/acme/logout", "/", "/t/nobody/x"):
        response = await http.get(path)
        assert response.headers.get_list("x-content-type-options") == ["nosniff"]


async def test_a_page_never_asks_for_credentials(issuer: str, http: httpx2.AsyncClient) -> None:
    response = await http.get(f"{issuer}/authorize", params={"client_id": "unknown"})
    assert response.status_code == 400
    assert "www-authenticate" not in response.headers
