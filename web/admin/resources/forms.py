"""The forms of resources."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from wtforms import RadioField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import InputRequired, ValidationError

from server.kernel import ids
from server.protocol.errors import InvalidTarget
from server.protocol.resource_indicators import check_resource
from server.resources import Resource, TokenFormat
from web.admin.checks import name_line
from web.admin.forms import LONGEST_TEXT, VersionedForm, at_most, choices, words_of
from web.localization import mark

if TYPE_CHECKING:
    from server.tenants import Origin

LONGEST_LIST = 20_000
BAD_IDENTIFIER = mark("Enter the whole address, such as https://api.acme.test/notes, without a fragment.")
FORMATS = (
    (TokenFormat.JWT.value, mark("JWT: the API checks them by itself")),
    (TokenFormat.OPAQUE.value, mark("opaque: the API asks here each time, and revocation counts at once")),
)


class ResourceForm(VersionedForm):
    """What its tokens are like."""

    display_name = StringField(mark("Name"), [InputRequired(mark("Enter a name.")), at_most(LONGEST_TEXT), name_line])
    scopes = SelectMultipleField(mark("Scopes"), choices=[])
    token_format = RadioField(mark("Access tokens"), choices=choices(FORMATS))
    introspection_clients = TextAreaField(mark("Clients that may introspect its tokens"), [at_most(LONGEST_LIST)])

    def edited(self, resource: Resource) -> Resource:
        """The resource as typed."""
        return replace(
            resource,
            display_name=(self.display_name.data or "").strip(),
            scopes=tuple(self.scopes.data or ()),
            token_format=TokenFormat(self.token_format.data),
            introspection_clients=words_of(self.introspection_clients.data),
        )


class NewResourceForm(ResourceForm):
    """The same with an identifier, which stays."""

    identifier = StringField(mark("Identifier"), [InputRequired(BAD_IDENTIFIER)])

    def validate_identifier(self, field: StringField) -> None:
        """What RFC 8707 allows."""
        try:
            check_resource((field.data or "").strip())
        except InvalidTarget:
            raise ValidationError(BAD_IDENTIFIER) from None

    def made(self, origin: Origin) -> Resource:
        """The new resource."""
        return self.edited(Resource(ids.uuid7(), (self.identifier.data or "").strip(), "", origin=origin))


def resource_form(resource: Resource) -> dict[str, object]:
    """What the form is filled with."""
    return {
        "display_name": resource.display_name,
        "scopes": list(resource.scopes),
        "token_format": resource.token_format.value,
        "introspection_clients": "\n".join(resource.introspection_clients),
    }
