"""The login step: a name and a password."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server import audit, credentials, measures, sessions, users
from server.kernel import database, passwords
from server.kernel.clock import DAY

from . import policy, store, throttling
from .authorization import get_client, get_open
from .logout import end_session
from .people import find_signed_in
from .records import InteractionGone, LoggedIn, LoginRefusal, LoginRefused

if TYPE_CHECKING:
    from uuid import UUID

    from server.sessions import Session
    from server.users import User

    from .records import SignedIn, Visit

DEVICE_LIFETIME = 365 * DAY


async def log_in(visit: Visit, handle: str, username: str, password: str, *, keep: bool = False) -> LoggedIn:
    """Sign a person in in this interaction; `keep`: they want to stay so, which counts where the tenant offers it.

    Raises InteractionGone, LoginRefused (the same for an unknown name, a wrong password and a disabled person,
    after the same work), and Overloaded when too many passwords wait to be hashed.
    """
    interaction = await get_open(visit, handle)
    if interaction.client_pk is not None:
        await get_client(visit, interaction)
    name = username if users.is_identifier(username) else ""
    user = await users.find_by_identifier(visit.tenant.id, name)
    known = user is not None and sessions.is_known_device(visit.browser.device, visit.tenant.id, user.id)
    # By the name as it was typed: were the names of one person counted together, the count would tell who exists.
    name_key = users.identifier_key(name)
    await throttling.count_try(visit, name_key, user_id=user.id if user else None, known_device=known)
    if not await _is_password_of(visit, user, password) or user is None:
        await _audit_failure(visit, user)
        measures.login_ended("wrong")
        raise LoginRefused(LoginRefusal.WRONG)
    await throttling.forgive(visit, name_key, known_device=known)
    return await _sign_in(visit, interaction.id, user, keep=keep)


async def _is_password_of(visit: Visit, user: User | None, password: str) -> bool:
    """Whether an enabled person has this password; the same queries and the same hashing for nobody at all."""
    tenant_id = visit.tenant.id
    stored = await credentials.password_of(tenant_id, user.id if user else tenant_id)
    check = await passwords.verify_password(stored, password)
    if user is None or stored is None or not check.matches or not user.enabled:
        return False
    if check.needs_rehash:
        fresh = await passwords.hash_password(password)
        await credentials.replace_password_hash(tenant_id, user.id, stored, fresh, visit.now)
    return True


async def _audit_failure(visit: Visit, user: User | None) -> None:
    await audit.record(
        audit.LoginFailed(subject_id=user.id if user else None), tenant_id=visit.tenant.id, now=visit.now
    )


async def _sign_in(visit: Visit, interaction_id: UUID, user: User, *, keep: bool) -> LoggedIn:
    tenant, settings = visit.tenant, visit.tenant.settings
    keeps = policy.keeps_signed_in(settings, wanted=keep)
    previous = await find_signed_in(visit)
    fresh = sessions.begin(
        tenant.id,
        user.id,
        idle=settings.session_max_lifetime if keeps else settings.session_lifetime,
        longest=settings.session_max_lifetime,
        now=visit.now,
    )
    async with database.transaction():
        session, token = await _replace_session(visit, previous, fresh)
        if not await store.note_login(tenant.id, interaction_id, session.id):
            raise InteractionGone
        await audit.record(
            audit.LoginSucceeded(subject_id=user.id, session_id=session.id), tenant_id=tenant.id, now=visit.now
        )
    measures.login_ended("succeeded")
    return LoggedIn(_cookies(visit, user, token, lasting=keeps))


def _cookies(visit: Visit, user: User, token: str, *, lasting: bool) -> tuple[str, ...]:
    tenant = visit.tenant
    cookies = (
        (sessions.CookieKind.SESSION, token, tenant.settings.session_max_lifetime if lasting else None),
        (sessions.CookieKind.DEVICE, sessions.device_token(tenant.id, user.id), DEVICE_LIFETIME),
    )
    return tuple(
        sessions.set_cookie(tenant.id, kind, value, secure=visit.secure, max_age=max_age)
        for kind, value, max_age in cookies
    )


async def _replace_session(visit: Visit, previous: SignedIn | None, fresh: Session) -> tuple[Session, str]:
    """A person who signs in again keeps their session under a new secret; anybody else ends it (a logout)."""
    if previous is not None and previous.user.id == fresh.user_id:
        renewed = sessions.again(previous.session, fresh)
        token = await sessions.renew(visit.tenant.id, renewed)
        if token is not None:
            return renewed, token
    elif previous is not None:
        await end_session(visit, previous)
    return fresh, await sessions.create(visit.tenant.id, fresh)
