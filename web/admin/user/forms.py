"""The forms of one person."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from wtforms import BooleanField, PasswordField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import InputRequired, ValidationError

from server.credentials import InvalidPassword, check_password
from server.users import is_identifier
from web.admin.bulk import check_number
from web.admin.forms import LONGEST_TEXT, ConsoleForm, VersionedForm, at_most, lines_of
from web.localization import mark

if TYPE_CHECKING:
    from server.users import User
    from web.admin.visit import ConsoleVisit

LONGEST_EMAIL = 254
NEEDS_USERNAME = mark("Enter a username.")
BAD_USERNAME = mark("This cannot be a username.")
BAD_EMAIL = mark("This is no email address.")
BAD_PASSWORD = mark("Use at least %(count)s characters.")
NO_GROUP = mark("Not every line is the name of a group. Write each name as the list of groups has it.")


class ProfileForm(VersionedForm):
    """Who somebody is."""

    username = StringField(mark("Username"), [InputRequired(NEEDS_USERNAME), at_most(LONGEST_TEXT)])
    name = StringField(mark("Name"), [at_most(LONGEST_TEXT)])
    email = StringField(mark("Email address"), [at_most(LONGEST_EMAIL)])
    email_verified = BooleanField(mark("The address was verified"))

    def validate_username(self, field: StringField) -> None:
        """What can be typed at the login, and is nobody else's address."""
        name = (field.data or "").strip()
        if not is_identifier(name):
            raise ValidationError(BAD_USERNAME)
        if "@" in name and name.casefold() != (self.email.data or "").strip().casefold():
            raise ValidationError(mark("A username with an @ must be the same as the email address."))

    def validate_email(self, field: StringField) -> None:
        """An address, or nothing."""
        address = (field.data or "").strip()
        if address and ("@" not in address.strip("@") or not is_identifier(address) or " " in address):
            raise ValidationError(BAD_EMAIL)

    def validate_name(self, field: StringField) -> None:
        """A line of text."""
        if not (field.data or "").isprintable():
            raise ValidationError(mark("The name has characters that cannot be shown."))

    def edited(self, user: User) -> User:
        """The person as typed."""
        return replace(
            user,
            username=(self.username.data or "").strip(),
            name=(self.name.data or "").strip() or None,
            email=(self.email.data or "").strip() or None,
            email_verified=bool(self.email_verified.data),
        )


class PasswordForm(ConsoleForm):
    """Another password; empty for one that is made up."""

    password = PasswordField(mark("New password"))


class RolesForm(ConsoleForm):
    """What somebody is to the tenant's applications."""

    roles = SelectMultipleField(mark("Roles"), choices=[])


class GroupsForm(ConsoleForm):
    """Groups that somebody is to be put into."""

    groups = TextAreaField(mark("Groups"))

    def validate_groups(self, field: TextAreaField) -> None:
        """Some, and as many as can be shown."""
        check_number(lines_of(field.data))

    def names(self) -> tuple[str, ...]:
        """What was typed, each once."""
        return tuple(dict.fromkeys(lines_of(self.groups.data)))


def fits(visit: ConsoleVisit, form: ConsoleForm, password: str) -> bool:
    """Whether the tenant takes a password that was typed; if not, the form says why."""
    shortest = visit.tenant.settings.shortest_password
    try:
        check_password(password, shortest=shortest)
    except InvalidPassword:
        form.blame("password", visit.language.say(BAD_PASSWORD) % {"count": shortest})
        return False
    return True


def profile_form(user: User) -> dict[str, object]:
    """What the profile form is filled with."""
    return {
        "username": user.username,
        "name": user.name,
        "email": user.email,
        "email_verified": user.email_verified,
    }
