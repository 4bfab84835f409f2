"""What the login page shows."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING

from web.foreign_text import MAX_LINE_LENGTH, plain
from web.localization import mark

if TYPE_CHECKING:
    from server.interactions import LoginView
    from web.account.login.forms import LoginForm

WRONG = mark("That name and password do not match. Check both and try again.")
SLOWED_DOWN = mark("There were too many attempts. Wait a while before you try again.")
OUTDATED = mark("This page was out of date. Please try again.")


@dataclass(frozen=True, slots=True)
class FieldError:
    """What is wrong with one field, and its id."""

    field: str
    message: str


@dataclass(frozen=True, slots=True)
class LoginPage:
    """The login page. Messages are in English; the template translates them."""

    csrf: str = dataclasses.field(repr=False)
    username: str
    reauthenticate: bool
    offers_keeping: bool = False
    keep: bool = False
    message: str | None = None
    errors: tuple[FieldError, ...] = ()

    @property
    def is_refused(self) -> bool:
        """Whether a form came back."""
        return self.message is not None or bool(self.errors)

    @property
    def focus(self) -> str:
        """Where the cursor starts: on what went wrong, else on the first empty field."""
        if self.is_refused:
            return "summary"
        return "password" if self.username else "username"

    def error_of(self, name: str) -> str | None:
        """The message beside one field."""
        return next((error.message for error in self.errors if error.field == name), None)


def login_page(view: LoginView, csrf: str) -> LoginPage:
    """The page as it is first seen."""
    return LoginPage(csrf, plain(view.username, MAX_LINE_LENGTH), view.reauthenticate, view.offers_keeping)


def refused_login_page(view: LoginView, csrf: str, form: LoginForm, message: str | None) -> LoginPage:
    """The page with what was typed, but for the password, and what is wrong with it."""
    errors = tuple(FieldError(field.name, str(field.errors[0])) for field in form if field.errors)
    typed = plain(form.username.data, MAX_LINE_LENGTH)
    keep = bool(form.keep.data)
    return LoginPage(csrf, typed, view.reauthenticate, view.offers_keeping, keep, message=message, errors=errors)
