"""What /userinfo tells, and on which token."""

from __future__ import annotations

from dataclasses import replace

import pytest

from server import users
from server.clients import Client
from server.endpoints.token import token
from server.endpoints.userinfo import userinfo
from server.grants import Grant
from server.kernel import database
from server.kernel.clock import MINUTE, SECOND, to_seconds
from server.protocol.claims import ClaimsRequest
from server.tenants import Tenant
from server.users import User
from tests.issuing import (
    NOTES,
    NOW,
    VERIFIER,
    Answer,
    bearer,
    call,
    code_of,
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
async def ada(tenant: Tenant) -> User:
    return await make_user(tenant)


@pytest.fixture
async def app(tenant: Tenant) -> Client:
    return await make_client(tenant)


async def access_token(tenant: Tenant, app: Client, ada: User, scope: str, grant: Grant | None = None) -> str:
    grant = grant or await make_grant(tenant, app, ada, scope=scope)
    return (await redeem(tenant, grant)).text("access_token")


async def ask(tenant: Tenant, text: str, now: int = LATER) -> Answer:
    return await call(userinfo, wire_request(tenant, headers=bearer(text), method="GET", now=now))


async def test_claims_follow_the_scope(tenant: Tenant, app: Client, ada: User) -> None:
    assert (await ask(tenant, await access_token(tenant, app, ada, "openid"))).document == {"sub": ada.sub}
    answer = await ask(tenant, await access_token(tenant, app, ada, "openid profile email"))
    assert answer.headers["content-type"] == "application/json"
    assert answer.document == {
        "sub": ada.sub,
        "name": "Ada Lovelace",
        "given_name": "Ada",
        "locale": "en-GB",
        "preferred_username": "ada",
        "updated_at": to_seconds(ada.updated_at),
        "email": "ada@acme.test",
        "email_verified": True,
    }


async def test_claim_without_a_value_is_left_out(tenant: Tenant, app: Client, ada: User) -> None:
    await users.update(tenant.id, ada, replace(ada, name=None, email=None, email_verified=False, claims={}), LATER)
    answer = await ask(tenant, await access_token(tenant, app, ada, "openid profile email"))
    assert answer.document.keys() == {"sub", "preferred_username", "updated_at"}


async def test_claims_parameter_reaches_no_further_than_the_scope(tenant: Tenant, app: Client, ada: User) -> None:
    asked = ClaimsRequest.parse('{"userinfo": {"email": {"essential": true}, "acr": null}}')
    grant = await make_grant(tenant, app, ada, scope="openid", claims=asked)
    answer = await ask(tenant, await access_token(tenant, app, ada, "openid", grant))
    assert answer.document == {"sub": ada.sub, "acr": "urn:latchkey:acr:password"}


@pytest.mark.rfc("6750", "3")
async def test_request_without_token_is_challenged_without_an_error(tenant: Tenant) -> None:
    answer = await call(userinfo, wire_request(tenant, method="GET"))
    assert (answer.status, answer.headers["www-authenticate"]) == (401, "Bearer")


@pytest.mark.rfc("6750", "3.1")
async def test_token_that_is_none_or_over_is_invalid(tenant: Tenant, app: Client, ada: User) -> None:
    text = await access_token(tenant, app, ada, "openid")
    for answer in (await ask(tenant, "unknown"), await ask(tenant, text, LATER + 10 * MINUTE)):
        assert (answer.status, answer.document["error"]) == (401, "invalid_token")
        assert 'error="invalid_token"' in answer.headers["www-authenticate"]


async def test_token_for_a_resource_is_not_for_userinfo(tenant: Tenant, app: Client, ada: User) -> None:
    grant = await make_grant(tenant, app, ada, scope="openid notes:read", targets=(NOTES,))
    text = await access_token(tenant, app, ada, "openid notes:read", grant)
    assert (await ask(tenant, text)).document["error"] == "invalid_token"


@pytest.mark.rfc("6750", "3.1")
async def test_token_without_openid_does_not_reach_this_far(tenant: Tenant, app: Client, ada: User) -> None:
    answer = await ask(tenant, await access_token(tenant, app, ada, "notes:read"))
    assert (answer.status, answer.document["error"]) == (403, "insufficient_scope")


async def test_id_token_is_no_access_token(tenant: Tenant, app: Client, ada: User) -> None:
    grant = await make_grant(tenant, app, ada)
    form = {
        "grant_type": "authorization_code",
        "client_id": "app",
        "code": await code_of(tenant, grant),
        "code_verifier": VERIFIER,
    }
    answer = await call(token, wire_request(tenant, form, now=LATER))
    assert (await ask(tenant, answer.text("id_token"))).status == 401


async def test_token_of_another_tenant_is_invalid(tenant: Tenant, app: Client, ada: User) -> None:
    text = await access_token(tenant, app, ada, "openid")
    assert (await ask(await make_tenant("globex"), text)).status == 401


@pytest.mark.rfc("6750", "2.2")
async def test_token_may_come_in_a_form_but_never_in_the_url(tenant: Tenant, app: Client, ada: User) -> None:
    text = await access_token(tenant, app, ada, "openid")
    posted = await call(userinfo, wire_request(tenant, {"access_token": text}, now=LATER))
    assert posted.document == {"sub": ada.sub}
    empty_post = await call(userinfo, wire_request(tenant, headers=bearer(text), now=LATER))
    assert empty_post.status == 200
    for refused in (
        wire_request(tenant, method="GET", query=f"access_token={text}".encode(), now=LATER),
        wire_request(tenant, {"access_token": text}, headers=bearer(text), now=LATER),
    ):
        assert (await call(userinfo, refused)).document["error"] == "invalid_request"


@pytest.mark.usefixtures("warm_caches")
async def test_userinfo_costs_two_statements(tenant: Tenant, app: Client, ada: User) -> None:
    text = await access_token(tenant, app, ada, "openid")
    await ask(tenant, text)
    with database.query_count() as count:
        await ask(tenant, text)
    assert count.total == 2  # the jti and the grant
