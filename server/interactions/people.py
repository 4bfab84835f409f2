"""Who is signed in in the browser that is asking."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server import sessions, users

from .records import SignedIn

if TYPE_CHECKING:
    from .records import Visit


async def find_signed_in(visit: Visit) -> SignedIn | None:
    """The live session of this browser and its person; None for nobody, or for a disabled person."""
    tenant = visit.tenant
    session = await sessions.find(tenant.id, visit.browser.session_token, visit.now)
    if session is None:
        return None
    user = await users.find(tenant.id, session.user_id)
    if user is None or not user.enabled:
        return None
    await sessions.touch(tenant.id, session, tenant.settings.session_lifetime, visit.now)
    return SignedIn(session, user)
