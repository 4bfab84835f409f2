"""`make scale-audit`: how long a page of the audit log takes among very many events, and sealing and verifying them.

On a PostgreSQL of its own. Rows are made by SQL: two hundred tenants, one of which has three fifths of all.
"""

from __future__ import annotations

import asyncio
import statistics
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING
from uuid import UUID

import asyncpg
import click

from server import audit
from server.audit import Filters, Outcome
from server.kernel import clock, database, encryption, ids, migrations
from server.kernel.clock import DAY
from tests.support.databases import postgresql_cluster

if TYPE_CHECKING:
    from collections.abc import Iterator

ROUNDS = 15
CHUNK = 1_000_000
TENANTS = 200
LARGE, SMALL = UUID(int=1), UUID(int=5)
# Half a year of ids in order; of each thousand events 5 fail; people, clients and addresses by their thousands.
FILL = """
INSERT INTO audit_event (id, tenant_id, occurred_at, event, outcome, actor_kind, actor_id, subject_id, client_pk,
 remote_address, correlation_id, details, user_agent)
SELECT (lpad(to_hex($3::bigint + i * $4::bigint / $5::bigint), 12, '0') || '7' || substr(h, 1, 3) || '8'
  || substr(h, 4, 15))::uuid,
 CASE WHEN i % 5 < 3 THEN $7::uuid ELSE lpad(to_hex(2 + i % $6), 32, '0')::uuid END, ($3 + i * $4 / $5) * 1000,
 CASE WHEN i % 200 = 0 THEN 'login.failed' WHEN i % 50 = 1 THEN 'login.succeeded' ELSE 'token.issued' END,
 CASE WHEN i % 200 = 0 THEN 'failure' ELSE 'success' END, 'client', md5((i % 997)::text)::uuid::text,
 md5((i % 99991)::text)::uuid, md5((i % 997)::text)::uuid, '192.0.2.' || i % 251, h,
 '{"scope":"openid profile notes:read","audience":["https://notes.acme.test/mcp"],"grant_type":"refresh_token"}',
 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0 Safari/537.36'
FROM generate_series($1::bigint, $2::bigint) AS i, md5(i::text) AS h
"""

# What sealing would have counted.
COUNT = """
INSERT INTO audit_day (id, tenant_id, day, event, events)
SELECT gen_random_uuid(), tenant_id, occurred_at - occurred_at % $1::bigint, event, count(*) FROM audit_event
GROUP BY tenant_id, occurred_at - occurred_at % $1::bigint, event ON CONFLICT DO NOTHING
"""

INDEXES = """
SELECT indexrelid::regclass::text AS name, pg_get_indexdef(indexrelid) AS made FROM pg_index
WHERE indrelid = 'audit_event'::regclass AND NOT indisprimary
"""


@click.command()
@click.option("--rows", default=10_000_000, show_default=True, help="How many events there are.")
@click.option("--sealed", default=1_000_000, show_default=True, help="How many of the largest tenant's are sealed.")
def main(rows: int, sealed: int) -> None:
    """Time every filter of the audit log, then sealing and verifying."""
    with postgresql_cluster() as server:
        asyncio.run(_measure(asyncio.run(server.create_database()), rows, sealed))


async def _measure(url: str, rows: int, sealed: int) -> None:
    await migrations.migrate(url)
    encryption.open_master_secrets("a master secret of nobody, for measuring")
    await fill(url, rows, LARGE)
    await database.open_database(url)
    try:
        for tenant, tenant_id in (("large tenant", LARGE), ("small tenant", SMALL)):
            await _time_filters(tenant, tenant_id)
        await _seal(url, sealed)
    finally:
        await database.close_database()


