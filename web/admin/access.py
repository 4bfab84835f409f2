"""Sessions and grants as the lists of a person, of a client and of the tenant show them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from server.kernel import ids
from web.devices import device_of
from web.foreign_text import MAX_LINE_LENGTH, MAX_NAME_LENGTH, plain
from web.localization import mark

if TYPE_CHECKING:
    from server.projections import GrantLine, SessionLine
    from web.admin.visit import ConsoleVisit

STATES = (("", mark("in force")), ("all", mark("all")))


@dataclass(frozen=True, slots=True)
class SessionEntry:
    """A browser that somebody is, or was, signed in with."""

    id: str
    person: str
    person_uri: str
    device: str
    address: str
    begun: str
    last_seen: str
    expires: str
    methods: str
    lives: bool


@dataclass(frozen=True, slots=True)
class GrantEntry:
    """What a person allowed a client; `party` is the one of the two whose list it does not stand in."""

    id: str
    party: str
    party_uri: str
    scope: str
    created: str
    last_used: str | None
    lives: bool


def session_entry(visit: ConsoleVisit, line: SessionLine) -> SessionEntry:
    """One session."""
    say = visit.language.time
    return SessionEntry(
        id=ids.to_short(line.id),
        person=plain(line.username, MAX_NAME_LENGTH),
        person_uri=visit.uri("users", line.user_id),
        device=device_of(line.user_agent),
        address=line.remote_address or "",
        begun=say(line.created_at),
        last_seen=say(line.last_seen_at),
        expires=say(line.ended_at or line.expires_at),
        methods=", ".join(line.amr),
        lives=line.lives(visit.now),
    )


def grant_to_client(visit: ConsoleVisit, line: GrantLine) -> GrantEntry:
    """One grant in the list of the person who gave it."""
    return _grant(visit, line, plain(line.client_id, MAX_LINE_LENGTH), visit.uri("clients", line.client_pk))


def grant_of_person(visit: ConsoleVisit, line: GrantLine) -> GrantEntry:
    """One grant in the list of the client that has it."""
    return _grant(visit, line, plain(line.username, MAX_NAME_LENGTH), visit.uri("users", line.user_id))


def _grant(visit: ConsoleVisit, line: GrantLine, party: str, party_uri: str) -> GrantEntry:
    used = line.last_used_at or line.redeemed_at
    return GrantEntry(
        id=ids.to_short(line.id),
        party=party,
        party_uri=party_uri,
        scope=" ".join(line.scope),
        created=visit.language.time(line.created_at),
        last_used=visit.language.time(used) if used else None,
        lives=line.revoked_at is None and line.expires_at > visit.now,
    )
