"""A hostile client at the token, registration and introspection endpoints: more power than anybody gave it."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from server import clients, keys
from server.clients import Client, ClientSource
from server.endpoints.introspect import introspect
from server.endpoints.register import register
from server.endpoints.token import token
from server.endpoints.userinfo import userinfo
from server.kernel import database
from server.kernel.clock import DAY, SECOND
from server.kernel.json import dump_json
from server.keys import rotation_store
from server.tenants import PrivateUseSchemes, Tenant, TenantSettings
from server.users import User
from tests.issuing import (
    NOTES,
    NOW,
    VERIFIER,
    Answer,
    basic,
    bearer,
    call,
    code_of,
    make_client,
    make_grant,
    make_tenant,
    make_user,
    redeem,
    refresh_token_of,
    wire_request,
)

pytestmark = pytest.mark.usefixtures("storage")

LATER = NOW + SECOND
SECRET = "a-secret-of-app"


@pytest.fixture
async def ada(tenant: Tenant) -> User:
    return await make_user(tenant)


@pytest.fixture
async def app(tenant: Tenant) -> Client:
    return await make_client(tenant, secret=SECRET)


async def post(tenant: Tenant, document: object) -> Answer:
    body = dump_json(document).encode()
    return await call(register, wire_request(tenant, body=body, content_type="application/json"))


async def redeemed(tenant: Tenant, app: Client, ada: User, scope: str = "openid notes:read") -> Answer:
    grant = await make_grant(tenant, app, ada, scope=scope)
    return await redeem(tenant, grant, basic("app", SECRET), client_id=None)


# ------------------------------------------------------------------------------------------------ a stranger's client


@pytest.mark.rfc("6749", "4.4")
async def test_a_stranger_registers_for_no_grant_without_a_person(tenant: Tenant) -> None:
    alone = await post(tenant, {"grant_types": ["client_credentials"], "scope": "notes:read notes:write"})
    assert (alone.status, alone.document["error"]) == (400, "invalid_client_metadata")
    document = {
        "redirect_uris": ["https://evil.test/cb"],
        "grant_types": ["authorization_code", "client_credentials"],
        "scope": "notes:read",
    }
    answer = await post(tenant, document)
    assert answer.document["grant_types"] == ["authorization_code"]
    form = {"grant_type": "client_credentials", "resource": NOTES, "scope": "notes:read"}
    headers = basic(answer.text("client_id"), answer.text("client_secret"))
    refused = await call(token, wire_request(tenant, form, headers=headers))
    assert (refused.status, refused.document["error"]) == (400, "unauthorized_client")


async def test_a_dynamic_client_with_that_grant_gets_no_token_of_its_own_either(tenant: Tenant) -> None:
    grant_types = ["authorization_code", "client_credentials"]
    await make_client(tenant, "old", secret=SECRET, source=ClientSource.DYNAMIC, grant_types=grant_types)
    form = {"grant_type": "client_credentials", "scope": "notes:read"}
    refused = await call(token, wire_request(tenant, form, headers=basic("old", SECRET)))
    assert (refused.status, refused.document["error"]) == (400, "unauthorized_client")


async def test_a_client_does_not_register_under_a_name_or_id_of_its_choice(tenant: Tenant, app: Client) -> None:
    document = {
        "redirect_uris": ["https://evil.test/cb"],
        "client_id": "app",
        "client_secret": "chosen-by-the-attacker",
        "first_party": True,
        "require_pkce": False,
        "source": "admin",
    }
    answer = await post(tenant, document)
    assert answer.document["client_id"] != "app"
    assert answer.document["client_secret"] != "chosen-by-the-attacker"
    rows = await database.rows("SELECT first_party, require_pkce, source FROM client WHERE client_id <> $1", "app")
    assert [(bool(row["first_party"]), bool(row["require_pkce"]), row["source"]) for row in rows] == [
        (False, True, "dynamic")
    ]


@pytest.mark.parametrize(
    "name", ["Acme\u202etpircs", "Acme\x00", "Acme\r\nSet-Cookie: a=b", "\u2066Acme", "Acme\x85", "x" * 5000]
)
async def test_a_name_that_hides_something_is_not_registered(tenant: Tenant, name: str) -> None:
    answer = await post(tenant, {"redirect_uris": ["https://a.test/cb"], "client_name": name})
    assert (answer.status, answer.document["error"]) == (400, "invalid_client_metadata")


async def test_a_scheme_longer_than_any_column_is_not_registered() -> None:
    tenant = await make_tenant(settings=TenantSettings(private_use_schemes=PrivateUseSchemes.ALL))
    answer = await post(tenant, {"redirect_uris": [f"{'a' * 400}.b:/cb"], "token_endpoint_auth_method": "none"})
    assert (answer.status, answer.document["error"]) == (400, "invalid_redirect_uri")


async def test_registering_what_somebody_else_registered_gives_no_way_in(tenant: Tenant) -> None:
    mine = {"redirect_uris": ["https://victim.test/cb"], "token_endpoint_auth_method": "none", "client_name": "Victim"}
    first = await post(tenant, mine)
    for change in (
        {"redirect_uris": ["https://victim.test/cb", "https://evil.test/cb"]},
        {"redirect_uris": ["https://evil.test/cb"]},
        {"redirect_uris": ["https://VICTIM.test/cb"]},
        {"redirect_uris": ["https://victim.test:443/cb"]},
        {"post_logout_redirect_uris": ["https://evil.test/"]},
        {"token_endpoint_auth_method": "client_secret_post"},
        {"client_uri": "https://evil.test/"},
    ):
        other = await post(tenant, mine | change)
        assert other.document["client_id"] != first.document["client_id"]
    assert (await post(tenant, mine)).document == first.document


# ---------------------------------------------------------------------------------------------------- more than granted


@pytest.mark.parametrize("scope", ["notes:read notes:purge", "notes:write", "offline_access", "admin"])
async def test_a_narrowed_scope_never_widens_beyond_the_grant(
    tenant: Tenant, app: Client, ada: User, scope: str
) -> None:
    answer = await redeemed(tenant, app, ada)
    form = {"grant_type": "refresh_token", "refresh_token": answer.text("refresh_token"), "scope": "openid"}
    narrowed = await call(token, wire_request(tenant, form, headers=basic("app", SECRET), now=LATER))
    form |= {"refresh_token": narrowed.text("refresh_token"), "scope": scope}
    refused = await call(token, wire_request(tenant, form, headers=basic("app", SECRET), now=LATER))
    assert (refused.status, refused.document["error"]) == (400, "invalid_scope")


async def test_a_ceiling_that_was_lowered_holds_for_old_grants(tenant: Tenant, app: Client, ada: User) -> None:
    answer = await redeemed(tenant, app, ada, "openid email notes:read notes:write")
    lowered = clients.with_metadata(app, app.metadata, ("openid", "notes:read"))
    await clients.update(tenant.id, app, lowered, NOW)
    form = {"grant_type": "refresh_token", "refresh_token": answer.text("refresh_token")}
    wider = wire_request(tenant, {**form, "scope": "notes:write"}, headers=basic("app", SECRET), now=LATER)
    assert (await call(token, wider)).document["error"] == "invalid_scope"
    refreshed = await call(token, wire_request(tenant, form, headers=basic("app", SECRET), now=LATER))
    assert refreshed.document["scope"] == "openid notes:read"
    claims = wire_request(tenant, headers=bearer(refreshed.text("access_token")), method="GET", now=LATER)
    assert "email" not in (await call(userinfo, claims)).document


@pytest.mark.rfc("8707", "2.2")
@pytest.mark.parametrize("kind", ["authorization_code", "refresh_token"])
async def test_a_resource_that_was_not_granted_is_not_given(tenant: Tenant, app: Client, ada: User, kind: str) -> None:
    grant = await make_grant(tenant, app, ada, scope="openid notes:read")
    form = {"grant_type": "authorization_code", "code": await code_of(tenant, grant), "code_verifier": VERIFIER}
    if kind == "refresh_token":
        await call(token, wire_request(tenant, form, headers=basic("app", SECRET), now=LATER))
        form = {"grant_type": kind, "refresh_token": await refresh_token_of(tenant, grant, 1)}
    asked = wire_request(tenant, {**form, "resource": NOTES}, headers=basic("app", SECRET), now=LATER)
    refused = await call(token, asked)
    assert (refused.status, refused.document["error"]) == (400, "invalid_target")


async def test_a_forged_generation_is_worth_nothing(tenant: Tenant, app: Client, ada: User) -> None:
    answer = await redeemed(tenant, app, ada)
    text = answer.text("refresh_token")
    head, grant, generation, mac = text.split(".")
    assert generation == "1"
    other = mac[:-1] + ("A" if mac[-1] != "A" else "E")
    for forged in (f"{head}.{grant}.2.{mac}", f"{head}.{grant}.01.{mac}", f"{head}.{grant}.1.{other}", text + "="):
        form = {"grant_type": "refresh_token", "refresh_token": forged}
        refused = await call(token, wire_request(tenant, form, headers=basic("app", SECRET), now=LATER))
        assert (refused.status, refused.document["error"]) == (400, "invalid_grant")
    form = {"grant_type": "refresh_token", "refresh_token": text}
    assert (await call(token, wire_request(tenant, form, headers=basic("app", SECRET), now=LATER))).status == 200


async def test_parallel_thief_and_owner_never_hold_two_lines(tenant: Tenant, app: Client, ada: User) -> None:
    answer = await redeemed(tenant, app, ada)
    form = {"grant_type": "refresh_token", "refresh_token": answer.text("refresh_token")}
    asked = wire_request(tenant, form, headers=basic("app", SECRET), now=LATER)
    answers = await asyncio.gather(*(call(token, asked) for _ in range(8)))
    given = {answer.text("refresh_token") for answer in answers if answer.status == 200}
    assert len(given) == 1
    much_later = replace(asked, now=LATER + 60 * SECOND)
    assert (await call(token, much_later)).document["error"] == "invalid_grant"
    form = {"grant_type": "refresh_token", "refresh_token": given.pop()}
    ended = await call(token, wire_request(tenant, form, headers=basic("app", SECRET), now=LATER + 61 * SECOND))
    assert ended.document["error"] == "invalid_grant"


# ------------------------------------------------------------------------------------------------------- a leaked key


async def test_a_token_under_a_retired_key_counts_no_more(tenant: Tenant, app: Client, ada: User) -> None:
    tenant = replace(tenant, settings=replace(tenant.settings, access_token_lifetime=DAY))
    text = (await redeemed(tenant, app, ada)).text("access_token")
    asked = wire_request(tenant, {"token": text}, headers=basic("app", SECRET), now=LATER)
    assert (await call(introspect, asked)).document["active"] is True
    leaked = (await keys.signing_key(tenant.id, "ES256")).kid
    await keys.rotate(tenant.id, NOW)
    assert (await call(introspect, asked)).document["active"] is True
    async with database.transaction():
        assert await rotation_store.retire(tenant.id, leaked)
        await keys.store.changed(tenant.id)
    assert (await call(introspect, asked)).document == {"active": False}
    shown = await call(userinfo, wire_request(tenant, headers=bearer(text), method="GET", now=LATER))
    assert (shown.status, shown.document["error"]) == (401, "invalid_token")


@pytest.mark.rfc("8725", "3.1")
async def test_an_algorithm_is_not_the_tokens_choice(tenant: Tenant, app: Client, ada: User) -> None:
    text = (await redeemed(tenant, app, ada)).text("access_token")
    _, claims, signature = text.split(".")
    for header in (
        "eyJhbGciOiJub25lIiwidHlwIjoiYXQrand0In0",  # none
        "eyJhbGciOiJIUzI1NiIsInR5cCI6ImF0K2p3dCJ9",  # HS256
    ):
        for forged in (f"{header}.{claims}.", f"{header}.{claims}.{signature}"):
            asked = wire_request(tenant, {"token": forged}, headers=basic("app", SECRET), now=LATER)
            assert (await call(introspect, asked)).document == {"active": False}
