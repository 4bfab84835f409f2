"""Clients that register themselves."""

from __future__ import annotations

import asyncio

import pytest
from joserfc import jws
from joserfc.jwk import ECKey

from server import clients
from server.endpoints import registration_limits
from server.endpoints.client_configuration import configure
from server.endpoints.introspect import introspect
from server.endpoints.register import register
from server.kernel import database
from server.kernel.clock import DAY, SECOND
from server.kernel.json import dump_json
from server.tenants import PrivateUseSchemes, Registration, Tenant, TenantSettings
from tests.issuing import NOW, Answer, basic, bearer, call, make_tenant, wire_request

pytestmark = pytest.mark.usefixtures("storage")

# As the MCP SDKs send it: TypeScript 1.32.2 and 2.4.0, Python 2.3.0.
TYPESCRIPT_1: dict[str, object] = {
    "client_name": "cap",
    "redirect_uris": ["http://127.0.0.1:53211/callback"],
    "scope": "notes:read",
}
PYTHON: dict[str, object] = {
    "response_types": ["code"],
    "scope": "notes:read offline_access",
    "client_name": "cap",
    "redirect_uris": ["http://127.0.0.1:53211/callback"],
    "grant_types": ["authorization_code", "refresh_token"],
    "application_type": "native",
}
NATIVE: dict[str, object] = {
    "client_name": "cap",
    "redirect_uris": ["http://127.0.0.1:53211/callback"],
    "grant_types": ["authorization_code", "refresh_token"],
    "application_type": "native",
    "scope": "notes:read",
}
WEB: dict[str, object] = {"client_name": "web", "redirect_uris": ["https://app.test/callback"]}


async def post(tenant: Tenant, document: object, content_type: str = "application/json") -> Answer:
    body = document if isinstance(document, bytes) else dump_json(document).encode()
    return await call(register, wire_request(tenant, body=body, content_type=content_type))


@pytest.mark.rfc("7591", "3.2.1")
@pytest.mark.checklist("1e.33")
async def test_public_client_is_told_all_that_was_registered(tenant: Tenant) -> None:
    answer = await post(tenant, NATIVE)
    assert (answer.status, answer.headers["cache-control"]) == (201, "no-store")
    document = answer.document
    client_id = answer.text("client_id")
    assert client_id.replace("-", "").replace("_", "").isalnum()
    assert client_id.isascii()
    assert document == document | NATIVE
    assert document["client_id_issued_at"] == NOW // SECOND
    assert document["token_endpoint_auth_method"] == "none"
    assert document["response_types"] == ["code"]
    assert "client_secret" not in document
    stored = await clients.find(tenant.id, client_id)
    assert stored is not None
    assert (stored.source, stored.origin, stored.scope) == ("dynamic", "registration", ("notes:read",))


@pytest.mark.checklist("1e.34")
@pytest.mark.parametrize("uri", ["http://127.0.0.1:53211/callback", "http://localhost:7777/", "http://[::1]/callback"])
async def test_silent_client_on_a_loopback_address_is_native_public_and_may_refresh(tenant: Tenant, uri: str) -> None:
    answer = await post(tenant, {"client_name": "cap", "redirect_uris": [uri], "scope": "notes:read"})
    assert answer.status == 201
    assert answer.document["application_type"] == "native"
    assert answer.document["token_endpoint_auth_method"] == "none"
    assert answer.document["grant_types"] == ["authorization_code", "refresh_token"]


@pytest.mark.parametrize("body", [TYPESCRIPT_1, NATIVE, PYTHON], ids=["TypeScript 1", "TypeScript 2", "Python"])
async def test_what_the_sdks_send_is_public_native_and_may_refresh(tenant: Tenant, body: dict[str, object]) -> None:
    answer = await post(tenant, body)
    assert (answer.status, answer.document) == (
        201,
        answer.document
        | body
        | {
            "token_endpoint_auth_method": "none",
            "grant_types": ["authorization_code", "refresh_token"],
            "response_types": ["code"],
            "application_type": "native",
        },
    )
    assert "client_secret" not in answer.document
    assert "registration_access_token" not in answer.document


@pytest.mark.rfc("7591", "3.2.1")
async def test_confidential_client_gets_a_secret_that_works(tenant: Tenant) -> None:
    answer = await post(tenant, WEB)
    assert answer.status == 201
    assert answer.document["token_endpoint_auth_method"] == "client_secret_basic"
    assert answer.document["client_secret_expires_at"] == 0
    headers = basic(answer.text("client_id"), answer.text("client_secret"))
    assert (await call(introspect, wire_request(tenant, {"token": "any"}, headers=headers))).status == 200


