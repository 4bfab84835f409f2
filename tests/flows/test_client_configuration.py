"""A client reads, replaces and removes its own registration. RFC 7592."""

from __future__ import annotations

import pytest

from server import clients, grants
from server.administration import Operator, dynamic_clients
from server.clients import Client, ClientState
from server.endpoints.client_configuration import configure
from server.endpoints.introspect import introspect
from server.endpoints.register import register
from server.kernel import database
from server.kernel.json import dump_json
from server.tenants import Registration, Tenant, TenantSettings
from tests.issuing import NOW, Answer, basic, bearer, call, make_grant, make_tenant, make_user, wire_request

pytestmark = pytest.mark.usefixtures("storage")

WEB: dict[str, object] = {
    "client_name": "web",
    "redirect_uris": ["https://app.test/callback"],
    "client_uri": "https://app.test/",
    "scope": "notes:read",
}
OPERATOR = Operator.at_the_command_line("test")


@pytest.fixture
async def registered(tenant: Tenant) -> Answer:
    """A confidential client that was just registered."""
    return await call(register, wire_request(tenant, body=dump_json(WEB).encode(), content_type="application/json"))


async def ask(
    tenant: Tenant,
    registered: Answer,
    method: str = "GET",
    document: dict[str, object] | None = None,
    *,
    token: str | None = None,
) -> Answer:
    request = wire_request(
        tenant,
        method=method,
        segment=registered.text("client_id"),
        body=b"" if document is None else dump_json(document).encode(),
        content_type="application/json",
        headers=bearer(registered.text("registration_access_token") if token is None else token),
    )
    return await call(configure, request)


async def stored(tenant: Tenant, registered: Answer) -> Client:
    client = await clients.find(tenant.id, registered.text("client_id"))
    assert client is not None
    return client


def replacement(registered: Answer, **changes: object) -> dict[str, object]:
    """What a client sends: all that it was told, but for what §2.2 excludes, with its changes."""
    excluded = {
        "registration_access_token",
        "registration_client_uri",
        "client_secret_expires_at",
        "client_id_issued_at",
    }
    told = {name: value for name, value in registered.document.items() if name not in excluded}
    return {name: value for name, value in {**told, **changes}.items() if value is not None}


@pytest.mark.rfc("7592", "2.1")
@pytest.mark.rfc("7592", "3")
async def test_a_client_reads_what_it_registered(tenant: Tenant, registered: Answer) -> None:
    client_id = registered.text("client_id")
    assert registered.document["registration_client_uri"] == f"{tenant.issuer}/register/{client_id}"
    answer = await ask(tenant, registered)
    assert (answer.status, answer.headers["cache-control"]) == (200, "no-store")
    told = {name: value for name, value in registered.document.items() if not name.startswith("client_secret")}
    assert answer.document == told


async def test_the_token_is_stored_as_a_digest(tenant: Tenant, registered: Answer) -> None:
    rows = await database.rows("SELECT * FROM client WHERE tenant_id = $1", tenant.id)
    assert registered.text("registration_access_token") not in str(rows)


@pytest.mark.rfc("7592", "2.1")
async def test_another_token_another_client_and_no_client_look_the_same(tenant: Tenant, registered: Answer) -> None:
    other = await call(register, wire_request(tenant, body=dump_json(WEB).encode(), content_type="application/json"))
    gone = Answer(201, {}, {"client_id": "nobody"})
    answers = [
        await ask(tenant, registered, token="unknown"),
        await ask(tenant, registered, token=other.text("registration_access_token")),
        await ask(tenant, gone, token=registered.text("registration_access_token")),
        await ask(await make_tenant("globex"), registered),
    ]
    assert {answer.status for answer in answers} == {401}
    assert {answer.text("error") for answer in answers} == {"invalid_token"}


@pytest.mark.rfc("6750", "3.1")
async def test_without_a_token_nothing_is_said_to_be_wrong(tenant: Tenant, registered: Answer) -> None:
    answer = await call(configure, wire_request(tenant, method="GET", segment=registered.text("client_id")))
    assert (answer.status, answer.headers["www-authenticate"]) == (401, "Bearer")


@pytest.mark.rfc("7592", "2.2")
async def test_what_is_left_out_is_removed(tenant: Tenant, registered: Answer) -> None:
    before = await stored(tenant, registered)
    wanted = replacement(registered, client_name="Another name", client_uri=None)
    answer = await ask(tenant, registered, "PUT", wanted)
    assert (answer.status, answer.document["client_name"]) == (200, "Another name")
    assert "client_uri" not in answer.document
    assert "client_secret" not in answer.document
    assert answer.text("registration_access_token") == registered.text("registration_access_token")
    after = await stored(tenant, registered)
    assert after.metadata.client_uri is None
    assert after.metadata_digest != before.metadata_digest
    (event,) = await database.rows("SELECT details FROM audit_event WHERE event = $1", "client_metadata.replaced")
    assert '"client_name"' in str(event["details"])


