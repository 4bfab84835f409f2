"""What an operator may do to the sessions of people at their browsers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server import grants, projections, sessions
from server.audit import people_events as events

from .act import act
from .authorise import Permission, check_permitted
from .finding import found, turn

if TYPE_CHECKING:
    from uuid import UUID

    from server.kernel.clock import Instant
    from server.kernel.paging import Page, Paging
    from server.projections import AccessFilter, SessionLine
    from server.tenants import Tenant

    from .authorise import Operator


async def page(operator: Operator, tenant: Tenant, shown: AccessFilter, paging: Paging) -> Page[SessionLine]:
    """A page of sessions, the newest first; raises NotPermitted, BadCursor."""
    check_permitted(operator, Permission.READ, tenant.id)
    return await projections.list_sessions(tenant.id, shown, paging)


async def get(operator: Operator, tenant: Tenant, session_id: UUID) -> SessionLine:
    """One session, over or not; raises NotPermitted, Unknown."""
    check_permitted(operator, Permission.READ, tenant.id)
    return found(await projections.find_session(tenant.id, session_id))


async def end(operator: Operator, tenant: Tenant, session_id: UUID, now: Instant) -> None:
    """End a session with the grants that were to last as long as it; idempotent. Raises NotPermitted, Unknown."""
    check_permitted(operator, Permission.MANAGE_USERS, tenant.id)
    async with turn(tenant.id):
        session = await get(operator, tenant, session_id)
        if session.ended_at is not None:
            return
        event = events.SessionTerminated(session.user_id, session_id)
        async with act(operator, Permission.MANAGE_USERS, tenant.id, event, now):
            await sessions.end(tenant.id, session_id, now)
            await grants.revoke_for_session(tenant.id, session_id, now)
