"""Ending a grant because somebody presented what had been spent. RFC 6749 §4.1.2, RFC 9700 §4.14.2."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server import audit, grants
from server.kernel import database

if TYPE_CHECKING:
    from server.audit import Event
    from server.grants import Grant

    from .records import TokenRequest


async def revoke_replayed(request: TokenRequest, grant: Grant, replay: Event, reason: str) -> None:
    """End the grant and write down why, committed when this returns: the refusal that follows must not undo it."""
    tenant_id, now, actor = request.tenant.id, request.now, audit.Actor.client(request.client.id)
    end = audit.GrantRevoked(grant.id, grant.client_pk, grant.user_id, reason)
    replayed, revoked = (audit.entry(event, tenant_id=tenant_id, now=now, actor=actor) for event in (replay, end))
    if not await grants.revoke(tenant_id, grant.id, now, replayed, revoked):
        await database.write(replayed)
