"""What tokens leave in the database, and what is recognized when it comes back."""

from __future__ import annotations

from dataclasses import replace

import pytest

from server import keys, tokens
from server.kernel import database, ids
from server.kernel.batches import Unit
from server.kernel.clock import DAY
from server.keys import policy
from server.protocol.errors import InvalidRequest, InvalidScope
from server.resources import TokenFormat
from server.tenants import Tenant
from server.tokens import Entitlement, GrantHolder, Order, store
from server.tokens.records import OpaqueToken
from tests.issuing import NOW, make_client, make_grant, make_tenant, make_user

pytestmark = pytest.mark.usefixtures("storage")


def opaque(expires_at: int = NOW + DAY) -> OpaqueToken:
    return OpaqueToken(
        id=ids.uuid7(),
        client_pk=ids.uuid7(),
        grant_id=None,
        audience=("https://a.test/", "https://b.test/"),
        scope=("notes:read",),
        issued_at=NOW,
        expires_at=expires_at,
    )


async def test_opaque_token_is_found_by_its_text_at_its_tenant() -> None:
    tenant, token = ids.uuid7(), opaque()
    await database.write(store.row_of(tenant, "text", token))
    assert await store.find_opaque(tenant, "text") == token
    assert await store.find_opaque(tenant, "other text") is None
    assert await store.find_opaque(ids.uuid7(), "text") is None


async def test_opaque_token_is_revoked_once() -> None:
    tenant, token = ids.uuid7(), opaque()
    await database.write(store.row_of(tenant, "text", token))
    assert not await store.revoke_opaque(ids.uuid7(), token.id, NOW)
    assert await store.revoke_opaque(tenant, token.id, NOW)
    assert not await store.revoke_opaque(tenant, token.id, NOW)


async def test_a_jwt_that_would_be_too_long_for_us_to_read_is_not_issued() -> None:
    tenant = await make_tenant()
    client, scope = await make_client(tenant, "wide"), tuple(f"{number:02}-{'x' * 90}" for number in range(70))
    with pytest.raises(InvalidScope):
        await tokens.issue_for_client(tenant, client, Entitlement((tenant.issuer,), scope, TokenFormat.JWT), NOW)
    fewer = Entitlement((tenant.issuer,), scope[:50], TokenFormat.JWT)
    issued = await tokens.issue_for_client(tenant, client, fewer, NOW)
    assert await tokens.find_access_token(tenant, issued.text, NOW)


async def test_jwt_is_revoked_once_and_at_its_tenant() -> None:
    tenant = ids.uuid7()
    assert await store.revoke_jti(tenant, "jti", NOW + DAY, NOW)
    assert not await store.revoke_jti(tenant, "jti", NOW + DAY, NOW)
    assert await store.is_jti_revoked(tenant, "jti")
    assert not await store.is_jti_revoked(ids.uuid7(), "jti")
    assert not await store.is_jti_revoked(tenant, "other")


async def test_revocations_of_many_processes_lock_in_one_order(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two that end the same JWTs at once would wait for each other, unless both begin with the same one."""
    tenant, orders, submit = ids.uuid7(), [], database._writes.submit

    async def watched(unit: Unit) -> bool:
        orders.append(unit.order)
        return await submit(unit)

    monkeypatch.setattr(database._writes, "submit", watched)
    for jti in ("b", "a"):
        await store.revoke_jti(tenant, jti, NOW + DAY, NOW)
    assert orders == [(str(tenant), "b"), (str(tenant), "a")]


async def test_sweep_takes_what_expired_at_every_tenant_a_batch_at_a_time() -> None:
    tenant, other = ids.uuid7(), ids.uuid7()
    for owner in (tenant, other):
        rows = store.row_of(owner, "text", opaque(NOW)), store.row_of(owner, "later", opaque(NOW + 1))
        await database.write(*rows)
        await store.revoke_jti(owner, "jti", NOW, NOW)
    assert await tokens.sweep(NOW, 10) == 0
    assert await tokens.sweep(NOW + 1, 1) == 2
    assert await tokens.sweep(NOW + 1, 10) == 2
    assert await tokens.sweep(NOW + 1, 10) == 0
    assert [await store.find_opaque(owner, "text") for owner in (tenant, other)] == [None, None]
    assert await store.find_opaque(tenant, "later") is not None


async def test_id_token_is_recognized_long_after_it_and_its_key_have_ended() -> None:
    tenant = await make_tenant()
    text, subject = await _id_token(tenant)
    later = NOW + 400 * DAY
    await keys.rotate(tenant.id, later)
    await keys.rotate_due(later + policy.RETIRING_FOR)
    hint = await tokens.read_id_token_hint(tenant, text)
    assert (hint.subject, hint.client_id) == (subject, "app")


async def test_hint_that_is_no_id_token_of_this_tenant_is_refused() -> None:
    tenant, globex = await make_tenant(), await make_tenant("globex")
    text, _ = await _id_token(tenant)
    access_token = await _access_token(tenant)
    foreign, _ = await _id_token(globex)
    for refused in (access_token, foreign, text[:-4] + "AAAA", "a.b.c", "", "ü", "e30.e30.e30", "W10.W10.W10"):
        with pytest.raises(InvalidRequest):
            await tokens.read_id_token_hint(tenant, refused)


async def test_hint_of_a_former_issuer_is_refused() -> None:
    tenant = await make_tenant()
    text, _ = await _id_token(tenant)
    with pytest.raises(InvalidRequest):
        await tokens.read_id_token_hint(replace(tenant, issuer="https://auth.acme.test"), text)


async def _issue(tenant: Tenant) -> tuple[tokens.Issued, str]:
    client, user = await make_client(tenant), await make_user(tenant)
    grant = await make_grant(tenant, client, user)
    entitlement = await tokens.entitle_grant(tenant, grant, grant.scope, ())
    order = Order(entitlement, grant.scope, 1)
    return await tokens.issue(tenant, GrantHolder(grant, user, client), order, NOW), user.sub


async def _id_token(tenant: Tenant) -> tuple[str, str]:
    issued, subject = await _issue(tenant)
    assert issued.response.id_token is not None
    return issued.response.id_token, subject


async def _access_token(tenant: Tenant) -> str:
    client = await make_client(tenant, "other")
    entitlement = tokens.Entitlement((tenant.issuer,), (), TokenFormat.JWT)
    return (await tokens.issue_for_client(tenant, client, entitlement, NOW)).text
