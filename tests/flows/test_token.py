"""Trading an authorization code for tokens."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from server import grants, keys, resources, users
from server.clients import Client
from server.endpoints.introspect import introspect
from server.endpoints.token import token
from server.endpoints.userinfo import userinfo
from server.endpoints.wire import WireRequest
from server.grants import Grant
from server.kernel import database
from server.kernel.clock import DAY, MINUTE, SECOND, to_seconds
from server.protocol.claims import ClaimsRequest
from server.tenants import Tenant
from server.tokens.id_tokens import at_hash
from server.users import User
from tests import issuing
from tests.issuing import (
    ACR,
    CALLBACK,
    FILES,
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
    refresh_token_of,
    wire_request,
)

pytestmark = pytest.mark.usefixtures("storage")

LATER = NOW + SECOND


@pytest.fixture
async def app(tenant: Tenant) -> Client:
    return await make_client(tenant)


@pytest.fixture
async def ada(tenant: Tenant) -> User:
    return await make_user(tenant)


@pytest.fixture
async def grant(tenant: Tenant, app: Client, ada: User) -> Grant:
    return await make_grant(tenant, app, ada)


async def redeem(tenant: Tenant, grant: Grant, **changes: str | list[str] | None) -> Answer:
    """The same as an OAuth 2.0 client does it, which repeats its redirect URI."""
    return await issuing.redeem(tenant, grant, None, **{"redirect_uri": CALLBACK, **changes})


async def claims_of(tenant: Tenant, text: str) -> tuple[dict[str, object], dict[str, object]]:
    """Header and claims of a JWT, by another library and the published keys."""
    published = KeySet.import_key_set({"keys": [dict(jwk) for jwk in await keys.public_keys(tenant.id)]})
    read = jwt.decode(text, published, algorithms=["ES256", "RS256"])
    return dict(read.header), dict(read.claims)


async def events(tenant: Tenant) -> list[str]:
    rows = await database.rows("SELECT event FROM audit_event WHERE tenant_id = $1 ORDER BY id", tenant.id)
    return [name for row in rows if (name := str(row["event"])) != "key.rotated"]


@pytest.mark.rfc("6749", "5.1")
async def test_code_is_traded_for_tokens(tenant: Tenant, grant: Grant) -> None:
    answer = await redeem(tenant, grant)
    assert answer.status == 200
    assert answer.headers["cache-control"] == "no-store"
    assert answer.document["token_type"] == "Bearer"
    assert answer.document["expires_in"] == 600
    assert answer.document["scope"] == "openid profile offline_access notes:read"
    assert answer.text("refresh_token") == await refresh_token_of(tenant, grant, 1)
    assert await events(tenant) == ["token.issued"]


@pytest.mark.rfc("9068", "2")
@pytest.mark.checklist("1a.7")
async def test_access_token_is_a_jwt_of_its_own_type(tenant: Tenant, grant: Grant, ada: User) -> None:
    answer = await redeem(tenant, grant)
    header, claims = await claims_of(tenant, answer.text("access_token"))
    assert (header["typ"], header["alg"]) == ("at+jwt", "ES256")
    assert claims.pop("jti") != claims.pop("gid")
    assert claims == {
        "iss": tenant.issuer,
        "sub": ada.sub,
        "aud": tenant.issuer,
        "client_id": "app",
        "scope": "openid profile offline_access notes:read",
        "iat": to_seconds(LATER),
        "exp": to_seconds(LATER) + 600,
        "auth_time": to_seconds(grant.auth_time),
        "acr": ACR,
        "amr": ["pwd"],
    }


async def test_id_token_says_who_signed_in_and_how(tenant: Tenant, grant: Grant, ada: User) -> None:
    answer = await redeem(tenant, grant)
    header, claims = await claims_of(tenant, answer.text("id_token"))
    assert (header["typ"], header["alg"]) == ("JWT", "RS256")
    assert claims == {
        "iss": tenant.issuer,
        "sub": ada.sub,
        "aud": "app",
        "iat": to_seconds(LATER),
        "exp": to_seconds(LATER) + 600,
        "auth_time": to_seconds(grant.auth_time),
        "acr": ACR,
        "amr": ["pwd"],
        "nonce": "a nonce",
        "at_hash": at_hash(answer.text("access_token"), "RS256"),
    }


async def test_id_token_is_signed_as_the_client_registered(tenant: Tenant, ada: User) -> None:
    client = await make_client(tenant, "es", id_token_signed_response_alg="ES256")
    answer = await redeem(tenant, await make_grant(tenant, client, ada), client_id="es")
    header, _ = await claims_of(tenant, answer.text("id_token"))
    assert header["alg"] == "ES256"


async def test_id_token_carries_the_claims_asked_for_there_and_covered_by_scope(
    tenant: Tenant, app: Client, ada: User
) -> None:
    asked = ClaimsRequest.parse('{"id_token": {"name": null, "email": {"essential": true}, "given_name": null}}')
    answer = await redeem(tenant, await make_grant(tenant, app, ada, scope="openid profile", claims=asked))
    _, claims = await claims_of(tenant, answer.text("id_token"))
    assert (claims["name"], claims["given_name"]) == ("Ada Lovelace", "Ada")
    assert "email" not in claims


async def test_no_id_token_without_openid(tenant: Tenant, app: Client, ada: User) -> None:
    answer = await redeem(tenant, await make_grant(tenant, app, ada, scope="notes:read"))
    assert "id_token" not in answer.document


@pytest.mark.checklist("1a.10")
async def test_client_that_may_refresh_needs_no_offline_access_for_it(tenant: Tenant, app: Client, ada: User) -> None:
    answer = await redeem(tenant, await make_grant(tenant, app, ada, scope="notes:read"))
    assert answer.text("refresh_token").startswith("lk_refresh_")


async def test_no_refresh_token_for_a_client_without_the_refresh_grant(tenant: Tenant, ada: User) -> None:
    client = await make_client(tenant, "once", grant_types=["authorization_code"])
    grant = await make_grant(tenant, client, ada, scope="openid")
    answer = await redeem(tenant, grant, client_id="once")
    assert "refresh_token" not in answer.document
    stored = await grants.find(tenant.id, grant.id)
    assert stored is not None
    assert (stored.generation, stored.expires_at) == (0, LATER + 10 * MINUTE)


@pytest.mark.rfc("6749", "4.1.3")
@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"code": None}, "invalid_request"),
        ({"code": "lk_code_x.y.0.z"}, "invalid_grant"),
        ({"redirect_uri": "https://app.acme.test/other"}, "invalid_grant"),
        ({"code_verifier": VERIFIER[::-1]}, "invalid_grant"),
        ({"code_verifier": None}, "invalid_grant"),
        ({"code_verifier": "short"}, "invalid_request"),
        ({"resource": NOTES}, "invalid_target"),
    ],
)
async def test_what_is_refused_burns_nothing(
    tenant: Tenant, grant: Grant, changes: dict[str, str | None], error: str
) -> None:
    refused = await redeem(tenant, grant, **changes)
    assert (refused.status, refused.document["error"]) == (400, error)
    assert (await redeem(tenant, grant)).status == 200


async def test_code_of_another_client_burns_nothing(tenant: Tenant, grant: Grant) -> None:
    await make_client(tenant, "thief")
    refused = await redeem(tenant, grant, client_id="thief")
    assert refused.document["error"] == "invalid_grant"
    assert (await redeem(tenant, grant)).status == 200


async def test_code_of_another_tenant_is_refused(tenant: Tenant, grant: Grant) -> None:
    globex = await make_tenant("globex")
    await make_client(globex)
    refused = await redeem(globex, grant, code=await code_of(tenant, grant))
    assert refused.document["error"] == "invalid_grant"


async def test_code_lives_for_a_minute(tenant: Tenant, app: Client, ada: User) -> None:
    old = await make_grant(tenant, app, ada, now=LATER - MINUTE)
    assert (await redeem(tenant, old)).document["error"] == "invalid_grant"
    stored = await grants.find(tenant.id, old.id)
    assert stored is not None
    assert stored.revoked_at is None
    young = await make_grant(tenant, app, ada, now=LATER - MINUTE + 1)
    assert (await redeem(tenant, young)).status == 200


async def test_code_of_a_person_who_was_disabled_is_refused(tenant: Tenant, grant: Grant, ada: User) -> None:
    await users.update(tenant.id, ada, replace(ada, enabled=False), LATER)
    assert (await redeem(tenant, grant)).document["error"] == "invalid_grant"


@pytest.mark.rfc("6749", "4.1.2")
@pytest.mark.rfc("9700", "4.5")
async def test_replay_revokes_the_grant_however_late(tenant: Tenant, grant: Grant) -> None:
    first = await redeem(tenant, grant)
    request = wire_request(
        tenant,
        {
            "grant_type": "authorization_code",
            "client_id": "app",
            "code": await code_of(tenant, grant),
            "code_verifier": VERIFIER,
        },
        now=NOW + 20 * DAY,
    )
    replayed = await call(token, request)
    assert replayed.document["error"] == "invalid_grant"
    assert (await call(userinfo, _with_token(tenant, first))).status == 401
    refreshed = await call(token, _refresh(tenant, first.text("refresh_token")))
    assert refreshed.document["error"] == "invalid_grant"
    assert await events(tenant) == ["token.issued", "code.replayed", "grant.revoked"]


@pytest.mark.rfc("6749", "10.5")
async def test_twenty_parallel_redemptions_give_one_success_and_nothing_that_lasts(
    tenant: Tenant, grant: Grant
) -> None:
    answers = await asyncio.gather(*(redeem(tenant, grant) for _ in range(20)))
    successes = [answer for answer in answers if answer.status == 200]
    assert len(successes) == 1
    assert {answer.document.get("error") for answer in answers} == {None, "invalid_grant"}
    assert (await call(userinfo, _with_token(tenant, successes[0]))).status == 401
    assert (await call(token, _refresh(tenant, successes[0].text("refresh_token")))).status == 400


@pytest.mark.rfc("8707", "2.2")
@pytest.mark.checklist("1a.9")
async def test_token_for_one_of_the_granted_resources(tenant: Tenant, app: Client, ada: User) -> None:
    grant = await make_grant(tenant, app, ada, targets=(NOTES, FILES))
    answer = await redeem(tenant, grant, resource=NOTES)
    _, claims = await claims_of(tenant, answer.text("access_token"))
    assert (claims["aud"], claims["scope"]) == (NOTES, "notes:read")
    assert answer.document["scope"] == "notes:read"
    assert "id_token" in answer.document


@pytest.mark.rfc("8707", "2.2")
async def test_token_for_all_granted_resources_is_opaque_as_one_of_them_wants(
    tenant: Tenant, app: Client, ada: User
) -> None:
    await make_client(tenant, "api", secret="a-secret-of-the-api")
    grant = await make_grant(tenant, app, ada, targets=(NOTES, FILES), scope="openid notes:read files:read")
    answer = await redeem(tenant, grant)
    text = answer.text("access_token")
    assert text.startswith("lk_access_")
    described = await call(
        introspect, wire_request(tenant, {"token": text}, headers=basic("api", "a-secret-of-the-api"), now=LATER)
    )
    assert described.document["aud"] == [NOTES, FILES]


async def test_resource_that_is_gone_is_no_target(tenant: Tenant, app: Client, ada: User) -> None:
    grant = await make_grant(tenant, app, ada, targets=(NOTES,))
    (notes,) = await resources.resolve(tenant.id, (NOTES,))
    await resources.delete(tenant.id, notes.id)
    refused = await redeem(tenant, grant)
    assert refused.document["error"] == "invalid_target"


@pytest.mark.rfc("6749", "5.2")
@pytest.mark.parametrize(
    ("changes", "status", "error"),
    [
        ({"grant_type": None}, 400, "invalid_request"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({"grant_type": "client_credentials"}, 400, "unauthorized_client"),
        ({"client_id": None}, 401, "invalid_client"),
        ({"client_id": "nobody"}, 401, "invalid_client"),
        ({"client_secret": "a secret of a client without"}, 401, "invalid_client"),
    ],
)
async def test_request_that_cannot_be_served(
    tenant: Tenant, grant: Grant, changes: dict[str, str | None], status: int, error: str
) -> None:
    refused = await redeem(tenant, grant, **changes)
    assert (refused.status, refused.document["error"]) == (status, error)
    assert ("www-authenticate" in refused.headers) == (status == 401)


async def test_parameters_in_the_query_do_not_count(tenant: Tenant) -> None:
    request = wire_request(tenant, query=b"grant_type=authorization_code&client_id=app")
    assert (await call(token, request)).document["error"] == "invalid_client"


async def test_body_of_another_type_is_refused(tenant: Tenant) -> None:
    request = wire_request(tenant, body=b'{"grant_type": "authorization_code"}', content_type="application/json")
    assert (await call(token, request)).document["error"] == "invalid_request"


@pytest.mark.usefixtures("warm_caches")
async def test_redemption_costs_one_read_and_one_write(tenant: Tenant, grant: Grant, ada: User, app: Client) -> None:
    await redeem(tenant, await make_grant(tenant, app, ada))
    code = await code_of(tenant, grant)
    with database.query_count() as count:
        assert (await redeem(tenant, grant, code=code)).status == 200
    assert count.total == 2  # the grant; claim and audit


@pytest.mark.usefixtures("warm_caches")
async def test_redemption_for_an_opaque_token_costs_no_more(tenant: Tenant, app: Client, ada: User) -> None:
    for warm in (False, True):
        grant = await make_grant(tenant, app, ada, targets=(FILES,))
        code = await code_of(tenant, grant)
        with database.query_count() as count:
            assert (await redeem(tenant, grant, code=code)).status == 200
        assert not warm or count.total == 2


def _with_token(tenant: Tenant, answer: Answer) -> WireRequest:
    return wire_request(tenant, headers=bearer(answer.text("access_token")), method="GET", now=LATER)


def _refresh(tenant: Tenant, text: str) -> WireRequest:
    form = {"grant_type": "refresh_token", "client_id": "app", "refresh_token": text}
    return wire_request(tenant, form, now=LATER)
