"""What an operator may do with the audit log of a tenant: read it, take it along, and have it verified."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server import audit
from server.kernel.clock import HOUR

from .authorise import Permission, check_permitted

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence
    from uuid import UUID

    from server.audit import AuditEntry, ChainStatus, Filters, Format, Page, Verified
    from server.kernel.clock import Instant
    from server.tenants import Tenant

    from .authorise import Operator

LONGEST_TAIL = HOUR  # then rights are looked at again
LARGEST_PAGE = 200


async def search(operator: Operator, tenant: Tenant, filters: Filters, cursor: UUID | None, limit: int) -> Page:
    """A page of events, newest first, in one query; at most 200 of them."""
    check_permitted(operator, Permission.READ, tenant.id)
    return await audit.search(tenant.id, filters, cursor, max(1, min(limit, LARGEST_PAGE)))


async def find(operator: Operator, tenant: Tenant, event_id: UUID) -> AuditEntry | None:
    """One event."""
    check_permitted(operator, Permission.READ, tenant.id)
    return await audit.find(tenant.id, event_id)


async def chain_status(operator: Operator, tenant: Tenant) -> ChainStatus:
    """How far the chain has come: the last seal and checkpoint, and what retention took."""
    check_permitted(operator, Permission.READ, tenant.id)
    return await audit.chain_status(tenant.id)


async def export(
    operator: Operator, tenant: Tenant, filters: Filters, form: Format, now: Instant
) -> AsyncIterator[tuple[int, str]]:
    """The events that fit, oldest first, in pieces: how many events each has, and its text. That it began is audited.

    Raises NotPermitted with the first piece.
    """
    check_permitted(operator, Permission.READ, tenant.id)
    event = audit.AuditExported(form.value, filters.event, filters.since, filters.until)
    await audit.record(event, tenant_id=tenant.id, now=now, actor=operator.actor)
    async for piece in audit.export(tenant.id, filters, form):
        yield piece


async def verify(
    operator: Operator,
    tenant: Tenant,
    exported: str | None = None,
    progress: Callable[[int, int], None] = lambda _, __: None,
) -> Verified:
    """Check the whole chain, against a checkpoint kept elsewhere too; raises BrokenChain, ForeignCheckpoint."""
    check_permitted(operator, Permission.READ, tenant.id)
    return await audit.verify(tenant.id, exported, progress)


async def checkpoint(operator: Operator, tenant: Tenant, now: Instant) -> str:
    """A signed checkpoint of all that is sealed, to be kept elsewhere; raises NoChain."""
    check_permitted(operator, Permission.READ, tenant.id)
    await audit.seal_new(now)
    return await audit.checkpoint_now(tenant.id, now)


def tail(
    operator: Operator, tenant: Tenant, filters: Filters, now: Instant, after: UUID | None = None
) -> AsyncIterator[Sequence[AuditEntry]]:
    """New events that fit, or those since one that is seconds old, for an hour at most; raises NotPermitted at once."""
    check_permitted(operator, Permission.READ, tenant.id)
    return audit.tail(tenant.id, filters, now + LONGEST_TAIL, after)
