"""Bringing the database up to date: Tortoise's migrations, one at a time, each whole or not at all.

Tortoise neither keeps two programs from migrating at the same time nor records a migration in the transaction
that it ran in; both is done here.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from tortoise.connection import get_connection
from tortoise.context import TortoiseContext
from tortoise.migrations.executor import MigrationExecutor, MigrationTarget

from server.database_config import TORTOISE_ORM

from . import database, logs
from .asyncpg_client import PostgresqlModelClient
from .database_url import IN_MEMORY, SqliteUrl, parse_database_url
from .faults import DatabaseLocked
from .postgresql_schema import ConcurrentSchemaEditor
from .sqlite_client import SqliteModelClient
from .sqlite_schema import RepairingSchemaEditor
from .transactions import ModelTransaction

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tortoise.migrations.executor import PlanStep
    from tortoise.migrations.graph import MigrationKey
    from tortoise.migrations.schema_editor import BaseSchemaEditor
    from tortoise.migrations.schema_generator.state import State

LOCK_ID = 0x4C61746368  # any number, but always this one
TRY_AGAIN_SECONDS = 0.2
# Behind a migration that waits for a table everybody else waits for it, too: for less long than a request waits.
LOCK_MILLISECONDS = 2000
LOCK_PAUSE_SECONDS = 3.0
LOCK_ATTEMPTS = 40

log = logs.get_logger(__name__)

Client = SqliteModelClient | PostgresqlModelClient


class PendingMigrations(Exception):
    """The database is older than the program; the message names what `latchkey migrate` would run."""


class BrokenReferences(Exception):
    """After a migration, rows refer to rows that are not there."""


async def migrate(url: str) -> list[str]:
    """Run what has not been run; the names, in order. Raises DatabaseUnavailable, BrokenReferences.

    Two programs that migrate at the same time take turns; the second finds nothing left to do.
    """
    async with TortoiseContext() as context:
        # Without checks: a table that is rebuilt is dropped in between, and the rows that refer to it must stay.
        await context.init(database.orm_config(url, patient=True))
        client = _ours(context.connections.get("default"))
        async with _alone(url, client):
            await client.create_connection(with_db=True)
            executor = Executor(client)
            await executor.prepare()
            return [await _run(executor, client, step) for step in await _pending(executor)]


async def check_migrations() -> None:
    """With the database open: raises PendingMigrations when it has to be migrated first."""
    client = _ours(get_connection("default"))
    if not await database.has_content():
        raise PendingMigrations("the database is empty: run latchkey migrate")
    pending = await _pending(Executor(client))
    if pending:
        names = ", ".join(step.migration.name for step in pending)
        raise PendingMigrations(f"the database is older than the program: run latchkey migrate ({names})")


class Executor(MigrationExecutor):
    """Tortoise's executor, with a schema editor that loses nothing, and which remembers what it has worked out."""

    def __init__(self, connection: Client) -> None:
        super().__init__(connection, TORTOISE_ORM["apps"])
        self._state: State | None = None
        self._applied: set[MigrationKey] = set()

    async def prepare(self) -> None:
        """Create the table of migrations: Tortoise tries to read it first, which would break a transaction."""
        await self.recorder.ensure_schema(self._schema_editor(atomic=False))

    async def run(self, target: MigrationTarget) -> None:
        """Run one migration, and keep the models as it leaves them."""
        try:
            await self.migrate([target])
        except BaseException:
            self._state = None  # they have gone only half of the way
            raise

    def _schema_editor(self, atomic: bool = True, collect_sql: bool = False) -> BaseSchemaEditor:  # noqa: FBT001, FBT002  Tortoise's signature
        if isinstance(self.connection, SqliteModelClient):
            return RepairingSchemaEditor(self.connection, atomic=atomic, collect_sql=collect_sql)
        if not atomic:
            return ConcurrentSchemaEditor(self.connection, atomic=False, collect_sql=collect_sql)
        return super()._schema_editor(atomic=atomic, collect_sql=collect_sql)

    async def _project_state(self, applied: set[MigrationKey], *, upto: MigrationKey | None = None) -> State:
        """The models after these migrations. From the first one on each time, it would take most of the time."""
        if upto is not None:
            return await super()._project_state(applied, upto=upto)
        if self._state is None or self._applied != applied:
            self._state = await super()._project_state(applied)
        # Not copies: what runs next moves the state on and adds its own name.
        self._applied = applied
        return self._state


async def _pending(executor: Executor) -> list[PlanStep]:
    plan = await executor.plan()
    return [step for step in plan if not step.backward]


async def _run(executor: Executor, client: Client, step: PlanStep) -> str:
    target = MigrationTarget(app_label=step.migration.app_label, name=step.migration.name)
    # On SQLite each is whole: nothing there needs to be done outside of a transaction.
    if not step.migration.atomic and isinstance(client, PostgresqlModelClient):
        await executor.run(target)
        return step.migration.name
    for attempt in range(1, LOCK_ATTEMPTS + 1):
        try:
            await _run_whole(executor, client, target)
            break
        except DatabaseLocked:
            if attempt == LOCK_ATTEMPTS:
                raise
            log.info("the tables are in use; trying again", migration=step.migration.name, attempt=attempt)
            await asyncio.sleep(LOCK_PAUSE_SECONDS)
    return step.migration.name


async def _run_whole(executor: Executor, client: Client, target: MigrationTarget) -> None:
    async with ModelTransaction(client.engine.begin, client):
        if isinstance(client, PostgresqlModelClient):
            await client.execute_script(f"SET LOCAL lock_timeout = '{LOCK_MILLISECONDS}ms'")
        await executor.run(target)
        await _check_references(client)


async def _check_references(client: Client) -> None:
    if isinstance(client, SqliteModelClient):
        broken = await client.execute_query_dict("PRAGMA foreign_key_check")
        if broken:
            raise BrokenReferences(f"{len(broken)} rows of {broken[0]['table']} refer to nothing")


@asynccontextmanager
async def _alone(url: str, client: Client) -> AsyncIterator[None]:
    target = parse_database_url(url)
    if isinstance(client, PostgresqlModelClient):
        connection = await client.engine.connect()
        try:
            # Whoever waits inside a statement holds a snapshot, and CREATE INDEX CONCURRENTLY waits for its end.
            while not await connection.fetchval("SELECT pg_try_advisory_lock($1)", LOCK_ID):  # noqa: ASYNC110 - see above
                await asyncio.sleep(TRY_AGAIN_SECONDS)
            yield
        finally:
            await connection.close()
    elif isinstance(target, SqliteUrl) and target.path != IN_MEMORY:
        directory = Path(target.path).parent
        directory.mkdir(parents=True, exist_ok=True)
        # On the directory: closing the database file a second time would end SQLite's own locks on it.
        descriptor = os.open(directory, os.O_RDONLY)
        try:
            await asyncio.to_thread(fcntl.flock, descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)
    else:
        yield


def _ours(client: object) -> Client:
    if not isinstance(client, SqliteModelClient | PostgresqlModelClient):
        raise TypeError("the connection is not one of ours")
    return client
