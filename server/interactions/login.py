"""The login step: a name and a password."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from server import audit, credentials, measures, projections, sessions, users
from server.kernel import database, passwords
from server.kernel.clock import DAY
from server.kernel.faults import Unavailable

from . import policy, redirect, store, throttling
from .authorization import get_client, get_open
from .logout import end_session
from .people import find_signed_in
from .records import InteractionGone, LoggedIn, LoginRefusal, LoginRefused, SignedIn
from .steps import step_of

if TYPE_CHECKING:
    from server.kernel.database import Statement
    from server.projections import LoginLine
    from server.sessions import Session
    from server.users import User

    from .records import Interaction, SendTo, Visit

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
    found = await projections.find_login(visit.tenant.id, name)
    user = found.user if found else None
    known = user is not None and sessions.is_known_device(visit.browser.device, visit.tenant.id, user.id)
    # By the name as it was typed: were the names of one person counted together, the count would tell who exists.
    name_key = users.identifier_key(name)
    await throttling.count_try(visit, name_key, user_id=user.id if user else None, known_device=known)
    if not await _is_password_of(visit, found, password) or user is None:
        await _audit_failure(visit, user)
        measures.login_ended("wrong")
        raise LoginRefused(LoginRefusal.WRONG)
    await throttling.forgive(visit, name_key, known_device=known)
    session, token = await _sign_in(visit, interaction, user, keep=keep)
    measures.login_ended("succeeded")
    send_to = await _leave_at_once(visit, interaction, SignedIn(session, user))
    return LoggedIn(_cookies(visit, user, token, keep=keep), send_to)


async def _is_password_of(visit: Visit, found: LoginLine | None, password: str) -> bool:
    """Whether an enabled person has this password; the same hashing for nobody at all."""
    check = await passwords.verify_password(found.password_hash if found else None, password)
    if found is None or found.password_hash is None or not check.matches or not found.user.enabled:
        return False
    if check.needs_rehash:
        fresh = await passwords.hash_password(password)
        await credentials.replace_password_hash(visit.tenant.id, found.user.id, found.password_hash, fresh, visit.now)
    return True


async def _audit_failure(visit: Visit, user: User | None) -> None:
    await audit.record(
        audit.LoginFailed(subject_id=user.id if user else None), tenant_id=visit.tenant.id, now=visit.now
    )


async def _sign_in(visit: Visit, interaction: Interaction, user: User, *, keep: bool) -> tuple[Session, str]:
    """The session of somebody who gave their password, and the secret for its cookie; raises InteractionGone."""
    settings, keeps = visit.tenant.settings, policy.keeps_signed_in(visit.tenant.settings, wanted=keep)
    fresh = sessions.begin(
        visit.tenant.id,
        user.id,
        idle=settings.session_max_lifetime if keeps else settings.session_lifetime,
        longest=settings.session_max_lifetime,
        now=visit.now,
    )
    previous = await find_signed_in(visit)
    if previous is None:
        return await _begin_session(visit, interaction, fresh)
    async with database.transaction():
        return await _replace_session(visit, interaction, previous, fresh)


async def _replace_session(
    visit: Visit, interaction: Interaction, previous: SignedIn, fresh: Session
) -> tuple[Session, str]:
    """A person who signs in again keeps their session under a new secret; anybody else ends it (a logout)."""
    if previous.user.id != fresh.user_id:
        await end_session(visit, previous)
        return await _begin_session(visit, interaction, fresh)
    renewed = sessions.again(previous.session, fresh)
    token = await sessions.renew(visit.tenant.id, renewed)
    if token is None:
        return await _begin_session(visit, interaction, fresh)
    await _note(visit, interaction, renewed)
    return renewed, token


async def _begin_session(visit: Visit, interaction: Interaction, session: Session) -> tuple[Session, str]:
    row, token = sessions.new_row(visit.tenant.id, session)
    await _note(visit, interaction, session, row)
    return session, token


async def _note(visit: Visit, interaction: Interaction, session: Session, *rows: Statement) -> None:
    """Write down that somebody signed in in this interaction, with the rows; raises InteractionGone."""
    event = audit.LoginSucceeded(subject_id=session.user_id, session_id=session.id)
    told = audit.entry(event, tenant_id=visit.tenant.id, now=visit.now)
    if not await store.note_login(visit.tenant.id, interaction.id, session.id, *rows, told):
        raise InteractionGone


async def _leave_at_once(visit: Visit, interaction: Interaction, signed_in: SignedIn) -> SendTo | None:
    """Save the browser a way where no step is left. What fails here fails no login: the next step will say it."""
    if interaction.client_pk is None:
        return None
    now_signed_in = replace(interaction, session_id=signed_in.session.id, shown=None, agreed=None)
    try:
        step = await step_of(visit, now_signed_in, await get_client(visit, interaction), signed_in)
        return None if step is None else await redirect.leave_at_once(step)
    except (InteractionGone, Unavailable):
        return None


def _cookies(visit: Visit, user: User, token: str, *, keep: bool) -> tuple[str, ...]:
    tenant = visit.tenant
    lasting = policy.keeps_signed_in(tenant.settings, wanted=keep)
    cookies = (
        (sessions.CookieKind.SESSION, token, tenant.settings.session_max_lifetime if lasting else None),
        (sessions.CookieKind.DEVICE, sessions.device_token(tenant.id, user.id), DEVICE_LIFETIME),
    )
    return tuple(
        sessions.set_cookie(tenant.id, kind, value, secure=visit.secure, max_age=max_age)
        for kind, value, max_age in cookies
    )
