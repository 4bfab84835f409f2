"""The forms of administrators."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from wtforms import BooleanField, RadioField, StringField
from wtforms.validators import InputRequired, ValidationError

from server.roles import AdminRole
from server.users import is_identifier
from web.admin.administrators.place import OF_PLATFORM, ROLES
from web.admin.checks import name_line
from web.admin.forms import LONGEST_TEXT, ConsoleForm, at_most, choices
from web.admin.user.forms import BAD_USERNAME, NEEDS_USERNAME
from web.localization import mark

if TYPE_CHECKING:
    from collections.abc import Sequence

    from server.tenants import Tenant

WHICH_TENANT = mark("Enter the tenant that this role is for.")
NO_TENANT = mark("An owner of the platform owns every tenant: leave this empty.")
NOT_THERE = mark("Nobody can have this role there.")
UNKNOWN_TENANT = mark("No tenant is called like that.")
ONE_OF_THESE = mark("Choose one of these, or enter more of its name.")


class RoleForm(ConsoleForm):
    """One more role: which, and where."""

    role = RadioField(mark("Role"), choices=choices((*OF_PLATFORM, *ROLES)))
    tenant = StringField(mark("Tenant"), [at_most(LONGEST_TEXT)])
    which = RadioField(mark("Tenants that fit"), choices=(), validate_choice=False)  # of those that fit what was typed

    def validate_tenant(self, field: StringField) -> None:
        """One tenant for every role but the platform's owner."""
        owns = self.role.data == AdminRole.PLATFORM_OWNER
        if owns == bool((field.data or "").strip()):
            raise ValidationError(NO_TENANT if owns else WHICH_TENANT)

    def limit_to(self, tenant: Tenant | None) -> Self:
        """The form with only what a tenant can give, in itself; without one as it is."""
        if tenant is not None:
            self.role.choices = choices(ROLES)
            del self.tenant, self.which
        return self

    def offer(self, fitting: Sequence[tuple[str, str]]) -> None:
        """Let the tenant be one of those that fit: pairs of short name and name."""
        self.which.choices = choices((slug, f"{name} ({slug})") for slug, name in fitting)

    def refuse_tenant(self, fitting: Sequence[tuple[str, str]]) -> None:
        """Say that it is not known yet which one of these is meant."""
        if len(fitting) == 1:
            self.which.data = fitting[0][0]
        self.blame("which" if fitting else "tenant", ONE_OF_THESE if fitting else UNKNOWN_TENANT)


class NewAdministratorForm(RoleForm):
    """A person to be made an administrator."""

    username = StringField(mark("Username"), [InputRequired(NEEDS_USERNAME), at_most(LONGEST_TEXT)])

    def validate_username(self, field: StringField) -> None:
        """What can be typed at the login."""
        if not is_identifier((field.data or "").strip()):
            raise ValidationError(BAD_USERNAME)


class NewServiceAccountForm(RoleForm):
    """A program to be let in."""

    name = StringField(mark("Name"), [InputRequired(mark("Enter a name.")), at_most(LONGEST_TEXT), name_line])
    reads_only = BooleanField(mark("It only reads, whatever its role"))
