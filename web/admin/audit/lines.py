"""Events of the audit log as lists show them: one line each, with the names of those concerned."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from server import audit
from server.administration import audit_names
from server.audit import ActorKind, Outcome
from server.kernel import ids
from web.admin.history import COMMAND_LINE
from web.foreign_text import MAX_LINE_LENGTH, MAX_NAME_LENGTH, plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from server.audit import Actor, AuditEntry
    from server.projections import Names
    from web.admin.visit import ConsoleVisit


@dataclass(frozen=True, slots=True)
class Link:
    """What something is called, and its page where it has one."""

    text: str
    uri: str | None = None


@dataclass(frozen=True, slots=True)
class EventLine:
    """One event."""

    id: str
    uri: str
    event: str
    failed: bool
    iso: str
    when: str
    actor: Link
    person: Link | None
    client: Link | None
    address: str


async def lines_of(visit: ConsoleVisit, entries: Sequence[AuditEntry]) -> tuple[EventLine, ...]:
    """The lines of some events; in one query."""
    if not entries:
        return ()
    known = await audit_names.names(visit.operator, visit.tenant, visit.site.system, entries)
    return tuple(line_of(visit, entry, known) for entry in entries)


def line_of(visit: ConsoleVisit, entry: AuditEntry, known: Names) -> EventLine:
    """The line of one event."""
    return EventLine(
        id=ids.to_short(entry.id),
        uri=visit.uri("audit", "events", entry.id),
        event=entry.event,
        failed=entry.outcome is Outcome.FAILURE,
        iso=audit.as_time(entry.occurred_at),
        when=visit.language.moment(entry.occurred_at),
        actor=_actor(visit, entry.actor, known),
        person=_person(visit, entry.subject_id, known),
        client=_client(visit, entry.client_pk, known),
        address=entry.remote_address or "",
    )


def _actor(visit: ConsoleVisit, actor: Actor, known: Names) -> Link:
    if actor.kind is ActorKind.SYSTEM or actor.id is None:
        at_work = f"{plain(actor.id, MAX_NAME_LENGTH)} {visit.language.say(COMMAND_LINE)}"
        return Link(at_work if actor.id else "Latchkey")
    actor_id = UUID(actor.id)
    if actor.kind is ActorKind.ADMINISTRATOR:
        return Link(plain(known.administrators.get(actor_id, actor.id), MAX_NAME_LENGTH))
    link = _person if actor.kind is ActorKind.USER else _client
    return link(visit, actor_id, known) or Link(actor.id)


def _person(visit: ConsoleVisit, user_id: UUID | None, known: Names) -> Link | None:
    if user_id is None:
        return None
    name = known.people.get(user_id)
    # Who is gone is known by their id alone.
    return Link(plain(name, MAX_LINE_LENGTH), visit.uri("users", user_id)) if name else Link(str(user_id))


def _client(visit: ConsoleVisit, pk: UUID | None, known: Names) -> Link | None:
    if pk is None:
        return None
    name = known.clients.get(pk)
    if name is None:
        return Link(str(pk))
    return Link(plain(name.client_name or name.client_id, MAX_NAME_LENGTH), visit.uri("clients", pk))
