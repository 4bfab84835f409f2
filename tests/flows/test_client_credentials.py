"""Clients that prove who they are, and tokens of their own."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import replace

import orjson
import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from server import clients
from server.clients import Client
from server.endpoints.introspect import introspect
from server.endpoints.jwks import jwks
from server.endpoints.revoke import revoke
from server.endpoints.token import token
from server.endpoints.userinfo import userinfo
from server.grant_types import TokenRequest, issue_own
from server.kernel import database
from server.kernel.clock import DAY, SECOND, Instant
from server.kernel.json import load_json
from server.protocol.errors import UnauthorizedClient
from server.protocol.parameters import Parameters
from server.tenants import Tenant
from tests.issuing import FILES, NOTES, NOW, Answer, basic, bearer, call, make_client, make_tenant, wire_request

pytestmark = pytest.mark.usefixtures("storage")

SECRET = "a secret: with + and %2B in it"


@pytest.fixture
async def batch(tenant: Tenant) -> Client:
    return await make_client(
        tenant, "batch", secret=SECRET, grant_types=["client_credentials"], scope="openid notes:read files:read"
    )


async def ask(
    tenant: Tenant,
    headers: Mapping[str, str] | None = None,
    form: Mapping[str, str | list[str]] | None = None,
    *,
    now: Instant = NOW,
) -> Answer:
    request = wire_request(tenant, {"grant_type": "client_credentials", **(form or {})}, headers=headers, now=now)
    return await call(token, request)


@pytest.mark.rfc("6749", "4.4")
async def test_client_gets_a_token_of_its_own(tenant: Tenant, batch: Client) -> None:
    answer = await ask(tenant, basic("batch", SECRET))
    assert (answer.status, answer.document["scope"]) == (200, "notes:read files:read")
    assert "refresh_token" not in answer.document
    assert "id_token" not in answer.document
    published = await call(jwks, wire_request(tenant, method="GET"))
    assert published.headers["cache-control"].startswith("public")
    keys = KeySet.import_key_set(orjson.loads(orjson.dumps(published.document)))
    claims = jwt.decode(answer.text("access_token"), keys, algorithms=["ES256"]).claims
    assert claims.pop("jti")
    assert claims == {
        "iss": tenant.issuer,
        "sub": "batch",
        "aud": tenant.issuer,
        "client_id": "batch",
        "scope": "notes:read files:read",
        "iat": NOW // SECOND,
        "exp": NOW // SECOND + 600,
    }


@pytest.mark.rfc("8707", "2.2")
async def test_own_token_for_resources(tenant: Tenant, batch: Client) -> None:
    notes = await ask(tenant, basic("batch", SECRET), {"resource": NOTES})
    assert notes.document["scope"] == "notes:read"
    files = await ask(tenant, basic("batch", SECRET), {"resource": [NOTES, FILES]})
    assert files.text("access_token").startswith("lk_access_")
    unknown = await ask(tenant, basic("batch", SECRET), {"resource": "https://elsewhere.test/"})
    assert unknown.document["error"] == "invalid_target"


@pytest.mark.rfc("6749", "3.3")
@pytest.mark.parametrize("scope", ["openid", "offline_access", "notes:write", "unknown", "notes:read profile"])
async def test_scope_beyond_the_ceiling_or_about_a_person_is_refused(tenant: Tenant, batch: Client, scope: str) -> None:
    refused = await ask(tenant, basic("batch", SECRET), {"scope": scope})
    assert (refused.status, refused.document["error"]) == (400, "invalid_scope")


async def test_own_token_is_introspected_and_revoked(tenant: Tenant, batch: Client) -> None:
    for target in (NOTES, FILES):
        text = (await ask(tenant, basic("batch", SECRET), {"resource": target})).text("access_token")
        request = wire_request(tenant, {"token": text}, headers=basic("batch", SECRET))
        described = (await call(introspect, request)).document
        assert (described["active"], described["sub"], "acr" in described) == (True, "batch", False)
        assert (await call(revoke, request)).status == 200
        assert (await call(introspect, request)).document == {"active": False}


async def test_own_token_says_nothing_at_userinfo(tenant: Tenant, batch: Client) -> None:
    text = (await ask(tenant, basic("batch", SECRET))).text("access_token")
    answer = await call(userinfo, wire_request(tenant, method="GET", headers=bearer(text)))
    assert answer.document["error"] == "insufficient_scope"


async def test_public_client_gets_none(tenant: Tenant) -> None:
    await make_client(tenant, "public")
    assert (await ask(tenant, form={"client_id": "public"})).document["error"] == "unauthorized_client"


async def test_public_client_gets_none_even_if_it_were_registered_for_it(tenant: Tenant) -> None:
    public = await make_client(tenant, "public")
    with pytest.raises(UnauthorizedClient):
        await issue_own(TokenRequest(tenant, public, Parameters({}), NOW))


@pytest.mark.usefixtures("warm_caches")
async def test_own_token_costs_one_write_opaque_or_not(tenant: Tenant, batch: Client) -> None:
    for target in (NOTES, FILES):
        await ask(tenant, basic("batch", SECRET), {"resource": target})
        with database.query_count() as count:
            await ask(tenant, basic("batch", SECRET), {"resource": target})
        assert count.total == 1


# ---------------------------------------------------------------------------------------------- client authentication


@pytest.mark.rfc("6749", "2.3.1")
async def test_secret_may_come_in_every_way_that_clients_send_it(tenant: Tenant, batch: Client) -> None:
    encoded = "a+secret%3A+with+%2B+and+%252B+in+it"
    for headers, form in (
        (basic("batch", SECRET), {}),
        (basic("batch", encoded), {}),
        (basic("batch", SECRET), {"client_id": "batch"}),
        (basic("batch", SECRET), {"client_id": "batch", "client_secret": SECRET}),
        ({}, {"client_id": "batch", "client_secret": SECRET}),
    ):
        assert (await ask(tenant, headers, form)).status == 200


@pytest.mark.rfc("6749", "2.3")
@pytest.mark.parametrize(
    "form",
    [{"client_id": "other"}, {"client_secret": "another secret"}, {"client_id": "batch", "client_secret": "another"}],
)
async def test_credentials_that_disagree_are_refused(
    tenant: Tenant, batch: Client, form: dict[str, str | list[str]]
) -> None:
    refused = await ask(tenant, basic("batch", SECRET), form)
    assert (refused.status, refused.document["error"]) == (400, "invalid_request")


@pytest.mark.rfc("6749", "5.2")
@pytest.mark.parametrize(
    ("headers", "form"),
    [
        (basic("batch", "a wrong secret"), {}),
        (basic("nobody", SECRET), {}),
        (basic("batch", ""), {}),
        ({"authorization": "Basic !"}, {}),
        ({"authorization": "Bearer token"}, {"client_id": "batch"}),
        ({"authorization": "Basic " + base64.b64encode(b"no colon").decode()}, {}),
        ({}, {"client_id": "batch"}),
        ({}, {"client_id": "batch", "client_secret": "a wrong secret"}),
        ({}, {}),
    ],
)
async def test_client_that_proves_nothing_is_challenged(
    tenant: Tenant, batch: Client, headers: dict[str, str], form: dict[str, str | list[str]]
) -> None:
    refused = await ask(tenant, headers, form)
    assert (refused.status, refused.document["error"]) == (401, "invalid_client")
    assert refused.headers["www-authenticate"].startswith("Basic ")


async def test_client_of_another_tenant_is_unknown(tenant: Tenant, batch: Client) -> None:
    assert (await ask(await make_tenant("globex"), basic("batch", SECRET))).status == 401


async def test_two_secrets_live_at_once_and_one_ends_with_its_time(tenant: Tenant, batch: Client) -> None:
    await clients.add_secret(tenant.id, batch.id, now=NOW, secret="a second secret", expires_at=NOW + DAY)
    for secret in (SECRET, "a second secret"):
        assert (await ask(tenant, basic("batch", secret))).status == 200
    assert (await ask(tenant, basic("batch", SECRET), now=NOW + DAY)).status == 200
    expired = await ask(tenant, basic("batch", "a second secret"), now=NOW + DAY)
    assert expired.document == (await ask(tenant, basic("batch", "a third secret"), now=NOW + DAY)).document
    assert [failure["expired"] for failure in await _failures(tenant)] == [True, False]


async def test_disabled_client_is_refused(tenant: Tenant, batch: Client) -> None:
    await clients.update(tenant.id, batch, replace(batch, enabled=False), NOW)
    assert (await ask(tenant, basic("batch", SECRET))).status == 401


async def test_failure_is_audited_for_known_and_unknown_clients(tenant: Tenant, batch: Client) -> None:
    await ask(tenant, basic("batch", "a wrong secret"))
    await ask(tenant, form={"client_id": "nobody", "client_secret": "a secret"})
    rows = await database.rows("SELECT client_pk FROM audit_event WHERE event = $1 ORDER BY id", _EVENT)
    assert [row["client_pk"] and database.as_uuid(row["client_pk"]) for row in rows] == [batch.id, None]
    methods = [failure["method"] for failure in await _failures(tenant)]
    assert methods == ["client_secret_basic", "client_secret_post"]


_EVENT = "client_authentication.failed"


async def _failures(tenant: Tenant) -> list[dict[str, object]]:
    rows = await database.rows(
        "SELECT details FROM audit_event WHERE tenant_id = $1 AND event = $2 ORDER BY id", tenant.id, _EVENT
    )
    found = [load_json(str(row["details"])) for row in rows]
    return [dict(details) for details in found if isinstance(details, dict)]
