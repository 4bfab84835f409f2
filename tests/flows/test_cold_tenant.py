"""What the first request of a tenant costs that nobody has asked for since the start, and how many are remembered."""

from __future__ import annotations

import httpx2
import pytest

from server import clients, keys, resources, scopes, tenants
from server.kernel import cache, database
from server.settings import Settings
from tests.conftest import PUBLIC_URL
from tests.flows.conftest import ACME, apply_document
from tests.issuing import basic

SECRET = "a-secret-of-the-nightly-batch"
BATCH = {
    "client_id": "batch",
    "token_endpoint_auth_method": "client_secret_basic",
    "client_secret": SECRET,
    "grant_types": ["client_credentials"],
    "scope": "notes:read",
}
FORM = {"grant_type": "client_credentials", "resource": "https://api.acme.test/mcp"}
ISSUER = f"{PUBLIC_URL}/t/acme"


@pytest.fixture
async def _acme(http: httpx2.AsyncClient, settings: Settings) -> None:
    await apply_document(settings, {**ACME, "clients": [BATCH]})


@pytest.mark.usefixtures("_acme", "warm_caches")
@pytest.mark.parametrize(
    ("path", "statements"),
    [
        # Tenant, client, secrets, resources, scopes, key; and the audit event, which every token costs.
        ("/token", 7),
        ("/.well-known/openid-configuration", 2),
        ("/jwks", 2),
    ],
)
async def test_first_request_of_a_cold_tenant_asks_for_each_thing_once(
    http: httpx2.AsyncClient, path: str, statements: int
) -> None:
    cache.drop_everything()
    with database.query_count() as count:
        if path == "/token":
            answer = await http.post(ISSUER + path, data=FORM, headers=basic("batch", SECRET))
        else:
            answer = await http.get(ISSUER + path)
    assert answer.status_code == 200
    assert count.total <= statements


@pytest.mark.parametrize(
    "remembered",
    [
        tenants.store._cache,
        scopes.store._cache,
        resources.store._cache,
        clients.store._cache,
        keys.store._signing,
        keys.store._published,
        keys.store._macs,
    ],
    ids=lambda remembered: remembered.topic,
)
def test_ten_thousand_tenants_in_turn_are_all_remembered(remembered: cache.TenantCache[object, object]) -> None:
    assert remembered._size > 10_000
