"""An index for each filter of the audit log; on PostgreSQL a partition for each month.

Not in one transaction: on PostgreSQL the release before goes on writing meanwhile. The table that was there becomes
the partition of everything up to the end of next month: checked without keeping writers out, then attached in one
short transaction, in which nothing is read or copied. Every step may be repeated when it was cut off.
"""

from datetime import UTC, datetime

from tortoise import migrations
from tortoise.migrations import operations as ops

from server.audit.partitions import bound_of, month_after, statements_for

INDEXES = {
    "event": "(tenant_id, event, id)",
    "actor": "(tenant_id, actor_id, id) WHERE actor_id IS NOT NULL",
    "client": "(tenant_id, client_pk, id) WHERE client_pk IS NOT NULL",
    "person": "(tenant_id, subject_id, id) WHERE subject_id IS NOT NULL",
    "failure": "(tenant_id, id) WHERE outcome = 'failure'",
    "correlation": "(tenant_id, correlation_id, id) WHERE correlation_id IS NOT NULL",
    "address": "(tenant_id, remote_address, id) WHERE remote_address IS NOT NULL",
}
FILL = """
INSERT INTO audit_unsealed (id, tenant_id) SELECT id, tenant_id FROM audit_event WHERE true ON CONFLICT DO NOTHING
"""
IS_PARTITIONED = "SELECT 1 FROM pg_class WHERE relname = 'audit_event' AND relkind = 'p'"
COLUMNS = """
    id uuid NOT NULL, tenant_id uuid NOT NULL, occurred_at bigint NOT NULL, event varchar(64) NOT NULL,
    outcome varchar(16) NOT NULL, actor_kind varchar(16) NOT NULL, actor_id varchar(64), subject_id uuid,
    client_pk uuid, grant_id uuid, remote_address varchar(45), correlation_id varchar(64), details text NOT NULL,
    user_agent varchar(300), PRIMARY KEY (tenant_id, id)
"""
PRIMARY_KEY = """
ALTER TABLE audit_event_before ADD CONSTRAINT audit_event_before_pkey PRIMARY KEY USING INDEX audit_event_before_all
"""
TRIGGER = """
CREATE TRIGGER audit_event_unsealed AFTER INSERT ON audit_event
FOR EACH ROW EXECUTE FUNCTION note_unsealed_audit_event()
"""
AHEAD = 3  # months


async def make_searchable(_, editor):
    if editor.DIALECT != "postgres":
        await on_sqlite(editor.client)
    elif not await editor.client.execute_query_dict(IS_PARTITIONED):
        await on_postgresql(editor.client)


async def on_sqlite(client):
    await client.execute_script(FILL)
    await client.execute_script("CREATE INDEX audit_event_all ON audit_event (tenant_id, id)")
    for name, columns in INDEXES.items():
        await client.execute_script(f"CREATE INDEX audit_event_{name} ON audit_event {columns}")


async def on_postgresql(client):
    await client.execute_script(FILL)
    now = datetime.now(UTC)
    first = month_after(month_after((now.year, now.month)))
    bound = bound_of(first)
    for statement in (
        "ALTER TABLE audit_event DROP CONSTRAINT IF EXISTS audit_event_bound",
        f"ALTER TABLE audit_event ADD CONSTRAINT audit_event_bound CHECK (id < '{bound}') NOT VALID",
        "ALTER TABLE audit_event VALIDATE CONSTRAINT audit_event_bound",
        "DROP INDEX CONCURRENTLY IF EXISTS audit_event_before_all",
        "CREATE UNIQUE INDEX CONCURRENTLY audit_event_before_all ON audit_event (tenant_id, id)",
    ):
        await client.execute_script(statement)
    for name, columns in INDEXES.items():
        await client.execute_script(f"DROP INDEX CONCURRENTLY IF EXISTS audit_event_before_{name}")
        await client.execute_script(f"CREATE INDEX CONCURRENTLY audit_event_before_{name} ON audit_event {columns}")
    # Statements that are sent together are one transaction.
    await client.execute_script(";".join(switch(first, bound)))


def switch(first, bound):
    """Everything at once: inserts that wait meanwhile find the table of the same name, which is another one."""
    months = [first]
    while len(months) < AHEAD:
        months.append(month_after(months[-1]))
    return [
        "ALTER TABLE audit_event RENAME TO audit_event_before",
        "DROP TRIGGER audit_event_unsealed ON audit_event_before",
        "ALTER TABLE audit_event_before DROP CONSTRAINT audit_event_pkey",
        PRIMARY_KEY,
        f"CREATE TABLE audit_event ({COLUMNS}) PARTITION BY RANGE (id)",
        *(f"CREATE INDEX audit_event_{name} ON audit_event {columns}" for name, columns in INDEXES.items()),
        f"ALTER TABLE audit_event ATTACH PARTITION audit_event_before FOR VALUES FROM (MINVALUE) TO ('{bound}')",
        "ALTER TABLE audit_event_before DROP CONSTRAINT audit_event_bound",
        *(statement for month in months for statement in statements_for(month)),
        # Whatever clock an id comes from, no login fails for want of a partition.
        "CREATE TABLE audit_event_other PARTITION OF audit_event DEFAULT",
        TRIGGER,
    ]


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("latchkey", "0007_audit_chain")]
    safe_because = "the release before only inserts; tests/contract/audit/test_audit_migration.py does so meanwhile"

    operations = [ops.RunPython(make_searchable)]
