"""A tenant with a domain of its own has its issuer there, and nowhere else."""

from __future__ import annotations

import httpx2
import pytest

from server.settings import Settings
from tests.flows.conftest import ACME, apply_document

AT = {"host": "auth.acme.test"}


@pytest.fixture
async def domain(http: httpx2.AsyncClient, settings: Settings) -> str:
    await apply_document(settings, {**ACME, "domain": "auth.acme.test"})
    return "https://auth.acme.test"


@pytest.mark.parametrize("form", ["/.well-known/oauth-authorization-server", "/.well-known/openid-configuration"])
async def test_the_issuer_is_the_domain(http: httpx2.AsyncClient, domain: str, form: str) -> None:
    document = (await http.get(form, headers=AT)).json()
    assert document["issuer"] == domain
    assert document["token_endpoint"] == f"{domain}/token"


async def test_the_paths_at_the_platform_are_gone(http: httpx2.AsyncClient, domain: str) -> None:
    for path in (
        "/t/acme/.well-known/openid-configuration",
        "/.well-known/oauth-authorization-server/t/acme",
        "/t/acme/authorize",
        "/t/acme/logout",
    ):
        response = await http.get(path)
        assert (response.status_code, response.json()["error"]) == (404, "not_found")


async def test_endpoints_and_pages_are_at_the_root_of_the_domain(http: httpx2.AsyncClient, domain: str) -> None:
    assert (await http.get("/jwks", headers=AT)).status_code == 200
    assert (await http.get("/logout", headers=AT)).status_code == 200
    assert (await http.get("/admin", headers=AT)).status_code == 404
    assert (await http.get("/t/acme/jwks", headers=AT)).status_code == 404


async def test_an_untrusted_forwarded_host_is_ignored(http: httpx2.AsyncClient, domain: str) -> None:
    response = await http.get("/jwks", headers={"x-forwarded-host": "auth.acme.test"})
    assert response.status_code == 404
