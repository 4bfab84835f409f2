"""The form of an answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wtforms import StringField
from wtforms.validators import InputRequired, ValidationError

from server import trust
from server.administration.trust_verdicts import NewVerdict
from web.admin.checks import one_line
from web.admin.forms import LONGEST_TEXT, ConsoleForm, at_most
from web.localization import mark

if TYPE_CHECKING:
    from wtforms import Field, Form

    from server.kernel.clock import Instant
    from server.trust import Judgement

BAD_DAY = mark("Enter a date such as 2027-06-30, or a time after it.")


def instant(_: Form, field: Field) -> None:
    """An ISO date or time, or nothing."""
    try:
        instant_of(field.data)
    except (ValueError, OverflowError):
        raise ValidationError(BAD_DAY) from None


def instant_of(text: str | None) -> Instant | None:
    """The instant that was typed; raises ValueError or OverflowError."""
    typed = (text or "").strip()
    return trust.parse_instant(typed) if typed else None


class AnswerForm(ConsoleForm):
    """Why, and until when: what a verdict is given with."""

    note = StringField(mark("Reason"), [InputRequired(mark("Say why.")), at_most(LONGEST_TEXT), one_line])
    expires = StringField(mark("Valid until"), [instant])

    def wish(self, judgement: Judgement) -> NewVerdict:
        """The verdict as typed."""
        return NewVerdict(judgement, (self.note.data or "").strip() or None, instant_of(self.expires.data))
