"""The origins that people were sent to, and who sent them: the clients, by what was recorded of authorizations."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from server.kernel import database
from server.kernel.json import dump_json
from server.trust import OriginHistory

from .listing import Key, Listing, contains

if TYPE_CHECKING:
    from uuid import UUID

    from server.kernel.clock import Instant
    from server.kernel.database import Row
    from server.kernel.paging import Page, Paging

MOST_READ = 100_000  # authorizations, the latest: they are looked through one by one
MOST_SHOWN = 100

_CLIENTS = r"""
SELECT a.client_pk, max(c.client_id) AS client_id, count(*) AS total, count(DISTINCT a.person_id) AS people,
 min(a.recorded_at) AS first_at, max(a.recorded_at) AS last_at
FROM (
 SELECT client_pk, person_id, recorded_at, facts FROM trust_authorization WHERE tenant_id = $1 AND recorded_at >= $2
 ORDER BY recorded_at DESC LIMIT $4
) a LEFT JOIN client c ON c.tenant_id = $1 AND c.id = a.client_pk
WHERE a.facts LIKE $3 ESCAPE '\' GROUP BY a.client_pk ORDER BY total DESC, last_at DESC LIMIT $5
"""


_ORIGINS = """
SELECT o.origin, o.first_seen_at, o.last_seen_at, o.people, o.voices, o.declines, o.reports FROM trust_origin o
"""


@dataclass(frozen=True, slots=True)
class OriginClient:
    """What a client sent to an origin since an instant. Without a client_id it is gone."""

    client_pk: UUID | None
    client_id: str | None
    authorizations: int
    people: int
    first_at: Instant
    last_at: Instant


async def list_origins(tenant_id: UUID, search: str | None, paging: Paging) -> Page[OriginHistory]:
    """A page of the origins that people were sent to, by name; raises BadCursor."""
    listing = Listing(_ORIGINS)
    listing.where("o.tenant_id = ?", tenant_id)
    if search is not None:
        listing.where(r"o.origin LIKE ? ESCAPE '\'", contains(search.lower()))
    return await listing.page((Key("o.origin", "origin", str),), paging, OriginHistory.from_row)


async def list_clients_at(tenant_id: UUID, origin: str, since: Instant) -> tuple[OriginClient, ...]:
    """The clients that sent most people there, the busiest first; among the latest authorizations since an instant."""
    pattern = contains(f'"origin":{dump_json(origin)}')
    rows = await database.rows(_CLIENTS, tenant_id, since, pattern, MOST_READ, MOST_SHOWN)
    return tuple(map(_client, rows))


def _client(row: Row) -> OriginClient:
    return OriginClient(
        client_pk=database.as_optional_uuid(row["client_pk"]),
        client_id=database.as_optional_text(row["client_id"]),
        authorizations=database.as_int(row["total"]),
        people=database.as_int(row["people"]),
        first_at=database.as_int(row["first_at"]),
        last_at=database.as_int(row["last_at"]),
    )
