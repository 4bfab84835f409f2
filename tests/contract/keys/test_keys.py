"""A tenant's keys from their making to their end, on the real database."""

from __future__ import annotations

import asyncio
from uuid import UUID

import pytest
from joserfc.jwk import KeySet

from server import keys
from server.kernel import cache, database, encryption, ids
from server.kernel.clock import DAY, MINUTE
from server.keys import Algorithm, KeyState, NoSuchKey, policy
from tests.issuing import NOW

pytestmark = pytest.mark.usefixtures("storage")

RENEWAL = NOW + policy.ACTIVE_FOR - policy.ANNOUNCED_FOR


async def test_tenant_has_a_key_for_each_algorithm_and_publishes_no_private_part() -> None:
    tenant = await _tenant()
    published = await keys.public_keys(tenant)
    assert [jwk.get("alg", jwk["kty"]) for jwk in published] == ["ES256", "OKP", "RS256"]
    assert all("d" not in jwk and jwk["use"] == "sig" for jwk in published)


async def test_keys_are_made_once() -> None:
    tenant = await _tenant()
    before = await keys.public_keys(tenant)
    await keys.ensure_keys(tenant, NOW + DAY)
    assert await keys.public_keys(tenant) == before


@pytest.mark.rfc("7638", "3")
async def test_key_id_is_the_thumbprint() -> None:
    tenant = await _tenant()
    published = KeySet.import_key_set({"keys": [dict(jwk) for jwk in await keys.public_keys(tenant)]})
    assert all(key.kid == key.thumbprint() for key in published.keys)


@pytest.mark.parametrize("alg", ["ES256", "RS256", "Ed25519"])
async def test_signature_verifies_with_the_published_key(alg: str) -> None:
    tenant = await _tenant()
    key = await keys.signing_key(tenant, alg)
    signature = key.sign(b"data")
    public = await keys.find_verification_key(tenant, key.kid)
    assert public is not None
    assert public.is_signature(signature, b"data")
    assert not public.is_signature(signature, b"other data")
    assert not public.is_signature(signature[:-1], b"data")


async def test_another_tenant_sees_no_key() -> None:
    tenant, other = await _tenant(), ids.uuid7()
    kid = (await keys.signing_key(tenant, "ES256")).kid
    assert await keys.public_keys(other) == ()
    assert await keys.mac_keys(other) == {}
    assert await keys.find_verification_key(other, kid) is None
    with pytest.raises(NoSuchKey):
        await keys.signing_key(other, "ES256")
    with pytest.raises(NoSuchKey):
        await keys.mac_key(other)


async def test_name_of_a_key_that_could_not_be_one_finds_nothing() -> None:
    tenant = await _tenant()
    assert await keys.find_verification_key(tenant, "a\x00b") is None
    assert await keys.find_verification_key(tenant, "ключ") is None


async def test_successor_is_announced_then_signs_and_the_old_key_retires() -> None:
    tenant = await _tenant()
    old = {alg: (await keys.signing_key(tenant, alg)).kid for alg in Algorithm}

    assert await keys.rotate_due(RENEWAL - 1) == 0
    assert await keys.rotate_due(RENEWAL) == 3
    assert len(await keys.public_keys(tenant)) == 6
    assert {alg: (await keys.signing_key(tenant, alg)).kid for alg in Algorithm} == old
    assert await keys.rotate_due(RENEWAL + 1) == 0

    activation = RENEWAL + policy.ANNOUNCED_FOR
    assert await keys.rotate_due(activation) == 3
    fresh = {alg: (await keys.signing_key(tenant, alg)).kid for alg in Algorithm}
    assert not set(fresh.values()) & set(old.values())
    assert len(await keys.public_keys(tenant)) == 6

    assert await keys.rotate_due(activation + policy.RETIRING_FOR) == 3
    assert {jwk["kid"] for jwk in await keys.public_keys(tenant)} == set(fresh.values())


async def test_several_processes_take_each_step_once() -> None:
    tenant = await _tenant()
    for now in (RENEWAL, RENEWAL + policy.ANNOUNCED_FOR, RENEWAL + policy.ANNOUNCED_FOR + policy.RETIRING_FOR):
        steps = await asyncio.gather(*(keys.rotate_due(now) for _ in range(3)))
        assert sum(steps) == 3
    assert len(await keys.public_keys(tenant)) == 3
    year = NOW + policy.MAC_ACTIVE_FOR
    await keys.rotate(tenant, NOW + policy.ACTIVE_FOR)
    for now in (year + DAY, year + 2 * DAY):
        await asyncio.gather(*(keys.rotate_due(now) for _ in range(3)))
    retired = await database.rows("SELECT kid FROM mac_key WHERE tenant_id = $1 AND retired_at IS NULL", tenant)
    assert len(retired) == 1


async def test_what_is_missing_is_made_and_nothing_else() -> None:
    tenant = await _tenant()
    mac, published = await keys.mac_key(tenant), await keys.public_keys(tenant)
    await database.execute("DELETE FROM signing_key WHERE tenant_id = $1 AND alg = $2", tenant, "ES256")
    await keys.ensure_keys(tenant, NOW + DAY)
    assert await keys.mac_key(tenant) == mac
    made = {jwk["kid"] for jwk in await keys.public_keys(tenant)} - {jwk["kid"] for jwk in published}
    assert made == {(await keys.signing_key(tenant, "ES256")).kid}


