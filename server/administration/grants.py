"""What an operator may do to what people allowed clients: to grants that are in force, and to remembered consent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server import grants, projections
from server.audit import people_events as events

from .act import act, note
from .authorise import Permission, check_permitted
from .finding import found, turn

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from uuid import UUID

    from server.grants import Grant
    from server.kernel.clock import Instant
    from server.kernel.paging import Page, Paging
    from server.projections import AccessFilter, Bond, ConsentFilter, ConsentLine, ConsentSum, GrantLine
    from server.tenants import Tenant

    from .authorise import Operator


async def page(operator: Operator, tenant: Tenant, shown: AccessFilter, paging: Paging) -> Page[GrantLine]:
    """A page of the grants of a person or of a client, the newest first; raises NotPermitted, BadCursor.

    Without either it would have to read the grants of everybody: no index is kept for that, which every token paid.
    """
    check_permitted(operator, Permission.READ, tenant.id)
    if shown.user_id is None and shown.client_pk is None:
        raise ValueError("grants are listed for a person or for a client")
    return await projections.list_grants(tenant.id, shown, paging)


async def get(operator: Operator, tenant: Tenant, grant_id: UUID) -> Grant:
    """One grant in whatever state it is; raises NotPermitted, Unknown."""
    check_permitted(operator, Permission.READ, tenant.id)
    return found(await grants.find(tenant.id, grant_id))


async def revoke(operator: Operator, tenant: Tenant, grant_id: UUID, now: Instant) -> None:
    """End a grant with everything issued from it; idempotent. Raises NotPermitted, Unknown."""
    check_permitted(operator, Permission.MANAGE_USERS, tenant.id)
    async with turn(tenant.id):
        grant = await get(operator, tenant, grant_id)
        if grant.revoked_at is None:
            event = events.GrantWithdrawn(grant.user_id, grant.client_pk, grant_id)
            async with act(operator, Permission.MANAGE_USERS, tenant.id, event, now):
                await grants.revoke(tenant.id, grant_id, now)


async def consents(operator: Operator, tenant: Tenant, shown: ConsentFilter, paging: Paging) -> Page[ConsentLine]:
    """A page of what people allowed and is remembered; raises NotPermitted, BadCursor."""
    check_permitted(operator, Permission.READ, tenant.id)
    return await projections.list_consents(tenant.id, shown, paging)


async def consent_sums(
    operator: Operator, tenant: Tenant, bonds: Collection[Bond], now: Instant
) -> Mapping[Bond, ConsentSum]:
    """What hangs on what each of these people allowed each of these clients; raises NotPermitted."""
    check_permitted(operator, Permission.READ, tenant.id)
    return await projections.sum_consents(tenant.id, bonds, now)


async def withdraw(operator: Operator, tenant: Tenant, user_id: UUID, client_pk: UUID, now: Instant) -> int:
    """Forget what a person allowed a client and end the grants; how many permissions were remembered.

    Idempotent; raises NotPermitted.
    """
    check_permitted(operator, Permission.MANAGE_USERS, tenant.id)
    async with turn(tenant.id):
        forgotten = await grants.forget(tenant.id, user_id, client_pk)
        revoked = await grants.revoke_for_user_and_client(tenant.id, user_id, client_pk, now)
        if forgotten or revoked:
            event = events.ConsentWithdrawn(user_id, client_pk, forgotten, revoked)
            await note(operator, tenant.id, event, now)
    return forgotten
