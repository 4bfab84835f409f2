"""A tenant with the kinds of clients and people that flows are about."""

from __future__ import annotations

import functools
import json
from typing import TYPE_CHECKING

import httpx2
import pytest

from server.administration import Operator, ensure_system_tenant, manifest
from server.kernel import clock
from tests.actors import EndUser, RelyingParty
from tests.conftest import PUBLIC_URL
from tests.issuing import make_tenant
from tests.support.document_fixtures import authority, errands, host

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from server.settings import Settings
    from server.tenants import Tenant

__all__ = ["authority", "errands", "host"]

ACME: dict[str, object] = {
    "tenant": "acme",
    "display_name": "Acme",
    "scopes": [
        {"name": "notes:read", "description": "Read your notes"},
        {"name": "notes:write", "description": "Change your notes", "optional": True},
        {"name": "notes:purge", "description": "Delete all your notes", "sensitive": True, "dynamic": False},
    ],
    "resources": [
        {"identifier": "https://api.acme.test/mcp", "display_name": "Notes", "scopes": ["notes:read", "notes:write"]},
        {"identifier": "https://files.acme.test/", "display_name": "Files", "token_format": "opaque"},
    ],
    "clients": [
        {
            "client_id": "webapp",
            "client_name": "Web application",
            "token_endpoint_auth_method": "client_secret_basic",
            "client_secret": "a-secret-of-the-web-application",
            "redirect_uris": ["https://app.acme.test/callback"],
            "post_logout_redirect_uris": ["https://app.acme.test/goodbye"],
            "grant_types": ["authorization_code", "refresh_token"],
            "scope": "openid profile email offline_access notes:read notes:write",
        },
        {
            "client_id": "portal",
            "client_name": "Portal",
            "token_endpoint_auth_method": "none",
            "redirect_uris": ["https://portal.acme.test/callback"],
            "grant_types": ["authorization_code", "refresh_token"],
            "scope": "openid profile",
            "first_party": True,
        },
    ],
    "users": [
        {"username": "ada", "email": "ada@acme.test", "password": "correct-horse-battery", "name": "Ada Lovelace"},
        {"username": "bob", "email": "bob@acme.test", "password": "bobs-battery-staple", "name": "Bob"},
    ],
}


async def apply_document(settings: Settings, document: dict[str, object]) -> None:
    """Bring a tenant to what a manifest says."""
    wanted = _read(json.dumps(document, ensure_ascii=False))  # JSON is YAML
    options = manifest.Options(public_url=settings.public_url)
    now = clock.now()
    plan = await manifest.plan_manifest(wanted, options, now)
    hashes = await manifest.hash_passwords(plan)
    await manifest.apply_manifest(Operator.at_the_command_line("test"), wanted, options, hashes, now)


@functools.cache
def _read(text: str) -> manifest.Manifest:
    """Most tests begin with the same one."""
    (described,) = manifest.parse_manifests(text, "acme.yaml")
    return described


@pytest.fixture
async def tenant(storage: None) -> Tenant:
    """A tenant for tests of one endpoint, which put into it what they need."""
    return await make_tenant()


@pytest.fixture
async def platform(storage: None, settings: Settings) -> None:
    """What `latchkey migrate` makes: the platform's own tenant, without which nothing is ready."""
    await ensure_system_tenant(settings.public_url, clock.now())


@pytest.fixture
async def issuer(http: httpx2.AsyncClient, settings: Settings) -> str:
    """The issuer of the tenant `acme`."""
    await apply_document(settings, ACME)
    return f"{PUBLIC_URL}/t/acme"


@pytest.fixture
def ada(issuer: str, http: httpx2.AsyncClient) -> EndUser:
    """A person at her browser."""
    return EndUser(http)


@pytest.fixture
async def stranger(http: httpx2.AsyncClient) -> AsyncIterator[EndUser]:
    """Somebody else at another browser."""
    async with httpx2.AsyncClient(transport=http._transport, base_url=PUBLIC_URL) as other:
        yield EndUser(other)


@pytest.fixture
async def dynamic(issuer: str, http: httpx2.AsyncClient) -> RelyingParty:
    """A client that registered itself."""
    return await RelyingParty.register(http, issuer)


@pytest.fixture
def webapp(issuer: str, http: httpx2.AsyncClient) -> RelyingParty:
    """A confidential client that an administrator registered."""
    return RelyingParty(
        http,
        issuer,
        "webapp",
        redirect_uri="https://app.acme.test/callback",
        client_secret="a-secret-of-the-web-application",
    )


@pytest.fixture
def first_party(issuer: str, http: httpx2.AsyncClient) -> RelyingParty:
    """The tenant's own application."""
    return RelyingParty(http, issuer, "portal", redirect_uri="https://portal.acme.test/callback")
