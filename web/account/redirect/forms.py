"""The form of the destination page."""

from __future__ import annotations

from enum import StrEnum

from wtforms import Form, StringField
from wtforms.validators import AnyOf


class Decision(StrEnum):
    """What the buttons of the destination page say."""

    CONTINUE = "continue"
    CANCEL = "cancel"
    REPORT = "report"


class RedirectForm(Form):
    """A decision; what it is about was noted when the page was shown."""

    decision = StringField(validators=[AnyOf(list(Decision))])
