"""The system tenant stands beside all others at the same address: it gives nothing away."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from server.administration import Operator, ensure_system_tenant, manifest
from server.administration.manifest import ManifestError
from server.kernel import clock
from tests.actors import EndUser, RelyingParty
from tests.conftest import PUBLIC_URL

if TYPE_CHECKING:
    import httpx2

SYSTEM = f"{PUBLIC_URL}/t/system"


@pytest.fixture
async def console(issuer: str, http: httpx2.AsyncClient) -> RelyingParty:
    await ensure_system_tenant(PUBLIC_URL, clock.now())
    return RelyingParty(http, SYSTEM, "console", redirect_uri=f"{PUBLIC_URL}/admin/callback")


async def test_nobody_registers_there(console: RelyingParty) -> None:
    document = {"redirect_uris": ["https://evil.test/cb"], "scope": "admin"}
    answer = await console.http.post(f"{SYSTEM}/register", json=document)
    assert (answer.status_code, answer.json()["error"]) == (403, "access_denied")
    metadata = (await console.http.get(f"{SYSTEM}/.well-known/openid-configuration")).json()
    assert "registration_endpoint" not in metadata
    assert not [scope for scope in metadata["scopes_supported"] if scope.startswith("admin")]


async def test_a_tenants_person_does_not_sign_in_there(ada: EndUser, console: RelyingParty) -> None:
    page = await ada.visit(console.begin().url)
    assert (await ada.log_in(page)).status == 422


async def test_a_tenants_client_is_unknown_there(ada: EndUser, console: RelyingParty, webapp: RelyingParty) -> None:
    elsewhere = RelyingParty(webapp.http, SYSTEM, webapp.client_id, webapp.redirect_uri, webapp.client_secret)
    assert (await ada.visit(elsewhere.begin().url)).error == "invalid_client"
    assert (await elsewhere.token(grant_type="client_credentials", scope="admin")).status_code == 401


@pytest.mark.parametrize("uri", ["https://evil.test/cb", f"{PUBLIC_URL}/admin/callback/x", f"{PUBLIC_URL}/admin/"])
async def test_the_console_is_answered_at_its_own_address_only(ada: EndUser, console: RelyingParty, uri: str) -> None:
    assert (await ada.visit(console.begin(redirect_uri=uri).url)).error == "invalid_redirect_uri"


@pytest.mark.parametrize("grant_type", ["client_credentials", "refresh_token", "authorization_code"])
async def test_the_command_lines_client_has_no_way_in(ada: EndUser, console: RelyingParty, grant_type: str) -> None:
    command_line = RelyingParty(console.http, SYSTEM, "cli", redirect_uri=f"{PUBLIC_URL}/admin/callback")
    assert (await ada.visit(command_line.begin(scope="admin").url)).error == "invalid_redirect_uri"
    assert (await ada.visit(command_line.begin(scope="admin", redirect_uri=None).url)).status == 400
    answer = await command_line.token(grant_type=grant_type, code="x", refresh_token="x", scope="admin")
    assert (answer.status_code, answer.json()["error"]) == (400, "unauthorized_client")


async def test_no_manifest_changes_it(console: RelyingParty) -> None:
    text = "tenant: system\nsettings: {registration: open}\n"
    with pytest.raises(ManifestError):
        await apply_text(text)


async def apply_text(text: str) -> None:
    for wanted in manifest.parse_manifests(text, "evil.yaml"):
        options = manifest.Options(public_url=PUBLIC_URL)
        await manifest.apply_manifest(Operator.at_the_command_line("x"), wanted, options, {}, clock.now())
