"""The form of a role."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from wtforms import StringField
from wtforms.validators import InputRequired, ValidationError

from server.roles import LONGEST_DESCRIPTION, InvalidRole, check_role_name
from web.admin.checks import one_line
from web.admin.forms import VersionedForm, at_most
from web.localization import mark

if TYPE_CHECKING:
    from server.roles import Role


class RoleForm(VersionedForm):
    """What a role is called, and what it is for."""

    name = StringField(mark("Name"), [InputRequired(mark("Enter a name."))])
    description = StringField(mark("Description"), [at_most(LONGEST_DESCRIPTION), one_line])

    def validate_name(self, field: StringField) -> None:
        """What can stand in a claim."""
        try:
            check_role_name((field.data or "").strip())
        except InvalidRole:
            raise ValidationError(
                mark("Use 1 to 100 letters and digits; the characters _ . : - may stand between them.")
            ) from None

    def edited(self, role: Role) -> Role:
        """The role as typed."""
        return replace(role, name=(self.name.data or "").strip(), description=(self.description.data or "").strip())


def role_form(role: Role) -> dict[str, str]:
    """What the form is filled with."""
    return {"name": role.name, "description": role.description}
