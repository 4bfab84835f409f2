"""The grant row as a state machine, on the real database."""

from __future__ import annotations

import asyncio
from uuid import UUID

import pytest

from server import grants
from server.grants import CODE_LIFETIME, GRACE_USES
from server.kernel import database, ids
from server.kernel.clock import DAY, SECOND
from server.protocol.claims import ClaimsRequest
from tests.issuing import CHALLENGE, NOW, SignedIn, make_client, make_grant, make_tenant, make_user

pytestmark = pytest.mark.usefixtures("storage")

LATER = NOW + SECOND
END = NOW + 30 * DAY


async def test_grant_comes_back_as_it_was_stored() -> None:
    tenant = await make_tenant()
    claims = ClaimsRequest.parse('{"id_token": {"acr": {"essential": true, "values": ["a", "b"]}}}')
    grant = await make_grant(
        tenant, await make_client(tenant), await make_user(tenant), targets=("https://a.test/",), claims=claims
    )
    found = await grants.find(tenant.id, grant.id)
    assert found == grant
    assert (grant.code_challenge, grant.offline, grant.expires_at) == (CHALLENGE, True, NOW + CODE_LIFETIME)


@pytest.mark.rfc("6749", "4.1.2")
async def test_code_is_claimed_once_however_many_try() -> None:
    tenant, grant = await _grant()
    wins = await asyncio.gather(
        *(grants.claim_code(tenant, grant, generation=1, expires_at=END, now=LATER) for _ in range(20))
    )
    assert sum(wins) == 1


async def test_code_is_not_claimed_after_a_minute() -> None:
    tenant, grant = await _grant()
    late = NOW + CODE_LIFETIME
    assert not await grants.claim_code(tenant, grant, generation=1, expires_at=END, now=late)
    assert await grants.claim_code(tenant, grant, generation=1, expires_at=END, now=late - 1)


async def test_revoked_grant_answers_no_claim() -> None:
    tenant, grant = await _grant()
    assert await grants.revoke(tenant, grant, LATER)
    assert not await grants.revoke(tenant, grant, LATER)
    assert not await grants.claim_code(tenant, grant, generation=1, expires_at=END, now=LATER)
    tenant, grant = await _redeemed("other")
    await grants.revoke(tenant, grant, LATER)
    assert not await grants.rotate(tenant, grant, 1, expires_at=END, now=LATER)
    assert not await grants.use_grace(tenant, grant, 0, rotated_after=NOW, now=LATER)


async def test_one_of_many_rotations_wins_and_the_others_have_grace() -> None:
    tenant, grant = await _redeemed()
    wins = await asyncio.gather(*(grants.rotate(tenant, grant, 1, expires_at=END, now=LATER) for _ in range(5)))
    assert sum(wins) == 1
    graced = await asyncio.gather(
        *(grants.use_grace(tenant, grant, 1, rotated_after=NOW, now=LATER) for _ in range(GRACE_USES + 3))
    )
    assert sum(graced) == GRACE_USES


async def test_rotation_gives_grace_anew() -> None:
    tenant, grant = await _redeemed()
    for generation in (1, 2):
        assert await grants.rotate(tenant, grant, generation, expires_at=END, now=LATER)
        for _ in range(GRACE_USES):
            assert await grants.use_grace(tenant, grant, generation, rotated_after=NOW, now=LATER)


async def test_grace_is_for_the_generation_before_the_current_one_only() -> None:
    tenant, grant = await _redeemed()
    await grants.rotate(tenant, grant, 1, expires_at=END, now=LATER)
    await grants.rotate(tenant, grant, 2, expires_at=END, now=LATER)
    assert not await grants.use_grace(tenant, grant, 1, rotated_after=NOW, now=LATER)
    assert not await grants.use_grace(tenant, grant, 3, rotated_after=NOW, now=LATER)
    assert await grants.use_grace(tenant, grant, 2, rotated_after=NOW, now=LATER)