async def test_same_public_client_comes_back_whatever_its_port(tenant: Tenant) -> None:
    first = await post(tenant, NATIVE)
    again = await post(tenant, {**NATIVE, "redirect_uris": ["http://127.0.0.1:60001/callback"]})
    assert again.status == 201
    assert again.document["client_id"] == first.document["client_id"]
    assert again.document["redirect_uris"] == ["http://127.0.0.1:60001/callback"]
    other = await post(tenant, {**NATIVE, "client_name": "another"})
    assert other.document["client_id"] != first.document["client_id"]
    assert await clients.count_dynamic(tenant.id) == 2


async def test_confidential_clients_are_never_shared(tenant: Tenant) -> None:
    first, second = await post(tenant, WEB), await post(tenant, WEB)
    assert first.document["client_id"] != second.document["client_id"]


async def test_clients_are_shared_within_a_tenant_only(tenant: Tenant) -> None:
    first = await post(tenant, NATIVE)
    second = await post(await make_tenant("globex"), NATIVE)
    assert first.document["client_id"] != second.document["client_id"]


async def test_parallel_registrations_of_the_same_make_one_client(tenant: Tenant) -> None:
    answers = await asyncio.gather(*(post(tenant, NATIVE) for _ in range(10)))
    assert {answer.status for answer in answers} == {201}
    assert len({answer.text("client_id") for answer in answers}) == 1
    rows = await database.rows("SELECT id FROM audit_event WHERE event = $1", "client.registered")
    assert len(rows) == 1


async def test_scope_that_the_tenant_does_not_give_away_is_dropped(tenant: Tenant) -> None:
    answer = await post(tenant, {**NATIVE, "scope": "openid notes:read notes:purge unknown offline_access"})
    assert answer.document["scope"] == "openid notes:read offline_access"


async def test_private_use_schemes_follow_the_setting(tenant: Tenant) -> None:
    mixed = {**NATIVE, "redirect_uris": ["com.acme.app:/callback", "http://127.0.0.1/callback"]}
    alone = {**NATIVE, "redirect_uris": ["com.acme.app:/callback"]}
    assert (await post(tenant, mixed)).document["redirect_uris"] == ["http://127.0.0.1/callback"]
    assert (await post(tenant, alone)).document["error"] == "invalid_redirect_uri"
    generous = await make_tenant("generous", TenantSettings(private_use_schemes=PrivateUseSchemes.ALL))
    assert (await post(generous, alone)).document["redirect_uris"] == ["com.acme.app:/callback"]


@pytest.mark.rfc("7591", "3.2.2")
@pytest.mark.parametrize(
    ("document", "error"),
    [
        ({**WEB, "redirect_uris": []}, "invalid_redirect_uri"),
        ({**WEB, "redirect_uris": ["javascript:alert(1)"]}, "invalid_redirect_uri"),
        ({**WEB, "redirect_uris": ["http://app.test/callback"]}, "invalid_redirect_uri"),
        ({**WEB, "redirect_uris": ["https://app.test/#fragment"]}, "invalid_redirect_uri"),
        ({**WEB, "redirect_uris": ["https://*.app.test/"]}, "invalid_redirect_uri"),
        ({**WEB, "redirect_uris": [f"https://app.test/{n}" for n in range(1000)]}, "invalid_redirect_uri"),
        ({**WEB, "token_endpoint_auth_method": "private_key_jwt"}, "invalid_client_metadata"),
        ({**WEB, "grant_types": ["password"]}, "invalid_client_metadata"),
        ({**WEB, "client_name": "n" * 10_000}, "invalid_client_metadata"),
        ({**WEB, "client_name": 7}, "invalid_client_metadata"),
        (b"[]", "invalid_request"),
        (b'{"redirect_uris": NaN}', "invalid_request"),
        (b'{"a": 1, "a": 2}', "invalid_request"),
        (b"\xff", "invalid_request"),
        (b"[" * 10_000, "invalid_request"),
    ],
)
async def test_metadata_that_cannot_be_taken(tenant: Tenant, document: object, error: str) -> None:
    refused = await post(tenant, document)
    assert (refused.status, refused.document["error"]) == (400, error)
    assert await clients.count_dynamic(tenant.id) == 0


async def test_registration_is_json(tenant: Tenant) -> None:
    assert (await post(tenant, NATIVE, "text/plain")).document["error"] == "invalid_request"
    assert (await post(tenant, NATIVE, "application/json; charset=utf-8")).status == 201


async def test_registration_may_be_off_or_for_holders_of_a_token_only() -> None:
    off = await post(await make_tenant("off", TenantSettings(registration=Registration.OFF)), NATIVE)
    assert (off.status, off.document["error"]) == (403, "access_denied")
    token_only = await post(await make_tenant("closed", TenantSettings(registration=Registration.TOKEN)), NATIVE)
    assert (token_only.status, token_only.document["error"]) == (401, "invalid_token")


