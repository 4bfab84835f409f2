"""Which caches are out of date, written in the transaction that makes them so; on PostgreSQL. See ADR 0026.

A row's version is its transaction's id. Ids are given out in one order and committed in another, so whoever looks
remembers not the highest id seen but the horizon: below it every transaction had ended, and was seen or never was.
Rows are only added, hence nobody waits for anybody; no clock is involved.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from . import database, ids
from .postgresql_faults import postgresql_faults

if TYPE_CHECKING:
    from .postgresql_pool import OwnConnection

LOOK_SECONDS = 2  # how long an answer is waited for
LOOKS_BETWEEN_SWEEPS = 1200
EVERYTHING = ""  # the topic that stands for rows that are gone
NOBODY = UUID(int=0)

# The word goes to those who listen with the same statement: PostgreSQL sends it when, and only if, this is committed.
_NOTE = """
WITH noted AS (
    INSERT INTO cache_version (id, version, process, tenant_id, topic)
    VALUES ($1, pg_current_xact_id()::text::bigint, $2, $3, $4)
)
SELECT pg_notify($5, $6)
"""
# Nothing visible can have an id from beyond the snapshot, except what a dump brought from another server.
_LOOK = """
SELECT pg_snapshot_xmin(now.snapshot)::text::bigint AS horizon, changed.version, changed.tenant_id, changed.topic
FROM (SELECT pg_current_snapshot() AS snapshot) now
LEFT JOIN cache_version changed
ON changed.version >= $1 AND changed.version < pg_snapshot_xmax(now.snapshot)::text::bigint AND changed.process <> $2
"""
# In place of what is removed stays a row that says so to whoever has not looked for so long.
_SWEEP = """
WITH gone AS (
    DELETE FROM cache_version
    WHERE version < $1 OR version >= pg_snapshot_xmax(pg_current_snapshot())::text::bigint
    RETURNING version
)
INSERT INTO cache_version (id, version, process, tenant_id, topic)
SELECT $2::uuid, max(version), '', $3::uuid, $4::text FROM gone WHERE version < $1 HAVING count(*) > 0
"""


@dataclass(frozen=True, slots=True)
class Change:
    """Something that another process committed."""

    version: int
    tenant_id: UUID
    topic: str


async def note(process: str, tenant_id: UUID, topic: str, *, channel: str, word: str) -> None:
    """Write that what is cached under a topic of a tenant is out of date, in the transaction that makes it so."""
    await database.execute(_NOTE, ids.uuid7(), process, tenant_id, topic, channel, word)


class Watch:
    """What others commit, from when the watch began; each change is told once."""

    def __init__(self, connection: OwnConnection, process: str) -> None:
        self.connection = connection
        self._process = process
        self._horizon: int | None = None
        self._told: frozenset[Change] = frozenset()
        self.looks = 0
        self._sweep_below = 0
        self.is_told = False  # whether words arrive on its connection

    async def look(self) -> frozenset[Change]:
        """What others have committed since the last look; raises DatabaseUnavailable. The first look sees nothing."""
        beginning = (1 << 63) - 1 if self._horizon is None else self._horizon
        with postgresql_faults:
            rows = await self.connection.fetch(_LOOK, beginning, self._process, timeout=LOOK_SECONDS)
        self._horizon = rows[0]["horizon"]
        found = frozenset(Change(row["version"], row["tenant_id"], row["topic"]) for row in rows if row["version"])
        new, self._told = found - self._told, found
        self.looks += 1
        if self.looks % LOOKS_BETWEEN_SWEEPS == 0:
            await self._sweep()
        return new

    async def _sweep(self) -> None:
        """Remove what everybody saw long ago: what was below the horizon at the sweep before."""
        below, self._sweep_below = self._sweep_below, self._horizon or 0
        with postgresql_faults:
            await self.connection.execute(_SWEEP, below, ids.uuid7(), NOBODY, EVERYTHING, timeout=LOOK_SECONDS)
