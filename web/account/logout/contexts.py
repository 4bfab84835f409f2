"""What the logout pages show."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from web.account.error.contexts import place_name
from web.foreign_text import MAX_NAME_LENGTH, plain

if TYPE_CHECKING:
    from server.users import User


@dataclass(frozen=True, slots=True)
class LogoutPage:
    """The question."""

    csrf: str = field(repr=False)
    name: str
    username: str
    message: str | None = None


@dataclass(frozen=True, slots=True)
class LoggedOutPage:
    """The answer, and where the person may go on to."""

    continue_uri: str | None
    continue_host: str
    blocked: bool = False  # the application wanted to send them where nobody is sent


def logout_page(person: User, csrf: str, message: str | None = None) -> LogoutPage:
    """The question, put to the person who is signed in."""
    name = plain(person.name or person.username, MAX_NAME_LENGTH)
    return LogoutPage(csrf, name, plain(person.username, MAX_NAME_LENGTH), message)


def logged_out_page(continue_uri: str | None, *, blocked: bool = False) -> LoggedOutPage:
    """The answer; the URI is one that the client registered."""
    return LoggedOutPage(continue_uri, place_name(continue_uri) if continue_uri else "", blocked)
