"""Registration by those who hold an initial access token. RFC 7591 §3, appendix A.1.2."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import pytest

from server import clients, initial_access_tokens
from server.administration import Operator
from server.administration import initial_access_tokens as administration
from server.clients import Client
from server.endpoints.client_configuration import configure
from server.endpoints.register import register
from server.endpoints.token import token as token_endpoint
from server.initial_access_tokens import Template
from server.kernel import database
from server.kernel.clock import DAY
from server.kernel.json import dump_json
from server.protocol.vocabulary import GrantType, TokenEndpointAuthMethod
from server.tenants import Registration, Tenant, TenantSettings
from tests.issuing import NOW, Answer, basic, bearer, call, make_tenant, wire_request

pytestmark = pytest.mark.usefixtures("storage")

OPERATOR = Operator.at_the_command_line("test")
ANYTHING = Template()
NATIVE: dict[str, object] = {
    "client_name": "cap",
    "redirect_uris": ["http://127.0.0.1:53211/callback"],
    "application_type": "native",
    "scope": "notes:read",
}
MACHINE = Template(
    scope=("notes:read", "notes:purge"),
    grant_types=(GrantType.CLIENT_CREDENTIALS,),
    auth_methods=(TokenEndpointAuthMethod.CLIENT_SECRET_BASIC,),
)


@pytest.fixture
async def tenant(storage: None) -> Tenant:
    return await make_tenant(settings=TenantSettings(registration=Registration.TOKEN))


async def make(tenant: Tenant, template: Template = ANYTHING, *, uses: int = 1) -> str:
    return await administration.create(
        OPERATOR, tenant, "for the team", template, max_uses=uses, valid_until=NOW + DAY, now=NOW
    )


async def post(tenant: Tenant, document: Mapping[str, object], text: str | None, *, now: int = NOW) -> Answer:
    headers = {} if text is None else bearer(text)
    body = dump_json(document).encode()
    request = wire_request(tenant, body=body, content_type="application/json", headers=headers, now=now)
    return await call(register, request)


async def stored(tenant: Tenant, answer: Answer) -> Client:
    client = await clients.find(tenant.id, answer.text("client_id"))
    assert client is not None
    return client


@pytest.mark.rfc("7591", "3")
async def test_a_token_is_needed_and_registers_one_client(tenant: Tenant) -> None:
    text = await make(tenant)
    assert (await post(tenant, NATIVE, None)).text("error") == "invalid_token"
    first = await post(tenant, NATIVE, text)
    assert first.status == 201
    again = await post(tenant, NATIVE, text)
    assert (again.status, again.text("error")) == (401, "invalid_token")
    assert await clients.count_dynamic(tenant.id) == 1


async def test_a_client_that_came_with_a_token_is_nobody_elses_and_manages_itself(tenant: Tenant) -> None:
    text = await make(tenant, uses=2)
    first, second = await post(tenant, NATIVE, text), await post(tenant, NATIVE, text)
    assert first.text("client_id") != second.text("client_id")
    request = wire_request(
        tenant,
        method="GET",
        segment=first.text("client_id"),
        headers=bearer(first.text("registration_access_token")),
    )
    assert (await call(configure, request)).document["client_name"] == "cap"


async def test_of_many_at_once_only_as_many_succeed_as_the_token_is_for(tenant: Tenant) -> None:
    text = await make(tenant, uses=3)
    answers = await asyncio.gather(*(post(tenant, NATIVE, text) for _ in range(8)))
    assert sorted(answer.status for answer in answers) == [201] * 3 + [401] * 5
    assert await clients.count_dynamic(tenant.id) == 3


async def test_what_is_refused_spends_nothing(tenant: Tenant) -> None:
    text = await make(tenant)
    assert (await post(tenant, {**NATIVE, "redirect_uris": ["javascript:alert(1)"]}, text)).status == 400
    assert (await post(tenant, NATIVE, text)).status == 201


async def test_a_token_ends(tenant: Tenant) -> None:
    text, other = await make(tenant), await make(tenant)
    assert (await post(tenant, NATIVE, text, now=NOW + DAY)).status == 401
    (first, second) = await administration.list_tokens(OPERATOR, tenant)
    await administration.revoke(OPERATOR, tenant, first, NOW)
    await administration.revoke(OPERATOR, tenant, second, NOW)
    assert [(await post(tenant, NATIVE, each)).status for each in (text, other)] == [401, 401]


async def test_tokens_belong_to_one_tenant(tenant: Tenant) -> None:
    text = await make(tenant)
    other = await make_tenant("globex", TenantSettings(registration=Registration.TOKEN))
    assert (await post(other, NATIVE, text)).status == 401
    (token,) = await initial_access_tokens.list_tokens(tenant.id)
    assert await initial_access_tokens.find(other.id, token.id) is None
    assert not await initial_access_tokens.spend(other.id, token.id, NOW)
    assert not await initial_access_tokens.revoke(other.id, token.id, NOW)


async def test_a_bad_token_is_refused_where_none_is_needed() -> None:
    tenant = await make_tenant()
    assert (await post(tenant, NATIVE, "unknown")).status == 401
    assert (await post(tenant, NATIVE, None)).status == 201


async def test_the_text_is_kept_nowhere(tenant: Tenant) -> None:
    text = await make(tenant)
    for table in ("initial_access_token", "audit_event"):
        assert text not in str(await database.rows(f"SELECT * FROM {table}"))  # noqa: S608 - one of ours


async def test_a_template_bounds_what_is_registered(tenant: Tenant) -> None:
    template = Template(scope=("notes:write",), redirect_hosts=("app.test",))
    text = await make(tenant, template, uses=3)
    web = {"redirect_uris": ["https://app.test/cb"], "scope": "notes:read notes:write"}
    assert (await post(tenant, web, text)).document["scope"] == "notes:write"
    refused = await post(tenant, {**web, "redirect_uris": ["https://app.test.evil.test/cb"]}, text)
    assert refused.text("error") == "invalid_redirect_uri"
    only_web = await make(tenant, Template(auth_methods=(TokenEndpointAuthMethod.CLIENT_SECRET_POST,)))
    assert (await post(tenant, web, only_web)).text("error") == "invalid_client_metadata"


async def test_the_template_bounds_a_replacement_too_even_after_the_token_ended(tenant: Tenant) -> None:
    text = await make(tenant, Template(redirect_hosts=("app.test",)))
    registered = await post(tenant, {"redirect_uris": ["https://app.test/cb"]}, text)
    (token,) = await administration.list_tokens(OPERATOR, tenant)
    await administration.revoke(OPERATOR, tenant, token, NOW)
    document = {"client_id": registered.text("client_id"), "redirect_uris": ["https://evil.test/cb"]}
    request = wire_request(
        tenant,
        method="PUT",
        segment=registered.text("client_id"),
        headers=bearer(registered.text("registration_access_token")),
        body=dump_json(document).encode(),
        content_type="application/json",
    )
    assert (await call(configure, request)).text("error") == "invalid_redirect_uri"


async def test_a_machine_may_be_registered_by_a_token_that_says_so(tenant: Tenant) -> None:
    document: dict[str, object] = {"grant_types": ["client_credentials"], "scope": "notes:read notes:purge"}
    assert (await post(tenant, document, await make(tenant))).text("error") == "invalid_client_metadata"
    machine = await post(tenant, document, await make(tenant, MACHINE))
    # A scope that strangers cannot have is given by an operator who named it.
    assert machine.document["scope"] == "notes:read notes:purge"
    headers = basic(machine.text("client_id"), machine.text("client_secret"))
    form = {"grant_type": "client_credentials", "scope": "notes:read"}
    assert (await call(token_endpoint, wire_request(tenant, form, headers=headers))).document["scope"] == "notes:read"
    beyond = {**form, "scope": "files:read"}
    assert (await call(token_endpoint, wire_request(tenant, beyond, headers=headers))).text("error") == "invalid_scope"
    assert (await stored(tenant, machine)).registration.ceiling == ("notes:read", "notes:purge")
