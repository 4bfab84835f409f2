"""Appending audit events. Nothing here updates or deletes."""

from __future__ import annotations

from dataclasses import fields
from functools import cache
from typing import TYPE_CHECKING
from uuid import UUID

from server.kernel import database, ids, logs
from server.kernel.database import Statement
from server.kernel.json import dump_json

from .records import Actor
from .registry import type_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from server.kernel.clock import Instant

    from .registry import Event

_COLUMNS = frozenset({"subject_id", "client_pk", "grant_id"})
_INSERT = """
INSERT INTO audit_event (id, tenant_id, occurred_at, event, outcome, actor_kind, actor_id, subject_id, client_pk,
 grant_id, remote_address, user_agent, correlation_id, details)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
"""


async def record(event: Event, *, tenant_id: UUID, now: Instant, actor: Actor | None = None) -> UUID:
    """Append an event, in the surrounding transaction when there is one, and say its id; see `entry`."""
    event_id = ids.uuid7()
    await database.write(entry(event, tenant_id=tenant_id, now=now, actor=actor, event_id=event_id))
    return event_id


def entry(
    event: Event, *, tenant_id: UUID, now: Instant, actor: Actor | None = None, event_id: UUID | None = None
) -> Statement:
    """The row that tells of an event, to be written with what it tells of.

    Without an actor it is the person concerned, else the client, else Latchkey itself.
    """
    kind = type_of(event)
    columns, details = _split(event)
    by = actor or _default_actor(columns)
    mark = logs.current_request()
    arguments = (
        event_id or ids.uuid7(),
        tenant_id,
        now,
        kind.name,
        kind.outcome.value,
        by.kind.value,
        by.id,
        columns.get("subject_id"),
        columns.get("client_pk"),
        columns.get("grant_id"),
        mark.remote_address if mark else None,
        mark.storable_user_agent if mark else None,
        mark.correlation_id if mark else None,
        dump_json(details),
    )
    return Statement(_INSERT, arguments)


def _split(event: Event) -> tuple[Mapping[str, UUID], Mapping[str, object]]:
    of_columns, of_details = _members(type(event))
    columns = {name: value for name in of_columns if isinstance(value := getattr(event, name), UUID)}
    details = {name: getattr(event, name) for name in of_details}
    return columns, {name: str(value) if isinstance(value, UUID) else value for name, value in details.items()}


@cache
def _members(kind: type[Event]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The names of what becomes columns, and of what becomes details."""
    names = [field.name for field in fields(kind)]
    return tuple(name for name in names if name in _COLUMNS), tuple(name for name in names if name not in _COLUMNS)


def _default_actor(columns: Mapping[str, UUID]) -> Actor:
    if "subject_id" in columns:
        return Actor.user(columns["subject_id"])
    if "client_pk" in columns:
        return Actor.client(columns["client_pk"])
    return Actor.system()
