"""The consent form."""

from __future__ import annotations

from enum import StrEnum

from wtforms import Form, SelectMultipleField, StringField
from wtforms.validators import AnyOf


class Decision(StrEnum):
    """What the buttons of the consent page say."""

    ALLOW = "allow"
    DENY = "deny"
    SWITCH_ACCOUNT = "switch_account"


class ConsentForm(Form):
    """A decision, the person who was shown the page and its language, and the optional scopes left on.

    Scopes that were never offered are harmless: what is granted is cut to what was asked.
    """

    decision = StringField(validators=[AnyOf(list(Decision))])
    person = StringField()
    language = StringField()
    scope = SelectMultipleField(choices=[], validate_choice=False)
