"""The forms of scopes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from wtforms import BooleanField, StringField
from wtforms.validators import InputRequired, ValidationError

from server.protocol.scopes import IDENTITY_SCOPES, is_scope_name
from server.scopes import Scope
from web.admin.checks import one_line
from web.admin.forms import LONGEST_TEXT, VersionedForm, at_most
from web.localization import mark

if TYPE_CHECKING:
    from server.tenants import Origin

LONGEST_DESCRIPTION = 500
BAD_NAME = mark("Use letters, digits and signs of ASCII, without blanks, quotes and backslashes.")


class ScopeForm(VersionedForm):
    """What people read, and who may ask."""

    description = StringField(
        mark("Sentence at consent"),
        [InputRequired(mark("Say what it allows.")), at_most(LONGEST_DESCRIPTION), one_line],
    )
    optional = BooleanField(mark("People may leave it out"))
    sensitive = BooleanField(mark("Set apart at consent, and asked for each time"))
    dynamic = BooleanField(mark("Clients that registered themselves may ask for it"))

    def edited(self, scope: Scope) -> Scope:
        """The scope as typed."""
        return replace(
            scope,
            description=(self.description.data or "").strip(),
            optional=bool(self.optional.data),
            sensitive=bool(self.sensitive.data),
            dynamic=bool(self.dynamic.data),
        )


class NewScopeForm(ScopeForm):
    """The same with a name, which stays."""

    name = StringField(mark("Name"), [InputRequired(mark("Enter a name.")), at_most(LONGEST_TEXT)])

    def validate_name(self, field: StringField) -> None:
        """What the protocol allows, and OpenID Connect has not taken."""
        if not is_scope_name(field.data or ""):
            raise ValidationError(BAD_NAME)
        if field.data in IDENTITY_SCOPES:
            raise ValidationError(mark("OpenID Connect defines this one, and every tenant has it."))

    def made(self, origin: Origin) -> Scope:
        """The new scope."""
        return self.edited(Scope(self.name.data or "", "", origin=origin))


def scope_form(scope: Scope) -> dict[str, object]:
    """What the form is filled with."""
    return {
        "description": scope.description,
        "optional": scope.optional,
        "sensitive": scope.sensitive,
        "dynamic": scope.dynamic,
    }
