"""Giving tokens back."""

from __future__ import annotations

import pytest

from server.clients import Client
from server.endpoints.introspect import introspect
from server.endpoints.revoke import revoke
from server.endpoints.token import token
from server.endpoints.userinfo import userinfo
from server.grants import Grant
from server.kernel import database
from server.kernel.clock import MINUTE, SECOND
from server.tenants import Tenant
from tests.issuing import (
    FILES,
    NOW,
    Answer,
    basic,
    bearer,
    call,
    make_client,
    make_grant,
    make_tenant,
    make_user,
    redeem,
    wire_request,
)

pytestmark = pytest.mark.usefixtures("storage")

LATER = NOW + SECOND


@pytest.fixture
async def app(tenant: Tenant) -> Client:
    await make_client(tenant, "api", secret="a-secret-of-the-api")
    return await make_client(tenant)


@pytest.fixture
async def grant(tenant: Tenant, app: Client) -> Grant:
    return await make_grant(tenant, app, await make_user(tenant))


async def give_back(tenant: Tenant, text: str, **changes: str) -> Answer:
    form = {"client_id": "app", "token": text, **changes}
    return await call(revoke, wire_request(tenant, form, now=LATER))


async def userinfo_status(tenant: Tenant, text: str) -> int:
    return (await call(userinfo, wire_request(tenant, headers=bearer(text), method="GET", now=LATER))).status


async def is_active(tenant: Tenant, text: str) -> bool:
    headers = basic("api", "a-secret-of-the-api")
    answer = await call(introspect, wire_request(tenant, {"token": text}, headers=headers, now=LATER))
    assert answer.document["active"] or answer.document == {"active": False}
    return bool(answer.document["active"])


async def refresh_status(tenant: Tenant, text: str) -> int:
    form = {"grant_type": "refresh_token", "client_id": "app", "refresh_token": text}
    return (await call(token, wire_request(tenant, form, now=LATER))).status


@pytest.mark.rfc("7009", "2.1")
@pytest.mark.parametrize("hint", ["refresh_token", "access_token", "unknown"])
async def test_revoked_refresh_token_ends_its_access_tokens(tenant: Tenant, grant: Grant, hint: str) -> None:
    answer = await redeem(tenant, grant)
    given = await give_back(tenant, answer.text("refresh_token"), token_type_hint=hint)
    assert (given.status, given.document, given.headers["cache-control"]) == (200, {}, "no-store")
    assert await userinfo_status(tenant, answer.text("access_token")) == 401
    assert await refresh_status(tenant, answer.text("refresh_token")) == 400


@pytest.mark.rfc("7009", "2.1")
async def test_revoked_jwt_ends_alone_and_at_once(tenant: Tenant, grant: Grant) -> None:
    answer = await redeem(tenant, grant)
    assert await userinfo_status(tenant, answer.text("access_token")) == 200
    assert (await give_back(tenant, answer.text("access_token"))).status == 200
    assert await userinfo_status(tenant, answer.text("access_token")) == 401
    assert await refresh_status(tenant, answer.text("refresh_token")) == 200
    row = await database.row("SELECT expires_at FROM revoked_token WHERE tenant_id = $1", tenant.id)
    assert row is not None
    assert row["expires_at"] == LATER + 10 * MINUTE


async def test_revoked_opaque_token_ends_alone_and_at_once(tenant: Tenant, app: Client) -> None:
    grant = await make_grant(tenant, app, await make_user(tenant), targets=(FILES,), scope="files:read")
    answer = await redeem(tenant, grant)
    assert await is_active(tenant, answer.text("access_token"))
    assert (await give_back(tenant, answer.text("access_token"))).status == 200
    assert not await is_active(tenant, answer.text("access_token"))
    assert await refresh_status(tenant, answer.text("refresh_token")) == 200


async def test_revoking_twice_is_answered_alike_and_audited_once(tenant: Tenant, grant: Grant) -> None:
    answer = await redeem(tenant, grant)
    for name in ("access_token", "access_token", "refresh_token", "refresh_token"):
        assert (await give_back(tenant, answer.text(name))).status == 200
    rows = await database.rows(
        "SELECT event, actor_kind FROM audit_event WHERE tenant_id = $1 AND event LIKE $2 ORDER BY id",
        tenant.id,
        "%.revoked",
    )
    assert [(row["event"], row["actor_kind"]) for row in rows] == [
        ("token.revoked", "client"),
        ("grant.revoked", "client"),
    ]


@pytest.mark.rfc("7009", "2.2")
@pytest.mark.parametrize("text", ["unknown", "lk_access_unknown", "lk_refresh_a.b.1.c", "a.b.c", "ü", "." * 9000])
async def test_unknown_token_is_answered_like_one_that_was_ended(tenant: Tenant, app: Client, text: str) -> None:
    assert (await give_back(tenant, text)).status == 200


@pytest.mark.rfc("7009", "2.1")
async def test_token_of_another_client_is_refused_and_left_alone(tenant: Tenant, grant: Grant) -> None:
    await make_client(tenant, "thief")
    answer = await redeem(tenant, grant)
    for name in ("access_token", "refresh_token"):
        refused = await give_back(tenant, answer.text(name), client_id="thief")
        assert (refused.status, refused.document["error"]) == (400, "invalid_grant")
    assert await userinfo_status(tenant, answer.text("access_token")) == 200
    assert await refresh_status(tenant, answer.text("refresh_token")) == 200


async def test_token_of_another_tenant_is_unknown(tenant: Tenant, grant: Grant) -> None:
    globex = await make_tenant("globex")
    await make_client(globex)
    answer = await redeem(tenant, grant)
    for name in ("access_token", "refresh_token"):
        assert (await give_back(globex, answer.text(name))).status == 200
    assert await userinfo_status(tenant, answer.text("access_token")) == 200
    assert await refresh_status(tenant, answer.text("refresh_token")) == 200


async def test_request_without_token_or_client_is_refused(tenant: Tenant, app: Client) -> None:
    assert (await give_back(tenant, "")).document["error"] == "invalid_request"
    assert (await give_back(tenant, "text", client_id="")).status == 401
