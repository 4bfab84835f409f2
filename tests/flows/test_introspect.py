"""What a token says, and to whom."""

from __future__ import annotations

from dataclasses import replace

import pytest

from server import clients, grants, users
from server.clients import Client
from server.endpoints.introspect import introspect
from server.grants import Grant
from server.kernel import database
from server.kernel.clock import MINUTE, SECOND, Instant, to_seconds
from server.tenants import Tenant
from server.users import User
from tests.issuing import (
    ACR,
    FILES,
    NOTES,
    NOW,
    Answer,
    basic,
    call,
    code_of,
    make_client,
    make_grant,
    make_user,
    redeem,
    refresh_token_of,
    wire_request,
)

pytestmark = pytest.mark.usefixtures("storage")

LATER = NOW + SECOND
INACTIVE = {"active": False}


@pytest.fixture
async def ada(tenant: Tenant) -> User:
    return await make_user(tenant)


@pytest.fixture
async def app(tenant: Tenant) -> Client:
    """The client that the tokens are for; `api` may see tokens for the resources, `stranger` none of them."""
    await make_client(tenant, "api", secret="a-secret-of-api")
    await make_client(tenant, "stranger", secret="a-secret-of-stranger")
    return await make_client(tenant, secret="a-secret-of-app")


async def issued(tenant: Tenant, app: Client, ada: User, *targets: str) -> tuple[Grant, Answer]:
    grant = await make_grant(tenant, app, ada, scope="openid notes:read", targets=targets)
    answer = await redeem(tenant, grant, basic("app", "a-secret-of-app"), client_id=None)
    assert answer.status == 200
    return grant, answer


async def ask(tenant: Tenant, caller: str, text: str, now: Instant = LATER) -> dict[str, object]:
    headers = basic(caller, f"a-secret-of-{caller}")
    answer = await call(introspect, wire_request(tenant, {"token": text}, headers=headers, now=now))
    assert (answer.status, answer.headers["cache-control"]) == (200, "no-store")
    return answer.document


@pytest.mark.rfc("7662", "2.2")
@pytest.mark.parametrize("target", [NOTES, FILES])
async def test_resource_learns_about_a_token_for_it(tenant: Tenant, app: Client, ada: User, target: str) -> None:
    grant, answer = await issued(tenant, app, ada, target)
    document = await ask(tenant, "api", answer.text("access_token"))
    assert document.pop("jti")
    assert document == {
        "active": True,
        "iss": tenant.issuer,
        "sub": ada.sub,
        "aud": target,
        "client_id": "app",
        "scope": "notes:read",
        "token_type": "Bearer",
        "iat": to_seconds(LATER),
        "exp": to_seconds(LATER) + 600,
        "auth_time": to_seconds(grant.auth_time),
        "acr": ACR,
        "amr": ["pwd"],
    }


async def test_client_learns_about_its_own_tokens(tenant: Tenant, app: Client, ada: User) -> None:
    grant, answer = await issued(tenant, app, ada)
    assert (await ask(tenant, "app", answer.text("access_token")))["aud"] == tenant.issuer
    refresh = await ask(tenant, "app", answer.text("refresh_token"))
    assert (refresh["active"], refresh["client_id"], refresh["sub"]) == (True, "app", ada.sub)
    assert refresh["exp"] == to_seconds((await _stored(tenant, grant)).expires_at)


@pytest.mark.rfc("7662", "4")
async def test_anybody_else_learns_nothing(tenant: Tenant, app: Client, ada: User) -> None:
    _, own = await issued(tenant, app, ada)
    _, notes = await issued(tenant, app, ada, NOTES)
    for caller, text in (
        ("stranger", own.text("access_token")),
        ("stranger", notes.text("access_token")),
        ("stranger", own.text("refresh_token")),
        ("api", own.text("access_token")),
        ("api", own.text("refresh_token")),
        ("api", own.text("id_token")),
        ("app", own.text("id_token")),
        ("app", "unknown"),
    ):
        assert await ask(tenant, caller, text) == INACTIVE


@pytest.mark.rfc("7662", "2.1")
async def test_only_a_client_with_a_credential_may_ask(tenant: Tenant, app: Client, ada: User) -> None:
    await make_client(tenant, "public")
    _, answer = await issued(tenant, app, ada)
    for form in ({"client_id": "public"}, {}, {"client_id": "api", "client_secret": "a wrong secret"}):
        refused = await call(introspect, wire_request(tenant, {"token": answer.text("access_token"), **form}))
        assert (refused.status, refused.document["error"]) == (401, "invalid_client")


