"""What the ids in the audit log are called now; who is gone has no name any more."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from server.kernel import database, lists
from server.kernel.json import load_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from uuid import UUID

    from server.kernel.database import Row

# In one statement: a page of the log names people, clients and administrators.
_NAMES = """
SELECT 'person' AS kind, p.id, p.username AS name, NULL AS metadata FROM person p
WHERE p.tenant_id = $1 AND p.id {people}
UNION ALL SELECT 'client', c.id, c.client_id, c.metadata FROM client c WHERE c.tenant_id = $1 AND c.id {clients}
UNION ALL SELECT 'administrator', a.id, a.username, NULL FROM person a WHERE a.tenant_id = $4 AND a.id {administrators}
"""


@dataclass(frozen=True, slots=True)
class ClientName:
    """What a client is called, by us and by itself."""

    client_id: str
    client_name: str | None


@dataclass(frozen=True, slots=True)
class Names:
    """Usernames of people of the tenant and of administrators, and clients, each by id."""

    people: Mapping[UUID, str]
    clients: Mapping[UUID, ClientName]
    administrators: Mapping[UUID, str]


async def names_of(
    tenant_id: UUID, system_id: UUID, people: Iterable[UUID], clients: Iterable[UUID], administrators: Iterable[UUID]
) -> Names:
    """The names of those who are still there; in one query."""
    sql = _NAMES.format(people=lists.among("$2"), clients=lists.among("$3"), administrators=lists.among("$5"))
    arguments = (lists.as_argument(people), lists.as_argument(clients), system_id, lists.as_argument(administrators))
    found: dict[str, dict[UUID, Row]] = {"person": {}, "client": {}, "administrator": {}}
    for row in await database.rows(sql, tenant_id, *arguments):
        found[str(row["kind"])][database.as_uuid(row["id"])] = row
    return Names(
        people={key: str(row["name"]) for key, row in found["person"].items()},
        clients={key: _client(row) for key, row in found["client"].items()},
        administrators={key: str(row["name"]) for key, row in found["administrator"].items()},
    )


def _client(row: Row) -> ClientName:
    metadata = load_json(str(row["metadata"]))
    name = metadata.get("client_name") if isinstance(metadata, dict) else None
    return ClientName(str(row["name"]), name if isinstance(name, str) else None)