async def test_grace_ends_with_its_window() -> None:
    tenant, grant = await _redeemed()
    await grants.rotate(tenant, grant, 1, expires_at=END, now=LATER)
    assert not await grants.use_grace(tenant, grant, 1, rotated_after=LATER + 1, now=LATER + 2)
    assert await grants.use_grace(tenant, grant, 1, rotated_after=LATER, now=LATER + 2)


async def test_a_clock_that_was_set_back_does_not_stretch_the_grace() -> None:
    tenant, grant = await _redeemed()
    await grants.rotate(tenant, grant, 1, expires_at=END, now=LATER)
    assert not await grants.use_grace(tenant, grant, 1, rotated_after=LATER - 20, now=LATER - 11)
    assert await grants.use_grace(tenant, grant, 1, rotated_after=LATER - 20, now=LATER - 10)


async def test_grant_without_refresh_token_never_rotates() -> None:
    tenant, grant = await _grant()
    await grants.claim_code(tenant, grant, generation=0, expires_at=END, now=LATER)
    assert not await grants.rotate(tenant, grant, 0, expires_at=END, now=LATER)


async def test_expired_refresh_token_does_not_rotate() -> None:
    tenant, grant = await _redeemed()
    assert not await grants.rotate(tenant, grant, 1, expires_at=END + DAY, now=END)


async def test_every_step_is_of_one_tenant() -> None:
    tenant, grant = await _redeemed()
    other = (await make_tenant("globex")).id
    assert await grants.find(other, grant) is None
    assert not await grants.claim_code(other, grant, generation=1, expires_at=END, now=LATER)
    assert not await grants.rotate(other, grant, 1, expires_at=END, now=LATER)
    assert not await grants.use_grace(other, grant, 0, rotated_after=NOW, now=LATER)
    assert not await grants.revoke(other, grant, LATER)
    assert await grants.find(tenant, grant) is not None


async def test_logout_ends_what_was_to_last_as_long_as_the_session() -> None:
    tenant = await make_tenant()
    client, user, session = await make_client(tenant), await make_user(tenant), SignedIn()
    bound = await make_grant(tenant, client, user, scope="openid", session=session)
    offline = await make_grant(tenant, client, user, scope="openid offline_access", session=session)
    elsewhere = await make_grant(tenant, client, user, scope="openid")
    assert await grants.revoke_for_session(tenant.id, session.id, LATER) == 1
    states = [await grants.find(tenant.id, grant.id) for grant in (bound, offline, elsewhere)]
    assert [state is not None and state.revoked_at for state in states] == [LATER, None, None]


async def test_grants_end_by_person_and_by_client() -> None:
    tenant = await make_tenant()
    app, other = await make_client(tenant), await make_client(tenant, "other")
    ada, bob = await make_user(tenant), await make_user(tenant, "bob")
    await make_grant(tenant, app, ada)
    await make_grant(tenant, other, ada)
    await make_grant(tenant, app, bob)
    globex = (await make_tenant("globex")).id
    assert await grants.revoke_for_user(globex, ada.id, LATER) == 0
    assert await grants.revoke_for_client(globex, app.id, LATER) == 0
    assert await grants.revoke_for_user(tenant.id, ada.id, LATER) == 2
    assert await grants.revoke_for_client(tenant.id, app.id, LATER) == 1


async def test_grants_end_by_a_name_in_their_scope() -> None:
    tenant = await make_tenant()
    app, ada = await make_client(tenant), await make_user(tenant)
    for scope in ("openid groups", "groups", "groups:read subgroups"):
        await make_grant(tenant, app, ada, scope=scope)
    assert await grants.revoke_with_scope((await make_tenant("globex")).id, "groups", LATER) == 0
    assert await grants.revoke_with_scope(tenant.id, "groups", LATER) == 2
    assert await grants.revoke_with_scope(tenant.id, "groups", LATER) == 0


