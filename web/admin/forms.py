"""What the forms of the console have in common: what was typed is kept, what is wrong stands beside its field."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wtforms import Form, HiddenField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs
from wtforms.validators import Length

from web.localization import mark

if TYPE_CHECKING:
    from collections.abc import Iterable

LONGEST_TEXT = 200

TAKEN = mark("This is taken already.")
TOO_LONG = mark("This is too long.")
# What WTForms itself says.
NOT_OFFERED = mark("Not a valid choice.")
NO_NUMBER = mark("Not a valid integer value.")
NOT_THE_NAME = mark("This is not the name.")
MISFIT = mark("These settings do not fit together. Nothing was saved.")


class ConsoleForm(Form):
    """A form about something new."""

    def blame(self, field: str | None, message: str) -> None:
        """Say what is wrong with a field, or with the form as a whole, after it was validated."""
        if field is None:
            self.form_errors.append(message)
        else:
            self[field].errors = [*self[field].errors, message]


class VersionedForm(ConsoleForm):
    """A form about something that is there: `version` is the state that its page showed."""

    version = HiddenField()


class ConfirmForm(VersionedForm):
    """What cannot be undone is confirmed by typing the name of what it happens to."""

    confirmation = StringField()

    def is_for(self, name: str) -> bool:
        """Whether the name was typed."""
        return (self.confirmation.data or "").strip() == name


def at_most(length: int) -> Length:
    """A validator of texts that go on for too long."""
    return Length(max=length, message=TOO_LONG)


def choices(pairs: Iterable[tuple[str, str]]) -> list[SelectChoice]:
    """Options for a field: pairs of a value and what it is called, in English."""
    return [SelectChoice(value, label) for value, label in pairs]


def named(values: Iterable[str]) -> list[SelectChoice]:
    """Options that are called what they are."""
    return [SelectChoice(value, value) for value in values]


def lines_of(text: str | None) -> tuple[str, ...]:
    """The lines of a text area, without blanks around them and without empty ones."""
    return tuple(line.strip() for line in (text or "").splitlines() if line.strip())


def words_of(text: str | None) -> tuple[str, ...]:
    """The words of a field, each once, in the order typed."""
    return tuple(dict.fromkeys((text or "").replace(",", " ").split()))
