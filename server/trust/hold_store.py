"""Queries over the inbox: clients at origins that wait for an administrator, and the people who wait for them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from server.kernel import database, ids, lists
from server.kernel.json import dump_json

from .holds import Hold, HoldState

if TYPE_CHECKING:
    from collections.abc import Collection
    from uuid import UUID

    from server.kernel.clock import Instant

    from .decisions import Decision
    from .records import ClientFacts

MOST_OPEN = 5  # holds that one person may wait for at once
MAX_LANGUAGES = 200

_COLUMNS = """
id, client_pk, client_id, origin, redirect_uri, score, signals, state, people, first_held_at, last_held_at,
settled_at, settled_by
"""
_FIND = f"SELECT {_COLUMNS} FROM trust_hold WHERE tenant_id = $1 AND id = $2"  # noqa: S608 - constants only
_FIND_BY_PLACE = f"""
SELECT {_COLUMNS} FROM trust_hold WHERE tenant_id = $1 AND client_pk = $2 AND origin = $3
"""  # noqa: S608 - constants only
_LIST = f"""
SELECT {_COLUMNS} FROM trust_hold WHERE tenant_id = $1 AND state = $2 ORDER BY last_held_at DESC LIMIT $3
"""  # noqa: S608 - constants only
_HOLD = """
INSERT INTO trust_hold (id, tenant_id, client_pk, client_id, origin, redirect_uri, score, signals, state, people,
 first_held_at, last_held_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'open', 0, $9, $9)
ON CONFLICT (tenant_id, client_pk, origin) DO UPDATE SET redirect_uri = excluded.redirect_uri, score = excluded.score,
 signals = excluded.signals, state = 'open', last_held_at = excluded.last_held_at
"""
_COUNT_OPEN = "SELECT count(*) AS total FROM trust_hold_person WHERE tenant_id = $1 AND person_id = $2 AND open"
_WAITING = """
SELECT open FROM trust_hold_person WHERE tenant_id = $1 AND hold_id = $2 AND person_id = $3
"""
_WAIT = """
INSERT INTO trust_hold_person (id, tenant_id, hold_id, person_id, redirect_uri, held_at, open, languages)
VALUES ($1, $2, $3, $4, $5, $6, true, $7)
ON CONFLICT (tenant_id, hold_id, person_id) DO UPDATE SET redirect_uri = excluded.redirect_uri,
 held_at = excluded.held_at, open = excluded.open, languages = excluded.languages
"""
_COUNT_PERSON = "UPDATE trust_hold SET people = people + 1 WHERE tenant_id = $1 AND id = $2"
_SETTLE = """
UPDATE trust_hold SET state = $3, settled_at = $4, settled_by = $5 WHERE tenant_id = $1 AND id = $2 AND state = 'open'
"""
_PEOPLE = """
SELECT person_id, redirect_uri, held_at, languages FROM trust_hold_person WHERE tenant_id = $1 AND hold_id = $2 AND open
ORDER BY held_at
"""
_RELEASE = "UPDATE trust_hold_person SET open = false WHERE tenant_id = $1 AND hold_id = $2"
_OF_PERSON = f"""
SELECT {", ".join(f"h.{name.strip()}" for name in _COLUMNS.split(","))} FROM trust_hold h
JOIN trust_hold_person p ON p.tenant_id = h.tenant_id AND p.hold_id = h.id
WHERE h.tenant_id = $1 AND p.person_id = $2 ORDER BY p.held_at DESC LIMIT 50
"""  # noqa: S608 - constants only
_FORGET_PERSON = "DELETE FROM trust_hold_person WHERE tenant_id = $1 AND person_id = $2"
FORGET_PEOPLE_OF_CLIENTS = """
DELETE FROM trust_hold_person WHERE tenant_id = $1
 AND hold_id IN (SELECT id FROM trust_hold WHERE tenant_id = $1 AND client_pk {among})
