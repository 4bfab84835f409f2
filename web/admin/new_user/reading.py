"""Reading people from CSV (RFC 4180): what can be made of each line, and what is wrong with the others. Pure."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, field

from server.users import is_identifier
from web.localization import mark

MOST_LINES = 1000
COLUMNS = ("username", "email", "name", "email_verified", "roles")
YES = frozenset({"1", "true", "yes", "y"})

NO_HEADER = mark("The first line must name the columns, among them username.")
UNKNOWN_COLUMN = mark(
    "The first line names a column that is not known. Known are username, email, name, email_verified and roles."
)
TOO_MANY = mark("These are more than 1000 lines. Import them in several files.")
UNREADABLE = mark("This is no CSV that can be read.")
BAD_NAME = mark("has no usable username")
BAD_EMAIL = mark("has no usable email address")
TWICE = mark("stands here twice")
NO_ROLE = mark("has a role that is not defined")


class UnreadableFile(ValueError):
    """The file as a whole cannot be used; the message is a sentence for people, in English."""


@dataclass(frozen=True, slots=True)
class PersonLine:
    """One line; `wrong` says why nothing can be made of it, in English."""

    number: int
    username: str
    email: str | None = field(repr=False)
    name: str | None = field(repr=False)
    email_verified: bool
    roles: tuple[str, ...]
    wrong: str | None


def read_people(text: str, defined: frozenset[str]) -> tuple[PersonLine, ...]:
    """Every line with what is wrong with it; raises UnreadableFile."""
    try:
        rows = list(csv.DictReader(io.StringIO(text.strip()), strict=True))
    except csv.Error:
        raise UnreadableFile(UNREADABLE) from None
    if not rows or "username" not in rows[0]:
        raise UnreadableFile(NO_HEADER)
    if not set(rows[0]) <= set(COLUMNS):
        raise UnreadableFile(UNKNOWN_COLUMN)
    if len(rows) > MOST_LINES:
        raise UnreadableFile(TOO_MANY)
    seen: set[str] = set()
    lines: list[PersonLine] = []
    for number, row in enumerate(rows, start=2):
        line = _line(number, {name: (value or "").strip() for name, value in row.items()}, seen, defined)
        seen.add(line.username.casefold())
        lines.append(line)
    return tuple(lines)


def _line(number: int, values: dict[str, str], seen: set[str], defined: frozenset[str]) -> PersonLine:
    username, email = values["username"], values.get("email", "")
    roles = tuple(values.get("roles", "").split())
    wrong = None
    if not is_identifier(username) or ("@" in username and username.casefold() != email.casefold()):
        wrong = BAD_NAME
    elif email and ("@" not in email.strip("@") or " " in email or not is_identifier(email)):
        wrong = BAD_EMAIL
    elif username.casefold() in seen:
        wrong = TWICE
    elif not defined.issuperset(roles):
        wrong = NO_ROLE
    verified = values.get("email_verified", "").lower() in YES
    return PersonLine(number, username, email or None, values.get("name") or None, verified, roles, wrong)
