"""The life of keys: made with the tenant, renewed by a background task, or at once when an operator says so.

Everything here may run in several processes at the same time. The worst that happens is a key too many, which is
published like any other and superseded at the next rotation.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from server import audit
from server.kernel import database
from server.kernel.clock import HOUR
from server.kernel.shared_state import shared_state

from . import generation, policy, store
from . import rotation_store as rows
from .records import KeyState

if TYPE_CHECKING:
    from uuid import UUID

    from server.audit import Actor
    from server.kernel.clock import Instant

    from .records import KeyInfo, NewSigningKey


async def ensure_keys(tenant_id: UUID, now: Instant) -> None:
    """Give a tenant whatever key it lacks, active at once; idempotent. Belongs to the creation of a tenant."""
    live = {key.algorithm for key in await rows.list_live(tenant_id)}
    missing = [algorithm for algorithm in policy.ALGORITHMS if algorithm not in live]
    made = [await asyncio.to_thread(generation.generate, algorithm) for algorithm in missing]
    needs_mac = not await rows.list_live_macs(tenant_id)
    if not made and not needs_mac:
        return
    async with database.transaction():
        for key in made:
            await _insert_active(tenant_id, key, now, None)
        if needs_mac:
            await _insert_mac(tenant_id, now, None)
        await store.changed(tenant_id)


async def rotate(tenant_id: UUID, now: Instant, *, actor: Actor | None = None) -> None:
    """Replace every signing key at once, and announce a new MAC key, which `rotate_due` brings into use.

    Resource servers look for a key that they do not know, so no announcement is needed; the old keys stay published.
    """
    made = [await asyncio.to_thread(generation.generate, algorithm) for algorithm in policy.ALGORITHMS]
    async with database.transaction():
        for key in made:
            await _insert_active(tenant_id, key, now, actor)
        await _insert_mac(tenant_id, now, actor)
        await store.changed(tenant_id)


async def retire_now(tenant_id: UUID, kid: str, now: Instant, *, actor: Actor | None = None) -> bool:
    """End a signing key before its time, for one that somebody else may have; false when it is none, or over already.

    It is published no more, and what it signed counts here no more. One that signs is replaced first.
    """
    live = await rows.list_live(tenant_id)
    ending = next((key for key in live if key.kid == kid), None)
    signs = ending is not None and ending.state is KeyState.ACTIVE
    made = await asyncio.to_thread(generation.generate, ending.algorithm) if ending and signs else None
    async with database.transaction():
        if made is not None:
            await _insert_active(tenant_id, made, now, actor)
        if not await rows.end(tenant_id, kid, now):
            return False
        algorithm = next(key.algorithm for key in await store.list_timeline(tenant_id) if key.kid == kid)
        await _note(tenant_id, audit.KeyRotated(kid, algorithm, KeyState.RETIRED), now, actor)
        await store.changed(tenant_id)
    return True


async def rotate_due(now: Instant) -> int:
    """Take every step that is due in any tenant; how many were taken. Run it every minute or so."""
    steps = 0
    for key in await rows.due_for_retirement(now):
        steps += await _retire(key, now)
    for key in await rows.due_for_activation(now):
        steps += await _activate(key, now)
    for key in await rows.due_for_announcement(now - policy.ACTIVE_FOR + policy.ANNOUNCED_FOR):
        steps += await _announce_successor(key, now)
    for tenant_id in await _due_macs(now):
        steps += await _rotate_mac(tenant_id, now)
    return steps


async def _insert_active(tenant_id: UUID, key: NewSigningKey, now: Instant, actor: Actor | None) -> None:
    await rows.insert_signing_key(tenant_id, key, KeyState.ACTIVE, activates_at=now, now=now)
    await _note(tenant_id, audit.KeyRotated(key.kid, key.algorithm, KeyState.ACTIVE), now, actor)
    for old in await rows.supersede(tenant_id, key.algorithm, key.kid, retires_at=now + policy.RETIRING_FOR):
        await _note(tenant_id, audit.KeyRotated(old.kid, old.algorithm, KeyState.RETIRING), now, actor)


async def _insert_mac(tenant_id: UUID, now: Instant, actor: Actor | None) -> None:
    kid = await rows.insert_mac_key(tenant_id, now)
    await _note(tenant_id, audit.KeyRotated(kid, "HS256", KeyState.ANNOUNCED), now, actor)


async def _announce_successor(key: KeyInfo, now: Instant) -> bool:
    # One process is enough to do the slow work.
    if not await shared_state().claim(f"key-successor:{key.tenant_id}:{key.kid}", HOUR):
        return False
    made = await asyncio.to_thread(generation.generate, key.algorithm)
    async with database.transaction():
        activates_at = now + policy.ANNOUNCED_FOR
        await rows.insert_signing_key(key.tenant_id, made, KeyState.ANNOUNCED, activates_at=activates_at, now=now)
        await _note(key.tenant_id, audit.KeyRotated(made.kid, made.algorithm, KeyState.ANNOUNCED), now)
        await store.changed(key.tenant_id)
    return True


async def _activate(key: KeyInfo, now: Instant) -> bool:
    async with database.transaction():
        if not await rows.activate(key.tenant_id, key.kid, now):
            return False
        await _note(key.tenant_id, audit.KeyRotated(key.kid, key.algorithm, KeyState.ACTIVE), now)
        for old in await rows.supersede(key.tenant_id, key.algorithm, key.kid, retires_at=now + policy.RETIRING_FOR):
            await _note(key.tenant_id, audit.KeyRotated(old.kid, old.algorithm, KeyState.RETIRING), now)
        await store.changed(key.tenant_id)
    return True


async def _retire(key: KeyInfo, now: Instant) -> bool:
    async with database.transaction():
        if not await rows.retire(key.tenant_id, key.kid):
            return False
        await _note(key.tenant_id, audit.KeyRotated(key.kid, key.algorithm, KeyState.RETIRED), now)
        await store.changed(key.tenant_id)
    return True


async def _due_macs(now: Instant) -> list[UUID]:
    return await rows.tenants_with_due_macs(now - policy.MAC_ACTIVE_FOR, now - policy.MAC_ANNOUNCED_FOR)


async def _rotate_mac(tenant_id: UUID, now: Instant) -> bool:
    """Announce a second MAC key, or, when every process knows it, let the first one go."""
    live = await rows.list_live_macs(tenant_id)
    # Asked again: of two keys somebody else may have retired one meanwhile, and the one that is left is young.
    if len(live) == 1 and tenant_id not in await _due_macs(now):
        return False
    if len(live) == 1 and not await shared_state().claim(f"mac-successor:{tenant_id}:{live[0]}", HOUR):
        return False
    async with database.transaction():
        if len(live) == 1:
            await _insert_mac(tenant_id, now, None)
        for kid in live[:-1]:
            if await rows.retire_mac(tenant_id, kid, now):
                await _note(tenant_id, audit.KeyRotated(kid, "HS256", KeyState.RETIRED), now)
        await store.changed(tenant_id)
    return True


async def _note(tenant_id: UUID, event: audit.KeyRotated, now: Instant, actor: Actor | None = None) -> None:
    await audit.record(event, tenant_id=tenant_id, now=now, actor=actor)
