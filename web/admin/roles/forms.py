"""The form of a role."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from wtforms import SelectMultipleField, StringField
from wtforms.validators import InputRequired, ValidationError

from server.administration import roles as acts
from server.kernel.paging import MAX_LIMIT, Paging
from server.roles import LONGEST_DESCRIPTION, InvalidRole, check_role_name
from web.admin.checks import one_line
from web.admin.forms import VersionedForm, at_most, named
from web.localization import mark

if TYPE_CHECKING:
    from server.roles import Role
    from web.admin.visit import ConsoleVisit


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


def role_form(role: Role) -> dict[str, object]:
    """What the form is filled with."""
    return {"name": role.name, "description": role.description}


async def offer_roles(visit: ConsoleVisit, field: SelectMultipleField, given: tuple[str, ...] = ()) -> None:
    """Let roles of the tenant be ticked, as many as a list shows, and those that are given, however many there are."""
    defined = await acts.page(visit.operator, visit.tenant, Paging(MAX_LIMIT))
    field.choices = named(sorted({role.name for role in defined.items}.union(given)))
