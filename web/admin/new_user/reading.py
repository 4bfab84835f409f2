"""Reading people from CSV (RFC 4180): what can be made of each line, and what is wrong with the others. Pure."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, field, replace

from server.users import is_identifier
from web.localization import mark

MOST_LINES = 1000
COLUMNS = ("username", "email", "name", "email_verified", "roles", "groups")
YES = frozenset({"1", "true", "yes", "y"})

NO_HEADER = mark("The first line must name the columns, among them username.")
UNKNOWN_COLUMN = mark(
    "The first line names a column that is not known. "
    "Known are username, email, name, email_verified, roles and groups."
)
TOO_MANY = mark("These are more than 1000 lines. Import them in several files.")
UNREADABLE = mark("This is no CSV that can be read.")
BAD_NAME = mark("has no usable username")
BAD_EMAIL = mark("has no usable email address")
TWICE = mark("stands here twice")
NO_ROLE = mark("has a role that is not defined:")
NO_GROUP = mark("is in a group that there is not:")


class UnreadableFile(ValueError):
    """The file as a whole cannot be used; the message is a sentence for people, in English."""


@dataclass(frozen=True, slots=True)
class Defined:
    """What the tenant has, by name."""

    roles: frozenset[str]
    groups: frozenset[str]


@dataclass(frozen=True, slots=True)
class Fault:
    """Why nothing can be made of a line, in English; `name` is what it says of which there is none."""

    reason: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class PersonLine:
    """One line, with what is wrong with it."""

    number: int
    username: str
    email: str | None = field(repr=False)
    name: str | None = field(repr=False)
    email_verified: bool
    roles: tuple[str, ...]
    groups: tuple[str, ...]
    wrong: Fault | None = None


def read_people(text: str, defined: Defined) -> tuple[PersonLine, ...]:
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
        line = _line(number, {name: (value or "").strip() for name, value in row.items()})
        lines.append(replace(line, wrong=_fault(line, seen, defined)))
        seen.add(line.username.casefold())
    return tuple(lines)


def _line(number: int, values: dict[str, str]) -> PersonLine:
    return PersonLine(
        number=number,
        username=values["username"],
        email=values.get("email") or None,
        name=values.get("name") or None,
        email_verified=values.get("email_verified", "").lower() in YES,
        roles=tuple(values.get("roles", "").split()),
        # Names of groups have blanks in them.
        groups=tuple(" ".join(name.split()) for name in values.get("groups", "").split(";") if name.strip()),
    )


def _fault(line: PersonLine, seen: set[str], defined: Defined) -> Fault | None:
    username, email = line.username, line.email or ""
    if not is_identifier(username) or ("@" in username and username.casefold() != email.casefold()):
        return Fault(BAD_NAME)
    if email and ("@" not in email.strip("@") or " " in email or not is_identifier(email)):
        return Fault(BAD_EMAIL)
    if username.casefold() in seen:
        return Fault(TWICE)
    if role := next((name for name in line.roles if name not in defined.roles), None):
        return Fault(NO_ROLE, role)
    if group := next((name for name in line.groups if name not in defined.groups), None):
        return Fault(NO_GROUP, group)
    return None
