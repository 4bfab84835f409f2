"""Making one person."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wtforms import PasswordField, RadioField, SelectMultipleField, TextAreaField

from server import users
from server.administration import Permission
from server.administration import users as acts
from server.endpoints.wire import redirect
from server.kernel import digests, passwords
from server.kernel.database import AlreadyExists
from server.roles import InvalidGroup
from server.users import InvalidUser
from web.admin.forms import TAKEN, choices, lines_of
from web.admin.frame import draw
from web.admin.notices import done
from web.admin.once import keep_once
from web.admin.roles.forms import offer_roles
from web.admin.rows import does, shows
from web.admin.user.forms import BAD_USERNAME, NEEDS_USERNAME, NO_GROUP, ProfileForm, fits
from web.localization import mark

if TYPE_CHECKING:
    from server.endpoints.wire import WireResponse
    from server.users import User
    from web.admin.visit import ConsoleVisit

MADE_UP, TYPED, NONE = "made-up", "typed", "none"


class NewUserForm(ProfileForm):
    """Who it is, and how they will sign in the first time."""

    how = RadioField(
        mark("First password"),
        choices=choices(
            [
                (MADE_UP, mark("made up, and shown to you once")),
                (TYPED, mark("typed here")),
                (NONE, mark("none yet")),
            ]
        ),
        default=MADE_UP,
    )
    password = PasswordField(mark("Password"))
    groups = TextAreaField(mark("Groups"))
    roles = SelectMultipleField(mark("Roles"), choices=[])


@dataclass(frozen=True, slots=True)
class NewUserPage:
    """The form."""

    form: NewUserForm
    list_uri: str
    import_uri: str
    api_path: str
    shortest: int  # characters of a password


async def ask(visit: ConsoleVisit) -> WireResponse:
    """Who it shall be."""
    form = NewUserForm()
    await offer_roles(visit, form.roles)
    return _draw(visit, form, 200)


async def create(visit: ConsoleVisit) -> WireResponse:
    """Make them. A password that was made up is shown once."""
    form = NewUserForm(visit.form)
    await offer_roles(visit, form.roles)
    is_good = form.validate()
    if form.how.data == TYPED:
        is_good = fits(visit, form, form.password.data or "") and is_good
    if not is_good:
        return _draw(visit, form, 422)
    text = {MADE_UP: digests.random_token(96), TYPED: form.password.data, NONE: None}[form.how.data or NONE]
    user = await _add(visit, form, text)
    if user is None:
        return _draw(visit, form, 422)
    if text is not None and form.how.data == MADE_UP:
        return redirect(visit.uri("users", user.id, "credentials", fresh=await keep_once(visit, text)))
    return done(visit, visit.uri("users", user.id), "created")


async def _add(visit: ConsoleVisit, form: NewUserForm, password: str | None) -> User | None:
    """The person as typed; None when there can be no such person, and the form says why."""
    new = users.new_user(visit.tenant.id, form.username.data or "", origin=visit.operator.origin, now=visit.now)
    hashed = None if password is None else await passwords.hash_password(password)
    try:
        return await acts.add(
            visit.operator,
            visit.tenant,
            form.edited(new),
            visit.now,
            password_hash=hashed,
            role_names=tuple(form.roles.data or ()),
            group_names=lines_of(form.groups.data),
        )
    except AlreadyExists:
        form.blame("username", TAKEN)
    except InvalidUser:
        form.blame("username", BAD_USERNAME if form.username.data else NEEDS_USERNAME)
    except InvalidGroup:
        form.blame("groups", NO_GROUP)
    return None


def _draw(visit: ConsoleVisit, form: NewUserForm, status: int) -> WireResponse:
    page = NewUserPage(
        form,
        visit.uri("users"),
        visit.uri("users", "import"),
        visit.api("users"),
        visit.tenant.settings.shortest_password,
    )
    return draw(visit, "admin/new_user/form.html", page, status=status)


ROWS = (
    shows("/t/<tenant>/users/new", ask, Permission.MANAGE_USERS),
    does("/t/<tenant>/users/new", create, Permission.MANAGE_USERS),
)