"""
FORGET_CLIENTS = "DELETE FROM trust_hold WHERE tenant_id = $1 AND client_pk {among}"


class TooManyHolds(Exception):
    """The person waits for as many clients already as anybody may."""


@dataclass(frozen=True, slots=True)
class WaitingPerson:
    """Somebody who waits for a hold to be settled."""

    person_id: UUID
    redirect_uri: str
    held_at: Instant
    languages: str = ""


async def hold(
    tenant_id: UUID, person_id: UUID, client: ClientFacts, decision: Decision, now: Instant, *, languages: str = ""
) -> Hold:
    """Put a client at an origin into the inbox, with the person who waits; a settled one is opened again.

    `languages` are those that the person reads, as Accept-Language says it (RFC 9110 §12.5.4): for a mail. The client
    must have a row. Idempotent for a person who waits already. Raises TooManyHolds.
    """
    if client.pk is None:
        raise AssertionError("a client is held after it was stored")
    facts = decision.facts
    names = dump_json([hit.signal.value for hit in decision.signals if hit.weight > 0])
    async with database.transaction():
        await database.execute(
            _HOLD, ids.uuid7(), tenant_id, client.pk, client.client_id, facts.target.origin, facts.redirect_uri,
            decision.score, names, now,
        )  # fmt: skip
        held = await find_hold_of(tenant_id, client.pk, facts.target.origin)
        if held is None:
            raise AssertionError("the row was just written")
        person = WaitingPerson(person_id, facts.redirect_uri, now, languages[:MAX_LANGUAGES])
        await _wait(tenant_id, held, person)
    return held


async def find_hold(tenant_id: UUID, hold_id: UUID) -> Hold | None:
    """A row of the inbox, settled or not."""
    row = await database.row(_FIND, tenant_id, hold_id)
    return Hold.from_row(row) if row else None


async def find_hold_of(tenant_id: UUID, client_pk: UUID, origin: str) -> Hold | None:
    """The row of a client at an origin, settled or not."""
    row = await database.row(_FIND_BY_PLACE, tenant_id, client_pk, origin)
    return Hold.from_row(row) if row else None


async def list_holds(tenant_id: UUID, state: HoldState = HoldState.OPEN, limit: int = 200) -> tuple[Hold, ...]:
    """The inbox: those held last come first."""
    return tuple(Hold.from_row(row) for row in await database.rows(_LIST, tenant_id, state.value, limit))


async def list_holds_of_person(tenant_id: UUID, person_id: UUID) -> tuple[Hold, ...]:
    """What a person waits or waited for, the latest first."""
    return tuple(Hold.from_row(row) for row in await database.rows(_OF_PERSON, tenant_id, person_id))


async def settle_hold(
    tenant_id: UUID, hold_id: UUID, state: HoldState, *, author: str | None, now: Instant
) -> tuple[WaitingPerson, ...] | None:
    """Close an open hold and return who waited for it; None when somebody else closed it. The verdict is another's."""
    async with database.transaction():
        if await database.execute(_SETTLE, tenant_id, hold_id, state.value, now, author) != 1:
            return None
        waiting = await list_waiting(tenant_id, hold_id)
        await database.execute(_RELEASE, tenant_id, hold_id)
    return waiting


async def list_waiting(tenant_id: UUID, hold_id: UUID) -> tuple[WaitingPerson, ...]:
    """The people who wait for a hold, the longest first."""
    rows = await database.rows(_PEOPLE, tenant_id, hold_id)
    return tuple(
        WaitingPerson(
            person_id=database.as_uuid(row["person_id"]),
            redirect_uri=str(row["redirect_uri"]),
            held_at=database.as_int(row["held_at"]),
            languages=str(row["languages"] or ""),
        )
        for row in rows
    )


async def forget_holds_of_person(tenant_id: UUID, person_id: UUID) -> None:
    """The person waits for nothing any more."""
    await database.execute(_FORGET_PERSON, tenant_id, person_id)


async def forget_holds_of_clients(tenant_id: UUID, pks: Collection[UUID]) -> None:
    """The clients are gone, and with them what was held of them."""
    among, argument = lists.among("$2"), lists.as_argument(pks)
    async with database.transaction():
        for sql in (FORGET_PEOPLE_OF_CLIENTS, FORGET_CLIENTS):
            await database.execute(sql.format(among=among), tenant_id, argument)


async def _wait(tenant_id: UUID, held: Hold, person: WaitingPerson) -> None:
    known = await database.row(_WAITING, tenant_id, held.id, person.person_id)
    if known is None or not database.as_bool(known["open"]):
        row = await database.row(_COUNT_OPEN, tenant_id, person.person_id)
        if row is not None and database.as_int(row["total"]) >= MOST_OPEN:
            raise TooManyHolds
    await database.execute(
        _WAIT, ids.uuid7(), tenant_id, held.id, person.person_id, person.redirect_uri, person.held_at, person.languages
    )
    if known is None:
        await database.execute(_COUNT_PERSON, tenant_id, held.id)