async def test_sweep_takes_what_expired_and_nothing_else() -> None:
    tenant, grant = await _grant()
    assert await grants.sweep(NOW + CODE_LIFETIME, 10) == 0
    assert await grants.sweep(NOW + CODE_LIFETIME + 1, 10) == 1
    assert await grants.find(tenant, grant) is None


async def test_consent_is_remembered_for_client_origin_and_metadata() -> None:
    tenant, user, client = (await make_tenant()).id, ids.uuid7(), ids.uuid7()
    permissions = frozenset({("", "openid"), ("https://api.test/", "notes:read"), ("https://api.test/", "")})
    key = {"redirect_origin": "https://app.test", "metadata_digest": "d" * 64}
    await database.write(*grants.rows_of_consent(tenant, user, client, **key, permissions=permissions, now=NOW))
    assert await grants.remembered(tenant, user, client, **key) == permissions
    assert await grants.remembered(ids.uuid7(), user, client, **key) == frozenset()
    assert await grants.remembered(tenant, ids.uuid7(), client, **key) == frozenset()
    assert await grants.remembered(tenant, user, ids.uuid7(), **key) == frozenset()
    for changed in ({"redirect_origin": "https://app2.test"}, {"metadata_digest": "e" * 64}):
        assert await grants.remembered(tenant, user, client, **{**key, **changed}) == frozenset()


async def test_consent_to_a_changed_client_replaces_the_former_one() -> None:
    tenant, user, client = (await make_tenant()).id, ids.uuid7(), ids.uuid7()
    before = {"redirect_origin": "https://app.test", "metadata_digest": "d" * 64}
    after = {**before, "metadata_digest": "e" * 64}
    both, one = frozenset({("", "openid"), ("", "email")}), frozenset({("", "openid")})
    await database.write(*grants.rows_of_consent(tenant, user, client, **before, permissions=both, now=NOW))
    await database.write(*grants.rows_of_consent(tenant, user, client, **after, permissions=one, now=LATER))
    assert await grants.remembered(tenant, user, client, **after) == {("", "openid")}
    assert await grants.remembered(tenant, user, client, **before) == {("", "email")}


async def test_consent_is_forgotten_with_its_person() -> None:
    tenant, user, client = (await make_tenant()).id, ids.uuid7(), ids.uuid7()
    key = {"redirect_origin": "https://app.test", "metadata_digest": "d" * 64}
    permissions = frozenset({("", "openid")})
    await database.write(*grants.rows_of_consent(tenant, user, client, **key, permissions=permissions, now=NOW))
    await grants.forget_for_user(ids.uuid7(), user)
    assert await grants.remembered(tenant, user, client, **key) == permissions
    await grants.forget_for_user(tenant, user)
    assert await grants.remembered(tenant, user, client, **key) == frozenset()


async def _grant(slug: str = "acme") -> tuple[UUID, UUID]:
    tenant = await make_tenant(slug)
    return tenant.id, (await make_grant(tenant, await make_client(tenant), await make_user(tenant))).id


async def _redeemed(slug: str = "acme") -> tuple[UUID, UUID]:
    tenant, grant = await _grant(slug)
    assert await grants.claim_code(tenant, grant, generation=1, expires_at=END, now=NOW)
    return tenant, grant


async def test_consent_is_forgotten_by_scope() -> None:
    tenant, other, user, client = ids.uuid7(), ids.uuid7(), ids.uuid7(), ids.uuid7()
    key = {"redirect_origin": "https://app.test", "metadata_digest": "d" * 64}
    both = frozenset({("", "openid"), ("", "groups")})
    for owner in (tenant, other):
        await database.write(*grants.rows_of_consent(owner, user, client, **key, permissions=both, now=NOW))
    await grants.forget_scope(tenant, "groups")
    assert await grants.remembered(tenant, user, client, **key) == {("", "openid")}
    assert await grants.remembered(other, user, client, **key) == both
