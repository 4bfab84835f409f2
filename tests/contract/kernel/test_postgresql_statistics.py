"""Plans that were made for an empty table are made anew once it has grown."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

import pytest

from server.kernel import database
from server.kernel.postgresql import PostgresqlDatabase
from server.kernel.postgresql_statistics import renew_statistics

if TYPE_CHECKING:
    from server.kernel.postgresql_pool import OwnConnection

pytestmark = pytest.mark.usefixtures("storage")

NOBODY = "00000000-0000-0000-0000-000000000000"
PLAN = f"EXPLAIN (COSTS OFF) EXECUTE find('{NOBODY}', '{NOBODY}')"
GROW = 'INSERT INTO "Growing" SELECT gen_random_uuid(), CAST($1 AS uuid), n FROM generate_series(1, 5000) n'


@pytest.fixture
async def connection() -> AsyncIterator[OwnConnection]:
    """One that keeps a plan, as a server's connections do, of a lookup by key in a table that was empty."""
    opened = database.database()
    if not isinstance(opened, PostgresqlDatabase):
        pytest.skip("SQLite plans without statistics")
    connection = await opened.connect()
    await connection.execute('CREATE TABLE "Growing" (id uuid PRIMARY KEY, tenant_id uuid, seen bigint)')
    await connection.execute('CREATE INDEX growing_by_tenant ON "Growing" (tenant_id, seen)')
    await connection.execute("SET plan_cache_mode = force_generic_plan")
    await connection.execute('PREPARE find(uuid, uuid) AS SELECT seen FROM "Growing" WHERE tenant_id = $1 AND id = $2')
    yield connection
    await connection.execute('DROP TABLE "Growing"')
    await connection.close()


async def test_a_table_that_grew_tenfold_is_looked_at_and_its_plans_are_made_anew(connection: OwnConnection) -> None:
    await renew_statistics()
    empty = await plan_of(connection)
    await connection.execute(GROW, NOBODY)
    assert await plan_of(connection) == empty
    assert await renew_statistics() == ['"Growing"']
    assert "pkey" in await plan_of(connection)
    await connection.execute(GROW, NOBODY)
    assert await renew_statistics() == []


async def plan_of(connection: OwnConnection) -> str:
    return "\n".join(str(record[0]) for record in await connection.fetch(PLAN))
