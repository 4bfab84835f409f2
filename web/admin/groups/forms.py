"""The form of a group."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from wtforms import SelectMultipleField, StringField
from wtforms.validators import InputRequired

from server.roles import LONGEST_DESCRIPTION, LONGEST_GROUP_NAME
from web.admin.checks import name_line, one_line
from web.admin.forms import VersionedForm, at_most
from web.localization import mark

if TYPE_CHECKING:
    from server.roles import Group


def single_blanks(text: str | None) -> str:
    """A name as it is kept: blanks around it do not count, and between words one does."""
    return " ".join((text or "").split())


class GroupForm(VersionedForm):
    """What a group is called, what it is for, and the roles that it gives."""

    name = StringField(
        mark("Name"),
        [InputRequired(mark("Enter a name.")), at_most(LONGEST_GROUP_NAME), name_line],
        filters=[single_blanks],
    )
    description = StringField(mark("Description"), [at_most(LONGEST_DESCRIPTION), one_line])
    roles = SelectMultipleField(mark("Roles"), choices=[])

    def edited(self, group: Group) -> Group:
        """The group as typed."""
        return replace(
            group,
            name=self.name.data or "",
            description=(self.description.data or "").strip(),
            roles=tuple(sorted(set(self.roles.data or ()))),
        )


def group_form(group: Group) -> dict[str, object]:
    """What the form is filled with."""
    return {"name": group.name, "description": group.description, "roles": list(group.roles)}
