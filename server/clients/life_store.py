"""Queries over the life of clients that registered themselves: found again, used, kept, gone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.kernel import database, invalidation, lists
from server.kernel.database import Statement

from .records import ClientState, IdleClient
from .store import FIND_BY_FINGERPRINT, TOPIC, load

if TYPE_CHECKING:
    from collections.abc import Collection
    from uuid import UUID

    from server.kernel.clock import Instant

    from .records import Client

# No further than matters: of a million the first ten thousand say that it is enough.
_COUNT = """
SELECT count(*) AS total FROM (SELECT 1 FROM client WHERE tenant_id = $1 AND source = 'dynamic' LIMIT $2) AS counted
"""
_KEEP = "UPDATE client SET kept_until = $3 WHERE tenant_id = $1 AND id = $2 AND kept_until IS NOT NULL"
_USED = """
UPDATE client SET last_used_at = $3, kept_until = CASE WHEN kept_until IS NULL THEN kept_until ELSE $4 END
WHERE tenant_id = $1 AND id = $2 AND (last_used_at IS NULL OR last_used_at < $3)
"""
_SET_STATE = """
UPDATE client SET state = $3, enabled = $4, scope = $5, kept_until = $6, updated_at = $7
WHERE tenant_id = $1 AND id = $2
"""
_IDLE = """
SELECT tenant_id, id FROM client WHERE source = 'dynamic' AND kept_until < $1 ORDER BY kept_until LIMIT $2
"""
# The release before this one registers clients without saying how long they stay.
_ADOPT = """
UPDATE client SET kept_until = $1 WHERE (tenant_id, id) IN (
 SELECT tenant_id, id FROM client WHERE source = 'dynamic' AND kept_until IS NULL AND state IS NULL LIMIT $2)
"""
_PUT_OFF = "UPDATE client SET kept_until = $3 WHERE tenant_id = $1 AND kept_until < $3 AND id "
_DELETE_SECRETS = "DELETE FROM client_secret WHERE tenant_id = $1 AND client_pk "
_DELETE = "DELETE FROM client WHERE tenant_id = $1 AND source = 'dynamic' AND kept_until < $3 AND id "


async def find_by_fingerprint(tenant_id: UUID, fingerprint: str) -> Client | None:
    """The anonymous dynamic client that registered the same metadata before."""
    return await load(tenant_id, FIND_BY_FINGERPRINT, fingerprint)


async def count_dynamic(tenant_id: UUID, at_most: int = 1 << 31) -> int:
    """How many clients registered by themselves, counted no further than `at_most`."""
    row = await database.row(_COUNT, tenant_id, at_most)
    return database.as_int(row["total"]) if row else 0


async def keep(tenant_id: UUID, client: Client, until: Instant, *, wanted: Instant | None = None) -> bool:
    """See to it that an idle client stays until an instant; false when it is gone already.

    Costs a statement only where it was to go before that; it then stays until `wanted`, which may be later.
    """
    ends = client.registration.kept_until
    if ends is None or ends >= until:
        return True
    return await database.execute(_KEEP, tenant_id, client.id, wanted or until) == 1


def row_of_use(tenant_id: UUID, pk: UUID, kept_until: Instant, now: Instant) -> Statement:
    """What notes that a client was given a token. Caches may go on knowing the time before."""
    return Statement(_USED, (tenant_id, pk, now, kept_until))


async def set_state(
    tenant_id: UUID, client: Client, state: ClientState, *, kept_until: Instant | None, now: Instant
) -> None:
    """Write another state; what is quarantined or blocked is not enabled, so that every release refuses it."""
    enabled = state in {ClientState.ACTIVE, ClientState.PROMOTED}
    stored = None if state is ClientState.ACTIVE else state.value
    async with database.transaction():
        scope = " ".join(client.scope)
        await database.execute(_SET_STATE, tenant_id, client.id, stored, enabled, scope, kept_until, now)
        await invalidation.changed(tenant_id, TOPIC)


async def adopt(kept_until: Instant, limit: int) -> int:
    """Give clients that the release before this one registered an end, at most `limit`; how many there were."""
    return await database.execute(_ADOPT, kept_until, limit)


async def find_idle(before: Instant, limit: int) -> list[IdleClient]:
    """Clients of every tenant whose time ran out before an instant, the longest idle first."""
    found = await database.rows(_IDLE, before, limit)
    return [IdleClient(database.as_uuid(row["tenant_id"]), database.as_uuid(row["id"])) for row in found]


async def put_off(tenant_id: UUID, pks: Collection[UUID], kept_until: Instant) -> None:
    """Let these clients stay until an instant."""
    await database.execute(_PUT_OFF + lists.among("$2"), tenant_id, lists.as_argument(pks), kept_until)


async def delete_idle(tenant_id: UUID, pks: Collection[UUID], before: Instant) -> list[tuple[UUID, str]]:
    """Delete those of these clients whose time still ran out before an instant; their keys and client_ids."""
    argument = lists.as_argument(pks)
    async with database.transaction():
        sql = f"{_DELETE}{lists.among('$2')} RETURNING id, client_id"
        gone = await database.rows(sql, tenant_id, argument, before)
        deleted = lists.as_argument([database.as_uuid(row["id"]) for row in gone])
        await database.execute(_DELETE_SECRETS + lists.among("$2"), tenant_id, deleted)
        await invalidation.changed(tenant_id, TOPIC)
    return [(database.as_uuid(row["id"]), str(row["client_id"])) for row in gone]
