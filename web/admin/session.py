"""Who is signed in to the console.

The console's cookie names the grant that the person got by signing in, and a MAC proves that we wrote it. It counts
only beside the session in which that grant was made: signing out of the system tenant, ending the session, revoking
the grant or disabling the person each end the console at once.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from server import clients, grants, roles, sessions, users
from server.administration import CONSOLE, Operator
from server.kernel import digests, encryption, ids
from server.kernel.clock import DAY
from web.admin.visit import Seat

if TYPE_CHECKING:
    from uuid import UUID

    from server.administration.streams import Readmit
    from server.grants import Grant
    from server.kernel.clock import Instant
    from server.sessions import Session
    from server.tenants import Tenant
    from web.admin.visit import Site

PURPOSE = "console-session"
LATELY = DAY  # as long as grants are kept after their end: a page may stay open overnight


def token_for(system: Tenant, grant_id: UUID) -> str:
    """The value of the cookie for a grant."""
    return f"{ids.to_short(grant_id)}.{_mac(encryption.derive(PURPOSE), system, grant_id)}"


def grant_of(system: Tenant, token: str | None) -> UUID | None:
    """The grant that a cookie of ours names, whether it still lives or not."""
    short, _, mac = (token or "").partition(".")
    grant_id = ids.from_short(short)
    if grant_id is None:
        return None
    made = (_mac(key, system, grant_id) for key in encryption.derive_each(PURPOSE))
    return grant_id if any(digests.equal(mac, known) for known in made) else None


async def find_seat(site: Site) -> Seat | None:
    """Who is signed in; None for nobody. Three queries; being here keeps the session alive."""
    found = await _find(site)
    if found is None:
        return None
    seat, session = found
    await sessions.touch(site.system.id, session, site.system.settings.session_lifetime, site.now)
    return seat


def readmitting(site: Site) -> Readmit:
    """What finds out who sits here later on, while an answer is still being sent; that keeps no session alive."""

    async def readmit(now: Instant) -> Operator | None:
        found = await _find(replace(site, now=now))
        return None if found is None else found[0].operator

    return readmit


async def _find(site: Site) -> tuple[Seat, Session] | None:
    system, browser = site.system, site.browser
    grant_id = grant_of(system, browser.console)
    session = await sessions.find(system.id, browser.session_token, site.now) if grant_id else None
    if grant_id is None or session is None:
        return None
    grant = await grants.find(system.id, grant_id)
    if grant is None or grant.session_id != session.id or not await _is_live(site, grant, at=site.now):
        return None
    user = await users.find(system.id, grant.user_id)
    if user is None or not user.enabled:
        return None
    operator = Operator.administrator(user.id, await roles.memberships_of(system.id, user.id))
    return Seat(browser.console or "", user, operator), session


async def find_former(site: Site) -> UUID | None:
    """The grant of whoever was signed in until lately, and was not signed out: not revoked, and of somebody enabled."""
    grant_id = grant_of(site.system, site.browser.console)
    grant = await grants.find(site.system.id, grant_id) if grant_id else None
    if grant is None or not await _is_live(site, grant, at=site.now - LATELY):
        return None
    user = await users.find(site.system.id, grant.user_id)
    return grant.id if user is not None and user.enabled else None


async def _is_live(site: Site, grant: Grant, at: Instant) -> bool:
    if grant.revoked_at is not None or grant.redeemed_at is None or grant.expires_at <= at:
        return False
    client = await clients.find_by_pk(site.system.id, grant.client_pk)
    return client is not None and client.client_id == CONSOLE


def _mac(key: bytes, system: Tenant, grant_id: UUID) -> str:
    return digests.b64url(digests.hmac_sha256(key, system.id.bytes, grant_id.bytes))
