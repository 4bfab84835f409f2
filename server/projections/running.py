"""What the installation runs on: for `latchkey doctor` and the console."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from server.kernel import database

if TYPE_CHECKING:
    from server.kernel.clock import Instant

_VERSION_OF_POSTGRESQL = "SELECT split_part(version(), ' ', 2) AS version"
_VERSION_OF_SQLITE = "SELECT sqlite_version() AS version"
_LAST_MIGRATION = "SELECT name FROM tortoise_migrations ORDER BY id DESC LIMIT 1"
# In microseconds; SQLite has no clock but ours.
_THEIR_TIME = "SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint AS now"


@dataclass(frozen=True, slots=True)
class DatabaseFacts:
    """Which database, and how far it has been migrated."""

    product: str
    version: str
    last_migration: str


async def database_facts() -> DatabaseFacts:
    """The facts of this moment, in two queries."""
    is_postgresql = database.is_postgresql()
    version = await database.row(_VERSION_OF_POSTGRESQL if is_postgresql else _VERSION_OF_SQLITE)
    migration = await database.row(_LAST_MIGRATION)
    return DatabaseFacts(
        product="PostgreSQL" if is_postgresql else "SQLite",
        version=str(version["version"]) if version else "",
        last_migration=str(migration["name"]) if migration else "",
    )


async def database_time() -> Instant | None:
    """The time by the database's own clock; None where it has none."""
    row = await database.row(_THEIR_TIME) if database.is_postgresql() else None
    return database.as_int(row["now"]) if row else None
