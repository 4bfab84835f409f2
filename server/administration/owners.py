"""Somebody must be left who owns the platform."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server import projections, roles
from server.roles import AdminRole
from server.tenants import SYSTEM_SLUG

if TYPE_CHECKING:
    from uuid import UUID

    from server.tenants import Tenant


class LastOwner(Exception):
    """Nobody else owns the platform, or the tenant; nothing was changed."""


async def check_not_last_owner(tenant: Tenant, user_id: UUID) -> None:
    """Raise LastOwner when this person of the system tenant is the only one who owns the platform.

    Meant to be called in the system tenant's turn: two owners must not remove each other at once. The people of
    other tenants own nothing.
    """
    if tenant.slug != SYSTEM_SLUG:
        return
    held = await roles.memberships_of(tenant.id, user_id)
    if any(membership.role is AdminRole.PLATFORM_OWNER for membership in held):
        await check_other_owner(tenant, None, user_id)


async def check_other_owner(system: Tenant, scope: UUID | None, user_id: UUID) -> None:
    """Raise LastOwner unless another enabled person owns a tenant or, without a scope, the platform."""
    if not await projections.count_other_owners(system.id, scope, user_id):
        raise LastOwner("nobody else would own it")