async def test_full_tenant_takes_no_more_but_finds_those_it_has() -> None:
    full = await make_tenant("full", TenantSettings(max_dynamic_clients=1))
    first = await post(full, NATIVE)
    refused = await post(full, WEB)
    assert (refused.status, refused.document["error"]) == (429, "too_many_requests")
    assert int(refused.headers["retry-after"]) > 0
    assert (await post(full, NATIVE)).document["client_id"] == first.document["client_id"]


async def test_count_is_taken_anew_when_a_client_goes() -> None:
    full = await make_tenant("full", TenantSettings(max_dynamic_clients=1))
    first = await post(full, WEB)
    assert (await post(full, WEB)).status == 429
    removal = wire_request(
        full,
        method="DELETE",
        segment=first.text("client_id"),
        headers=bearer(first.text("registration_access_token")),
    )
    assert (await call(configure, removal)).status == 204
    assert (await post(full, WEB)).status == 201


async def test_flood_of_new_clients_is_held_up_for_all_tenants_and_known_ones_are_found(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registration_limits, "NEW_CLIENTS_A_MINUTE", 1)
    first = await post(tenant, NATIVE)
    refused = await post(await make_tenant("globex"), NATIVE)
    assert (refused.status, refused.document["error"]) == (503, "temporarily_unavailable")
    assert int(refused.headers["retry-after"]) > 0
    assert (await post(tenant, NATIVE)).document["client_id"] == first.document["client_id"]


async def test_known_client_that_was_about_to_go_stays(tenant: Tenant) -> None:
    first = await post(tenant, NATIVE)
    later = NOW + 20 * DAY
    request = wire_request(tenant, body=dump_json(NATIVE).encode(), content_type="application/json", now=later)
    assert (await call(register, request)).document["client_id"] == first.document["client_id"]
    rows = await database.rows("SELECT kept_until FROM client")
    assert [row["kept_until"] for row in rows] == [later + 30 * DAY]


VENDOR_KEY = ECKey.generate_key("P-256", {"kid": "vendor", "use": "sig"})
VENDOR = "https://vendor.test"


def statement(**claims: object) -> str:
    return jws.serialize_compact({"alg": "ES256"}, dump_json({"iss": VENDOR, **claims}), VENDOR_KEY)


@pytest.fixture
async def trusting(storage: None) -> Tenant:
    """A tenant that believes a vendor's software statements."""
    issuers = {VENDOR: {"keys": [VENDOR_KEY.as_dict(private=False)]}}
    return await make_tenant("trusting", TenantSettings(software_statement_issuers=issuers))


@pytest.mark.rfc("7591", "2.3")
@pytest.mark.rfc("7591", "3.2.1")
async def test_what_a_software_statement_says_counts_for_more(trusting: Tenant) -> None:
    vouched = statement(client_name="The product", software_id="product", iat=NOW // SECOND)
    answer = await post(trusting, {**NATIVE, "software_statement": vouched})
    assert answer.status == 201
    assert (answer.document["client_name"], answer.document["software_id"]) == ("The product", "product")
    assert answer.document["software_statement"] == vouched
    assert "iat" not in answer.document
    alike = await post(trusting, {**NATIVE, "client_name": "The product", "software_id": "product"})
    assert alike.document["client_id"] != answer.document["client_id"]
    again = await post(trusting, {**NATIVE, "software_statement": vouched})
    assert again.document["client_id"] == answer.document["client_id"]


@pytest.mark.rfc("7591", "3.2.2")
async def test_software_statements_that_are_not_believed(trusting: Tenant, tenant: Tenant) -> None:
    good = statement(client_name="The product")
    unknown = await post(tenant, {**NATIVE, "software_statement": good})
    assert (unknown.status, unknown.text("error")) == (400, "unapproved_software_statement")
    for bad in (good[:-4] + "AAAA", statement(exp=1), 7):
        refused = await post(trusting, {**NATIVE, "software_statement": bad})
        assert (refused.status, refused.text("error")) == (400, "invalid_software_statement")
    assert await clients.count_dynamic(trusting.id) == 0


async def test_a_statement_cannot_bring_what_this_tenant_forbids(trusting: Tenant) -> None:
    refused = await post(trusting, {**NATIVE, "software_statement": statement(redirect_uris=["javascript:alert(1)"])})
    assert refused.text("error") == "invalid_redirect_uri"
    greedy = await post(trusting, {**NATIVE, "software_statement": statement(scope="notes:read notes:purge")})
    assert greedy.document["scope"] == "notes:read"
