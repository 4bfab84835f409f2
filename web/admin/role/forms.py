"""To whom a role is to be given."""

from __future__ import annotations

from wtforms import TextAreaField
from wtforms.validators import ValidationError

from web.admin.bulk import MOST
from web.admin.forms import ConsoleForm, words_of
from web.localization import mark


class GiveForm(ConsoleForm):
    """People by what they are called at the login."""

    people = TextAreaField(mark("Usernames or email addresses"))

    def validate_people(self, field: TextAreaField) -> None:
        """Some, and as many as can be shown."""
        if not words_of(field.data):
            raise ValidationError(mark("Enter at least one."))
        if len(words_of(field.data)) > MOST:
            raise ValidationError(mark("These are too many at once: at most 200."))