async def fill(url: str, rows: int, large: UUID) -> None:
    """Make so many events, three fifths of them of one tenant."""
    connection = await asyncpg.connect(url)
    try:
        await connection.execute("SET session_replication_role = replica")  # nothing of this waits to be sealed yet
        indexes = await connection.fetch(INDEXES)
        for index in indexes:
            await connection.execute(f"DROP INDEX {index['name']}")  # made again at once, which is quicker
        start, span = (clock.now() - 180 * DAY) // 1000, 180 * DAY // 1000
        for first in range(1, rows + 1, CHUNK):
            last = min(first + CHUNK - 1, rows)
            with timed(f"fill up to {last:,}"):
                await connection.execute(FILL, first, last, start, span, rows, TENANTS, large)
        with timed("make the indexes"):
            for index in indexes:
                await connection.execute(index["made"].replace(" ON ONLY ", " ON "))
        await connection.execute(COUNT, DAY)
        await connection.execute("VACUUM ANALYZE audit_event")
    finally:
        await connection.close()


async def _time_filters(tenant: str, tenant_id: UUID) -> None:
    some = (await audit.search(tenant_id, Filters(), None, 1)).entries[0]
    middle = ids.first_at(clock.now() - 90 * DAY)
    filters = {
        "all": Filters(),
        "event, common": Filters(event="token.issued"),
        "event, rare": Filters(event="login.failed"),
        "event, absent": Filters(event="grant.created"),
        "group": Filters(event="login.*"),
        "group, absent": Filters(event="redirect.*"),
        "group and person": Filters(event="token.*", subject_id=some.subject_id),
        "group and client": Filters(event="login.*", client_pk=some.client_pk),
        "group and failure": Filters(event="login.*", outcome=Outcome.FAILURE),
        "outcome failure": Filters(outcome=Outcome.FAILURE),
        "outcome success": Filters(outcome=Outcome.SUCCESS),
        "actor": Filters(actor_id=some.actor.id),
        "client": Filters(client_pk=some.client_pk),
        "person": Filters(subject_id=some.subject_id),
        "address": Filters(remote_address=some.remote_address),
        "correlation": Filters(correlation_id=some.correlation_id),
        "a day": Filters(since=clock.now() - 61 * DAY, until=clock.now() - 60 * DAY),
        "client and event": Filters(client_pk=some.client_pk, event="login.failed"),
        "person and failure": Filters(subject_id=some.subject_id, outcome=Outcome.FAILURE),
        "actor and a day": Filters(actor_id=some.actor.id, since=clock.now() - 61 * DAY, until=clock.now() - 60 * DAY),
        "address and failure": Filters(remote_address=some.remote_address, outcome=Outcome.FAILURE),
    }
    for name, chosen in filters.items():
        first, deep = await _median(tenant_id, chosen, None), await _median(tenant_id, chosen, middle)
        click.echo(f"{tenant:13} {name:20} first page {first:7.2f} ms   in the middle {deep:7.2f} ms")


async def _median(tenant_id: UUID, filters: Filters, cursor: UUID | None) -> float:
    times = []
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        await audit.search(tenant_id, filters, cursor, 50)
        times.append((time.perf_counter() - begun) * 1000)
    return statistics.median(times)


async def _seal(url: str, sealed: int) -> None:
    connection = await asyncpg.connect(url)
    queue = "INSERT INTO audit_unsealed (id, tenant_id) SELECT id, tenant_id FROM audit_event WHERE tenant_id = $1"
    try:
        await connection.execute(f"{queue} ORDER BY id LIMIT $2", LARGE, sealed)
        await connection.execute("ANALYZE audit_unsealed")
        with timed("seal"):
            count = await audit.seal_new(clock.now())
        # What is not sealed would be taken for inserted.
        await connection.execute(
            "DELETE FROM audit_event WHERE tenant_id = $1 AND id > (SELECT id FROM audit_event WHERE tenant_id = $1"
            " ORDER BY id OFFSET $2 LIMIT 1)",
            LARGE,
            count - 1,
        )
        await connection.execute("VACUUM ANALYZE audit_event")
    finally:
        await connection.close()
    with timed(f"verify {count:,}"):
        await audit.verify(LARGE)


@contextmanager
def timed(what: str) -> Iterator[None]:
    """`with`: say how long the block took."""
    begun, worked = time.perf_counter(), time.process_time()
    yield
    seconds, busy = time.perf_counter() - begun, time.process_time() - worked
    click.echo(f"{what}: {seconds:.1f} s, of which this process worked for {busy:.1f} s")


if __name__ == "__main__":
    main()
