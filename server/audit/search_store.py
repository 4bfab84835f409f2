"""Reading events: one query a page, by the index that the filter has, newest first or oldest first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from server.kernel import database, ids, lists
from server.kernel.json import load_json

from .chain import COLUMNS, selected
from .records import Actor, ActorKind, AuditEntry, Filters, Outcome, Page
from .registry import names_in, outcome_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID

    from server.kernel.json import JsonValue
    from server.kernel.rows import Row

_SELECT = f"SELECT {', '.join(COLUMNS)} FROM audit_event WHERE tenant_id = $1"  # noqa: S608 - constants only
# ORDER BY e.id: by itself `id` would be the text.
_ROWS = f"SELECT {selected('e.')} FROM audit_event e WHERE e.tenant_id = $1"  # noqa: S608 - constants only
_AFTER = f"{_ROWS} AND e.id > $2 ORDER BY e.id LIMIT $3"
MOST = 1_000


async def search(tenant_id: UUID, filters: Filters, cursor: UUID | None = None, limit: int = 50) -> Page:
    """The newest events that fit, older than the one at the cursor; in one query."""
    query = _filtered(tenant_id, filters)
    if cursor is not None:
        query.add("id < {}", cursor)
    found = await _found(query, filters, "ORDER BY id DESC", limit + 1)
    return Page(tuple(found[:limit]), found[limit - 1].id if len(found) > limit else None)


async def list_after(tenant_id: UUID, filters: Filters, after: UUID | None, limit: int) -> list[AuditEntry]:
    """The oldest events that fit, younger than one; in one query."""
    query = _filtered(tenant_id, filters)
    if after is not None:
        query.add("id > {}", after)
    return await _found(query, filters, "ORDER BY id", limit)


async def find(tenant_id: UUID, event_id: UUID) -> AuditEntry | None:
    """One event."""
    found = await list_of(tenant_id, [event_id])
    return found[0] if found else None


async def list_of(tenant_id: UUID, event_ids: Iterable[UUID]) -> list[AuditEntry]:
    """Those of some events that are there, oldest first."""
    return [_entry(row) for row in await rows_of(tenant_id, event_ids)]


async def rows_after(tenant_id: UUID, after: UUID, limit: int) -> list[Row]:
    """Events as they stand in the table, by id: what their digests are made of."""
    return await database.rows(_AFTER, tenant_id, after, limit)


async def rows_of(tenant_id: UUID, event_ids: Iterable[UUID]) -> list[Row]:
    """The same for some events; those that are gone are left out."""
    return await database.rows(
        f"{_ROWS} AND e.id {lists.among('$2')} ORDER BY e.id", tenant_id, lists.as_argument(event_ids)
    )


@dataclass(slots=True)
class Query:
    """A SELECT that grows by conditions. What a reader gives becomes an argument, never text."""

    sql: str
    arguments: list[object]

    def add(self, condition: str, value: object) -> None:
        """One more condition, with `{}` where its argument goes."""
        self.sql += " AND " + condition.format(f"${self._place(value)}")

    def ending(self, order: str, limit: int) -> str:
        """The whole statement."""
        return f"{self.sql} {order} LIMIT ${self._place(min(limit, MOST + 1))}"

    def ending_for_each(self, column: str, values: Iterable[str], order: str, limit: int) -> str:
        """The whole statement, for rows that have one of the values.

        Each value is looked for by itself, in the order of the index that it has, so that no list of values is
        long enough to be sorted.
        """
        bound = self._place(min(limit, MOST + 1))
        parts = [f"{self.sql} AND {column} = ${self._place(value)} {order} LIMIT ${bound}" for value in values]
        members = (f"SELECT * FROM ({part}) AS part{index} WHERE tenant_id = $1" for index, part in enumerate(parts))  # noqa: S608 - placeholders
        each = " UNION ALL ".join(members)
        return f"SELECT * FROM ({each}) AS found WHERE tenant_id = $1 {order} LIMIT ${bound}"  # noqa: S608 - the same

    def _place(self, value: object) -> int:
        self.arguments.append(value)
        return len(self.arguments)


async def _found(query: Query, filters: Filters, order: str, limit: int) -> list[AuditEntry]:
    names = _names(filters)
    if filters.event is not None and not names:
        return []
    sql = query.ending_for_each("event", names, order, limit) if len(names) > 1 else query.ending(order, limit)
    return [_entry(row) for row in await database.rows(sql, *query.arguments)]


def _names(filters: Filters) -> tuple[str, ...]:
    return () if filters.event is None else names_in(filters.event, filters.outcome)


def _filtered(tenant_id: UUID, filters: Filters) -> Query:
    query = Query(_SELECT, [tenant_id])
    names = _names(filters)
    if len(names) == 1:
        query.add("event = {}", names[0])
    for column in ("actor_id", "client_pk", "subject_id", "correlation_id", "remote_address"):
        value = getattr(filters, column)
        if value is not None:
            query.add(f"{column} = {{}}", value)
    # An event's name says how it went; asked twice, the database would take it for much rarer than it is.
    if filters.outcome is not None and not (names and all(map(outcome_of, names))):
        _add_outcome(query, filters.outcome)
    if filters.since is not None:
        query.add("id >= {}", ids.first_at(filters.since))
    if filters.until is not None:
        query.add("id < {}", ids.first_at(filters.until))
    return query


def _add_outcome(query: Query, outcome: Outcome) -> None:
    if outcome is Outcome.FAILURE:
        # As text, since the index holds the rows of this very condition.
        query.sql += " AND outcome = 'failure'"
    else:
        query.add("outcome = {}", outcome.value)


def _entry(row: Row) -> AuditEntry:
    return AuditEntry(
        id=database.as_uuid(row["id"]),
        occurred_at=database.as_int(row["occurred_at"]),
        event=str(row["event"]),
        outcome=Outcome(str(row["outcome"])),
        actor=Actor(ActorKind(str(row["actor_kind"])), database.as_optional_text(row["actor_id"])),
        subject_id=database.as_optional_uuid(row["subject_id"]),
        client_pk=database.as_optional_uuid(row["client_pk"]),
        grant_id=database.as_optional_uuid(row["grant_id"]),
        remote_address=database.as_optional_text(row["remote_address"]),
        user_agent=database.as_optional_text(row["user_agent"]),
        correlation_id=database.as_optional_text(row["correlation_id"]),
        details=_details(str(row["details"])),
    )


def _details(text: str) -> dict[str, JsonValue]:
    details = load_json(text)
    return details if isinstance(details, dict) else {}
