"""The form of a group."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from wtforms import SelectMultipleField, StringField
from wtforms.validators import InputRequired

from server.administration import roles as role_acts
from server.kernel.paging import MAX_LIMIT, Paging
from server.roles import InvalidGroup, check_group
from web.admin.forms import VersionedForm, at_most, named
from web.admin.roles.forms import LONGEST_DESCRIPTION
from web.localization import mark

if TYPE_CHECKING:
    from server.roles import Group
    from web.admin.visit import ConsoleVisit

LONGEST_NAME = 100


class GroupForm(VersionedForm):
    """What a group is called, what it is for, and the roles that it gives."""

    name = StringField(mark("Name"), [InputRequired(mark("Enter a name.")), at_most(LONGEST_NAME)])
    description = StringField(mark("Description"), [at_most(LONGEST_DESCRIPTION)])
    roles = SelectMultipleField(mark("Roles"), choices=[])

    def edited(self, group: Group) -> Group:
        """The group as typed."""
        return replace(
            group,
            name=" ".join((self.name.data or "").split()),
            description=(self.description.data or "").strip(),
            roles=tuple(sorted(self.roles.data or ())),
        )

    def fits(self, group: Group) -> bool:
        """Whether what was typed can be a group; if not, the form says why."""
        if not self.validate():
            return False
        try:
            check_group(self.edited(group))
        except InvalidGroup:
            self.blame("name", mark("Name or description have characters that cannot be shown."))
            return False
        return True


def group_form(group: Group) -> dict[str, object]:
    """What the form is filled with."""
    return {"name": group.name, "description": group.description, "roles": list(group.roles)}


async def offer_roles(visit: ConsoleVisit, form: GroupForm, given: tuple[str, ...] = ()) -> GroupForm:
    """The form, with every role that can be ticked: those that are given are, however many there are."""
    defined = await role_acts.page(visit.operator, visit.tenant, Paging(MAX_LIMIT))
    form.roles.choices = named(sorted({role.name for role in defined.items}.union(given)))
    return form
