"""What an operator may do to the sessions of people at their browsers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server import grants, projections, sessions
from server.audit import people_events as events
from server.kernel.paging import Paging

from .act import act, note
from .authorise import Permission, check_permitted
from .finding import found, turn

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from uuid import UUID

    from server.kernel.clock import Instant
    from server.kernel.paging import Page
    from server.projections import AccessFilter, SessionLine
    from server.tenants import Tenant

    from .authorise import Operator

AT_ONCE = 1000  # so many are ended by one act; who wants more ended acts again


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


async def named(operator: Operator, tenant: Tenant, session_ids: Collection[UUID]) -> Mapping[UUID, SessionLine]:
    """Those of these sessions that are still kept, over or not; raises NotPermitted."""
    check_permitted(operator, Permission.READ, tenant.id)
    return await projections.find_sessions(tenant.id, session_ids)


async def end_many(
    operator: Operator, tenant: Tenant, session_ids: Collection[UUID], now: Instant
) -> tuple[SessionLine, ...]:
    """End those of these sessions that last, with their grants, in one transaction; those that did last.

    Raises NotPermitted.
    """
    check_permitted(operator, Permission.MANAGE_USERS, tenant.id)
    async with turn(tenant.id):
        kept = await named(operator, tenant, session_ids)
        living = tuple(line for line in kept.values() if line.lives(now))
        await sessions.end_among(tenant.id, [line.id for line in living], now)
        await grants.revoke_for_sessions(tenant.id, [line.id for line in living], now)
        for line in living:
            await note(operator, tenant.id, events.SessionTerminated(line.user_id, line.id), now)
    return living


async def end_all(operator: Operator, tenant: Tenant, shown: AccessFilter, now: Instant) -> tuple[int, bool]:
    """End the newest sessions that fit, at most `AT_ONCE`: how many there were, and whether more are left.

    Raises NotPermitted.
    """
    check_permitted(operator, Permission.MANAGE_USERS, tenant.id)
    fitting = await page(operator, tenant, shown, Paging(AT_ONCE))
    ended = await end_many(operator, tenant, [line.id for line in fitting.items], now)
    return len(ended), fitting.next_cursor is not None