async def test_the_secret_goes_on_after_a_replacement(tenant: Tenant, registered: Answer) -> None:
    await ask(tenant, registered, "PUT", replacement(registered))
    headers = basic(registered.text("client_id"), registered.text("client_secret"))
    assert (await call(introspect, wire_request(tenant, {"token": "any"}, headers=headers))).status == 200


async def test_a_public_client_has_no_secret_and_gets_one_when_it_becomes_confidential(
    tenant: Tenant, registered: Answer
) -> None:
    public = replacement(registered, token_endpoint_auth_method="none", client_secret=None)
    assert "client_secret" not in (await ask(tenant, registered, "PUT", public)).document
    assert (await stored(tenant, registered)).secrets == ()
    again = {**public, "token_endpoint_auth_method": "client_secret_post"}
    assert (await ask(tenant, registered, "PUT", again)).text("client_secret")


@pytest.mark.rfc("7592", "2.2")
@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"client_id": None}, "invalid_client_metadata"),
        ({"client_id": "somebody-else"}, "invalid_client_metadata"),
        ({"client_secret": "a secret of one's own choice"}, "invalid_client_metadata"),
        ({"redirect_uris": ["javascript:alert(1)"]}, "invalid_redirect_uri"),
        ({"grant_types": ["password"]}, "invalid_client_metadata"),
    ],
)
async def test_what_cannot_be_replaced(
    tenant: Tenant, registered: Answer, changes: dict[str, object], error: str
) -> None:
    before = await stored(tenant, registered)
    refused = await ask(tenant, registered, "PUT", replacement(registered, **changes))
    assert (refused.status, refused.text("error")) == (400, error)
    assert await stored(tenant, registered) == before


async def test_no_scope_and_no_grant_is_gained_by_a_replacement(tenant: Tenant, registered: Answer) -> None:
    wanted = replacement(
        registered, scope="notes:read notes:purge", grant_types=["authorization_code", "client_credentials"]
    )
    answer = await ask(tenant, registered, "PUT", wanted)
    assert answer.document["scope"] == "notes:read"
    assert answer.document["grant_types"] == ["authorization_code"]


@pytest.mark.rfc("7592", "2.3")
async def test_a_client_that_removed_itself_is_gone_with_its_grants(tenant: Tenant, registered: Answer) -> None:
    client = await stored(tenant, registered)
    grant = await make_grant(tenant, client, await make_user(tenant))
    assert (await ask(tenant, registered, "DELETE")).status == 204
    assert await clients.find(tenant.id, client.client_id) is None
    ended = await grants.find(tenant.id, grant.id)
    assert ended is not None
    assert ended.revoked_at == NOW
    assert (await ask(tenant, registered)).status == 401
    headers = basic(registered.text("client_id"), registered.text("client_secret"))
    refused = await call(introspect, wire_request(tenant, {"token": "any"}, headers=headers))
    assert (refused.status, refused.text("error")) == (401, "invalid_client")


@pytest.mark.parametrize("state", [ClientState.QUARANTINED, ClientState.BLOCKED])
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
async def test_a_stopped_client_may_not_even_go(
    tenant: Tenant, registered: Answer, state: ClientState, method: str
) -> None:
    await dynamic_clients.set_state(OPERATOR, tenant, await stored(tenant, registered), state, NOW)
    refused = await ask(tenant, registered, method, replacement(registered))
    assert (refused.status, refused.text("error")) == (403, "access_denied")
    assert (await stored(tenant, registered)).state is state


async def test_a_promotion_ends_with_what_was_promoted(tenant: Tenant, registered: Answer) -> None:
    await dynamic_clients.set_state(OPERATOR, tenant, await stored(tenant, registered), ClientState.PROMOTED, NOW)
    await ask(tenant, registered, "PUT", replacement(registered))
    assert (await stored(tenant, registered)).state is ClientState.PROMOTED
    await ask(tenant, registered, "PUT", replacement(registered, redirect_uris=["https://elsewhere.test/"]))
    changed = await stored(tenant, registered)
    assert changed.state is ClientState.ACTIVE
    assert changed.registration.kept_until == NOW + tenant.settings.unused_client_lifetime


async def test_registrations_can_be_managed_where_no_new_ones_are_taken() -> None:
    tenant = await make_tenant("closing")
    request = wire_request(tenant, body=dump_json(WEB).encode(), content_type="application/json")
    registered = await call(register, request)
    closed = await make_tenant("closed", TenantSettings(registration=Registration.OFF))
    assert (await call(register, wire_request(closed, body=b"{}", content_type="application/json"))).status == 403
    assert (await ask(tenant, registered)).status == 200