@pytest.mark.parametrize("target", [NOTES, FILES])
async def test_token_is_over_with_its_time(tenant: Tenant, app: Client, ada: User, target: str) -> None:
    _, answer = await issued(tenant, app, ada, target)
    text = answer.text("access_token")
    assert (await ask(tenant, "api", text, LATER + 10 * MINUTE - 1))["active"]
    assert await ask(tenant, "api", text, LATER + 10 * MINUTE) == INACTIVE


@pytest.mark.parametrize("target", [NOTES, FILES])
async def test_token_is_over_with_its_grant_at_once(tenant: Tenant, app: Client, ada: User, target: str) -> None:
    grant, answer = await issued(tenant, app, ada, target)
    await grants.revoke(tenant.id, grant.id, LATER)
    assert await ask(tenant, "api", answer.text("access_token")) == INACTIVE
    assert await ask(tenant, "app", answer.text("refresh_token")) == INACTIVE


async def test_token_is_over_with_a_grant_that_was_swept(tenant: Tenant, app: Client, ada: User) -> None:
    grant, answer = await issued(tenant, app, ada, NOTES)
    await grants.sweep((await _stored(tenant, grant)).expires_at + 1, 10)
    assert await ask(tenant, "api", answer.text("access_token")) == INACTIVE


async def test_token_is_over_with_its_person_and_its_client(tenant: Tenant, app: Client, ada: User) -> None:
    _, answer = await issued(tenant, app, ada, NOTES)
    await users.update(tenant.id, ada, replace(ada, enabled=False), LATER)
    assert await ask(tenant, "api", answer.text("access_token")) == INACTIVE
    assert await ask(tenant, "app", answer.text("refresh_token")) == INACTIVE
    await users.update(tenant.id, replace(ada, enabled=False), ada, LATER)
    assert (await ask(tenant, "api", answer.text("access_token")))["active"]
    await clients.update(tenant.id, app, replace(app, enabled=False), LATER)
    assert await ask(tenant, "api", answer.text("access_token")) == INACTIVE


async def test_only_the_current_refresh_token_is_active(tenant: Tenant, app: Client, ada: User) -> None:
    grant, _ = await issued(tenant, app, ada)
    await grants.rotate(tenant.id, grant.id, 1, expires_at=NOW + 10 * MINUTE, now=LATER)
    assert await ask(tenant, "app", await refresh_token_of(tenant, grant, 1)) == INACTIVE
    assert (await ask(tenant, "app", await refresh_token_of(tenant, grant, 2)))["active"]
    assert await ask(tenant, "app", await refresh_token_of(tenant, grant, 2), NOW + 10 * MINUTE) == INACTIVE


async def test_code_is_no_token(tenant: Tenant, app: Client, ada: User) -> None:
    grant = await make_grant(tenant, app, ada)
    assert await ask(tenant, "app", await code_of(tenant, grant)) == INACTIVE


async def test_token_that_was_tampered_with_is_unknown(tenant: Tenant, app: Client, ada: User) -> None:
    _, answer = await issued(tenant, app, ada, NOTES)
    header, payload, signature = answer.text("access_token").split(".")
    for text in (
        f"{header}.{payload}.{signature[:-4]}AAAA",
        f"{header}.{payload}.",
        f"{header}.{payload}",
        f"{header}.{payload[:-4]}AAAA.{signature}",
        f"eyJhbGciOiJub25lIn0.{payload}.",
        f"{header}.{payload}.{signature}.{signature}",
        f".{payload}.{signature}",
    ):
        assert await ask(tenant, "app", text) == INACTIVE


@pytest.mark.usefixtures("warm_caches")
async def test_introspection_costs_two_statements(tenant: Tenant, app: Client, ada: User) -> None:
    for target in (NOTES, FILES):
        _, answer = await issued(tenant, app, ada, target)
        await ask(tenant, "api", answer.text("access_token"))
        with database.query_count() as count:
            await ask(tenant, "api", answer.text("access_token"))
        assert count.total == 2  # the token or its jti, and the grant


async def _stored(tenant: Tenant, grant: Grant) -> Grant:
    found = await grants.find(tenant.id, grant.id)
    assert found is not None
    return found