async def test_retired_key_is_recognized_and_cannot_sign_again() -> None:
    tenant = await _tenant()
    kid = (await keys.signing_key(tenant, "ES256")).kid
    await keys.rotate(tenant, NOW + DAY)
    await keys.rotate_due(NOW + DAY + policy.RETIRING_FOR)
    assert kid not in {jwk["kid"] for jwk in await keys.public_keys(tenant)}
    assert await keys.find_verification_key(tenant, kid) is not None
    row = await database.row("SELECT sealed_private FROM signing_key WHERE tenant_id = $1 AND kid = $2", tenant, kid)
    assert row is not None
    assert row["sealed_private"] == ""


async def test_rotation_on_demand_counts_at_once_and_keeps_the_old_keys_published() -> None:
    tenant = await _tenant()
    old = await keys.signing_key(tenant, "ES256")
    await keys.rotate(tenant, NOW + DAY)
    new = await keys.signing_key(tenant, "ES256")
    assert new.kid != old.kid
    assert {old.kid, new.kid} <= {jwk["kid"] for jwk in await keys.public_keys(tenant)}


async def test_announced_key_recognizes_nothing_yet() -> None:
    tenant = await _tenant()
    before = {jwk["kid"] for jwk in await keys.public_keys(tenant)}
    await keys.rotate_due(RENEWAL)
    announced = {jwk["kid"] for jwk in await keys.public_keys(tenant)} - before
    assert [await keys.find_verification_key(tenant, kid) for kid in announced] == [None] * 3


async def test_new_mac_key_is_known_everywhere_before_it_makes_anything() -> None:
    tenant = await _tenant()
    first = await keys.mac_key(tenant)
    year = NOW + policy.MAC_ACTIVE_FOR
    await keys.rotate(tenant, year)
    assert await keys.mac_key(tenant) == first
    assert len(await keys.mac_keys(tenant)) == 2
    await keys.rotate_due(year + policy.MAC_ANNOUNCED_FOR)
    second = await keys.mac_key(tenant)
    assert second != first
    assert (await keys.mac_keys(tenant))[first.kid] == first


async def test_mac_key_is_renewed_after_a_year() -> None:
    tenant = await _tenant()
    first = await keys.mac_key(tenant)
    year = NOW + policy.MAC_ACTIVE_FOR
    await keys.rotate_due(year - 1)
    assert len(await keys.mac_keys(tenant)) == 1
    await keys.rotate_due(year)
    assert len(await keys.mac_keys(tenant)) == 2
    await keys.rotate_due(year + MINUTE)
    assert await keys.mac_key(tenant) != first


@pytest.mark.parametrize("alg", ["ES256", "RS256"])
async def test_key_that_is_ended_signs_no_more_and_is_replaced(alg: str) -> None:
    tenant, other = await _tenant(), await _tenant()
    kid = (await keys.signing_key(tenant, alg)).kid
    assert not await keys.retire_now(other, kid, NOW)
    assert await keys.retire_now(tenant, kid, NOW + 1)
    assert not await keys.retire_now(tenant, kid, NOW + 2)
    assert (await keys.signing_key(tenant, alg)).kid != kid
    assert kid not in {jwk["kid"] for jwk in await keys.public_keys(tenant)}
    ended = await keys.find_verification_key(tenant, kid)
    assert ended is not None
    assert ended.is_retired
    (times,) = [times for times in await keys.list_timeline(tenant) if times.kid == kid]
    assert (times.state, times.retires_at) == (KeyState.RETIRED, NOW + 1)


async def test_key_that_is_only_announced_is_ended_without_another_in_its_place() -> None:
    tenant = await _tenant()
    await keys.rotate_due(RENEWAL)
    announced = [times for times in await keys.list_timeline(tenant) if times.state is KeyState.ANNOUNCED]
    before = (await keys.signing_key(tenant, "ES256")).kid
    assert await keys.retire_now(tenant, announced[0].kid, RENEWAL)
    assert (await keys.signing_key(tenant, "ES256")).kid == before
    assert len(await keys.list_timeline(tenant)) == 2 * len(Algorithm)


async def test_every_step_is_audited() -> None:
    tenant = await _tenant()
    await keys.rotate(tenant, NOW + DAY)
    rows = await database.rows(
        "SELECT event, actor_kind, details FROM audit_event WHERE tenant_id = $1 ORDER BY id", tenant
    )
    assert {row["event"] for row in rows} == {"key.rotated"}
    assert len(rows) == 4 + 7


async def test_rewrapping_brings_every_key_under_the_new_master_secret() -> None:
    tenant = await _tenant()
    mac = await keys.mac_key(tenant)
    former, current = "a master secret that only tests know", "another master secret that only tests know"
    try:
        encryption.open_master_secrets(current, former)
        assert await keys.rewrap() == 4
        assert await keys.rewrap() == 0
        encryption.open_master_secrets(current)
        cache.drop_everything()
        assert await keys.mac_key(tenant) == mac
        await keys.signing_key(tenant, "RS256")
    finally:
        encryption.open_master_secrets(former)


async def _tenant() -> UUID:
    tenant = ids.uuid7()
    await keys.ensure_keys(tenant, NOW)
    return tenant
