"""What an operator may know of what happened lately."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server import projections

from .authorise import Permission, check_permitted

if TYPE_CHECKING:
    from collections.abc import Mapping

    from server.kernel.clock import Instant
    from server.kernel.paging import Page, Paging
    from server.projections import About, Happening
    from server.tenants import Tenant

    from .authorise import Operator


async def page(operator: Operator, tenant: Tenant, about: About, paging: Paging) -> Page[Happening]:
    """A page of events, the newest first; raises NotPermitted, BadCursor."""
    check_permitted(operator, Permission.READ, tenant.id)
    return await projections.list_happenings(tenant.id, about, paging)


async def by_day(operator: Operator, tenant: Tenant, since: Instant, days: int) -> Mapping[str, tuple[int, ...]]:
    """How often each event happened on each day; raises NotPermitted."""
    check_permitted(operator, Permission.READ, tenant.id)
    return await projections.count_by_day(tenant.id, since, days)
