"""The form of a new client."""

from __future__ import annotations

from wtforms import SelectMultipleField, StringField, TextAreaField
from wtforms.validators import InputRequired, ValidationError

from server.clients import is_client_id
from web.admin.checks import redirect_uri_lines
from web.admin.forms import LONGEST_TEXT, ConsoleForm, at_most
from web.localization import mark


class NewClientForm(ConsoleForm):
    """What has to be known; everything else can be set later."""

    client_name = StringField(mark("Name"), [InputRequired(mark("Enter a name.")), at_most(LONGEST_TEXT)])
    client_id = StringField("client_id")
    redirect_uris = TextAreaField(mark("Redirect URIs"), [at_most(20_000), redirect_uri_lines])
    scope = SelectMultipleField(mark("Scopes"), choices=[])

    def validate_client_id(self, field: StringField) -> None:
        """Empty, or what the protocol allows."""
        if field.data and not is_client_id(field.data):
            raise ValidationError(mark("Use up to 500 letters, digits and signs of ASCII."))
