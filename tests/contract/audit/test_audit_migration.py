"""From one plain table to months and a chain, beside a release that goes on writing."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from uuid import UUID

import pytest
from tortoise.context import TortoiseContext
from tortoise.migrations.executor import MigrationTarget

from server.kernel import clock, database, ids, migrations

# What the release before says, which knows nothing of user agents.
INSERT = """
INSERT INTO audit_event (id, tenant_id, occurred_at, event, outcome, actor_kind, actor_id, subject_id, client_pk,
 grant_id, remote_address, correlation_id, details) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
"""
TENANT = ids.uuid7()
ENOUGH = 50
NewDatabase = Callable[[], Awaitable[str]]


def _event() -> tuple[object, ...]:
    return (ids.uuid7(), TENANT, clock.now(), "login.failed", "failure", "system", *(None,) * 6, "{}")


async def _migrate_to(url: str, name: str) -> None:
    async with TortoiseContext() as context:
        await context.init(database.orm_config(url, patient=True))
        client = migrations._ours(context.connections.get("default"))
        await client.create_connection(with_db=True)
        await migrations.Executor(client).prepare()
        await migrations.Executor(client).migrate([MigrationTarget(app_label="latchkey", name=name)])


class Writer:
    """A process of the release before, on a connection of its own."""

    def __init__(self, url: str) -> None:
        connection = database.orm_config(url)["connections"]["default"]
        module = __import__(connection["engine"], fromlist=["client_class"])
        self._client = migrations._ours(module.client_class(**connection["credentials"], connection_name="apart"))
        self.written: set[UUID] = set()
        self.stopped = False
        self.is_busy = asyncio.Event()

    async def run(self) -> None:
        await self._client.create_connection(with_db=True)
        try:
            while not self.stopped:
                event = _event()
                await self._client.engine.run(INSERT, event)
                self.written.add(UUID(str(event[0])))
                if len(self.written) == ENOUGH:
                    self.is_busy.set()
                await asyncio.sleep(0.001)
        finally:
            await self._client.close()

    async def read(self, sql: str) -> set[UUID]:
        await self._client.create_connection(with_db=True)
        try:
            return {database.as_uuid(row["id"]) for row in await self._client.engine.fetch(sql, ())}
        finally:
            await self._client.close()


async def test_nothing_that_is_written_meanwhile_is_lost_or_left_out_of_the_chain(
    new_database: NewDatabase, request: pytest.FixtureRequest
) -> None:
    url = await new_database()
    await _migrate_to(url, "0003_cache_versions")
    writer = Writer(url)
    writing = asyncio.create_task(writer.run())
    await writer.is_busy.wait()
    if request.config.getoption("--database") == "sqlite":
        # One process serves from SQLite, and waits for its turn longer than it would like to.
        writer.stopped = True
        await writing
    await migrations.migrate(url)
    for _ in range(10):
        await asyncio.sleep(0.01)
    writer.stopped = True
    await writing
    assert await writer.read("SELECT id FROM audit_event") == writer.written
    assert await writer.read("SELECT id FROM audit_unsealed") == writer.written
