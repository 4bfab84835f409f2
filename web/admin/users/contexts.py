"""What the list of people shows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from server.kernel import ids
from web.foreign_text import MAX_LINE_LENGTH, MAX_NAME_LENGTH, plain

if TYPE_CHECKING:
    from server.projections import PersonLine
    from web.admin.listing import ListFrame
    from web.admin.users.bulk import Act
    from web.admin.visit import ConsoleVisit


@dataclass(frozen=True, slots=True)
class PersonEntry:
    """One person in the list."""

    id: str
    uri: str
    username: str
    name: str
    email: str = field(repr=False)
    email_verified: bool
    enabled: bool
    created: str


@dataclass(frozen=True, slots=True)
class PeoplePage:
    """The list."""

    people: tuple[PersonEntry, ...]
    list: ListFrame
    may_manage: bool
    acts: tuple[Act, ...]
    uri: str
    api_path: str


def person_entry(visit: ConsoleVisit, line: PersonLine) -> PersonEntry:
    """One line; what people call themselves is cleaned here."""
    return PersonEntry(
        id=ids.to_short(line.id),
        uri=visit.uri("users", line.id),
        username=plain(line.username, MAX_LINE_LENGTH),
        name=plain(line.name, MAX_NAME_LENGTH),
        email=plain(line.email, MAX_LINE_LENGTH),
        email_verified=line.email_verified,
        enabled=line.enabled,
        created=visit.language.date(line.created_at),
    )
