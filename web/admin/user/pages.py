"""One person: profile, password, roles; enabling, disabling, signing out and removing."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from server import credentials
from server.administration import Permission
from server.administration import users as acts
from server.administration.finding import Conflict, version_of
from server.administration.owners import LastOwner
from server.endpoints.wire import redirect
from server.kernel import digests, passwords
from server.kernel.database import AlreadyExists
from server.projections import About
from server.users import InvalidUser, User
from web.admin.conflict import conflicting, versions
from web.admin.forms import NOT_THE_NAME, TAKEN, ConfirmForm
from web.admin.frame import draw
from web.admin.history import last_changes
from web.admin.notices import done
from web.admin.once import keep_once, take_once
from web.admin.roles.forms import offer_roles
from web.admin.rows import does, shows
from web.admin.user.contexts import CredentialsPage, ProfilePage, RolesPage, head_of, name_of
from web.admin.user.forms import BAD_USERNAME, PasswordForm, ProfileForm, RolesForm, fits, profile_form
from web.localization import mark

if TYPE_CHECKING:
    from server.endpoints.wire import WireResponse
    from web.admin.visit import ConsoleVisit

LAST_OWNER = mark("This is the last owner. Somebody else has to be one first.")


async def profile(visit: ConsoleVisit) -> WireResponse:
    """Who it is."""
    user = await _user(visit)
    form = ProfileForm(data={**profile_form(user), "version": version_of(user)})
    return await _draw_profile(visit, user, form, 200)


async def save_profile(visit: ConsoleVisit) -> WireResponse:
    """Change who it is."""
    user, form = await _user(visit), ProfileForm(visit.form)
    if not form.validate():
        return await _draw_profile(visit, user, form, 422)
    version = form.version.data or ""
    try:
        await acts.change(visit.operator, visit.tenant, user.id, form.edited, visit.now, version=version)
    except Conflict as conflict:
        current = profile_form(conflict.current) if isinstance(conflict.current, User) else {}
        return conflicting(visit, conflict, name_of(user), visit.path, versions(form, current))
    except AlreadyExists:
        form.blame("username", TAKEN)
    except InvalidUser:
        form.blame("username", BAD_USERNAME)
    else:
        return done(visit, visit.path, "saved")
    return await _draw_profile(visit, user, form, 422)


async def password(visit: ConsoleVisit) -> WireResponse:
    """How they sign in."""
    user = await _user(visit)
    fresh = await take_once(visit, visit.query.get("fresh"))
    return await _draw_credentials(visit, user, PasswordForm(), 200, fresh)


async def set_password(visit: ConsoleVisit) -> WireResponse:
    """Give them another password; one that is made up is shown once."""
    user, form = await _user(visit), PasswordForm(visit.form)
    typed = form.password.data or ""
    if not form.validate() or (typed and not fits(visit, form, typed)):
        return await _draw_credentials(visit, user, form, 422)
    text = typed or digests.random_token(96)
    hashed = await passwords.hash_password(text)
    await acts.set_password(visit.operator, visit.tenant, user.id, hashed, visit.now)
    if typed:
        return done(visit, visit.path, "saved")
    return redirect(visit.uri("users", user.id, "credentials", fresh=await keep_once(visit, text)))


async def roles(visit: ConsoleVisit) -> WireResponse:
    """What they are to the tenant's applications."""
    user = await _user(visit)
    own = await acts.roles_of(visit.operator, visit.tenant, user.id)
    form = RolesForm(data={"roles": list(own)})
    await offer_roles(visit, form.roles, own)
    return await _draw_roles(visit, user, form, own, 200)


async def save_roles(visit: ConsoleVisit) -> WireResponse:
    """Give them exactly the ticked roles."""
    user, form = await _user(visit), RolesForm(visit.form)
    own = await acts.roles_of(visit.operator, visit.tenant, user.id)
    await offer_roles(visit, form.roles, own)
    if not form.validate():
        return await _draw_roles(visit, user, form, own, 422)
    await acts.give_roles(visit.operator, visit.tenant, user.id, tuple(form.roles.data or ()), visit.now)
    return done(visit, visit.path, "saved")


async def switch(visit: ConsoleVisit) -> WireResponse:
    """Keep somebody out and sign them out, or let them in again."""
    user = await _user(visit)
    enabled = visit.form.get("enabled") == "y"
    try:
        await acts.change(
            visit.operator, visit.tenant, user.id, lambda before: replace(before, enabled=enabled), visit.now
        )
    except LastOwner:
        return await _refuse(visit, user, LAST_OWNER)
    return done(visit, visit.uri("users", user.id), "enabled" if enabled else "disabled")


async def sign_out(visit: ConsoleVisit) -> WireResponse:
    """End everything that they are signed in to."""
    user = await _user(visit)
    await acts.sign_out(visit.operator, visit.tenant, user.id, visit.now)
    return done(visit, visit.uri("users", user.id, "sessions"), "ended")


async def remove(visit: ConsoleVisit) -> WireResponse:
    """Remove a person for good; the username has to be typed."""
    user, form = await _user(visit), ConfirmForm(visit.form)
    if not form.is_for(user.username):
        return await _refuse(visit, user, NOT_THE_NAME)
    try:
        await acts.discard(visit.operator, visit.tenant, user.id, visit.now)
    except LastOwner:
        return await _refuse(visit, user, LAST_OWNER)
    return done(visit, visit.uri("users"), "removed")


async def _user(visit: ConsoleVisit) -> User:
    return await acts.get(visit.operator, visit.tenant, visit.identifier("user"))


async def _refuse(visit: ConsoleVisit, user: User, message: str) -> WireResponse:
    form = ProfileForm(data={**profile_form(user), "version": version_of(user)})
    return await _draw_profile(visit, user, form, 422, confirm_error=message)


async def _draw_profile(
    visit: ConsoleVisit, user: User, form: ProfileForm, status: int, *, confirm_error: str = ""
) -> WireResponse:
    history = await last_changes(visit, About(subject_id=user.id, by_administrators=True))
    page = ProfilePage(head_of(visit, user), form, history, ConfirmForm(), confirm_error)
    return draw(visit, "admin/user/profile.html", page, status=status)


async def _draw_credentials(
    visit: ConsoleVisit, user: User, form: PasswordForm, status: int, fresh: str | None = None
) -> WireResponse:
    has_password = await credentials.password_of(visit.tenant.id, user.id) is not None
    page = CredentialsPage(head_of(visit, user, "credentials"), form, has_password, fresh)
    return draw(visit, "admin/user/credentials.html", page, status=status)


async def _draw_roles(
    visit: ConsoleVisit, user: User, form: RolesForm, own: tuple[str, ...], status: int
) -> WireResponse:
    held = await acts.affiliations_of(visit.operator, visit.tenant, user.id)
    by_groups = tuple(name for name in held.roles if name not in own)
    page = RolesPage(head_of(visit, user, "roles"), form, by_groups)
    return draw(visit, "admin/user/roles.html", page, status=status)


ONE = "/t/<tenant>/users/<user>"
MANAGE = Permission.MANAGE_USERS
ROWS = (
    shows(ONE, profile),
    does(ONE, save_profile, MANAGE),
    shows(f"{ONE}/credentials", password),
    does(f"{ONE}/credentials", set_password, MANAGE),
    shows(f"{ONE}/roles", roles),
    does(f"{ONE}/roles", save_roles, MANAGE),
    does(f"{ONE}/enabled", switch, MANAGE),
    does(f"{ONE}/sign-out", sign_out, MANAGE),
    does(f"{ONE}/remove", remove, MANAGE),
)
