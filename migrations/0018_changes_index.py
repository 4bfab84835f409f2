"""An index of what operators changed, for the last changes that stand beside everything in the console.

It holds few rows: what clients and people do, which is nearly everything, is not in it. On PostgreSQL it is made
partition by partition while others write; every step may be repeated when it was cut off.
"""

from tortoise import migrations
from tortoise.migrations import operations as ops

COLUMNS = "(tenant_id, id) WHERE actor_kind IN ('administrator', 'system')"
PARTITIONS = """
SELECT c.relname AS name FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
WHERE i.inhparent = 'audit_event'::regclass
"""


async def index_changes(_, editor):
    if editor.DIALECT != "postgres":
        await editor.client.execute_script(f"CREATE INDEX audit_event_changes ON audit_event {COLUMNS}")
        return
    client = editor.client
    await client.execute_script("DROP INDEX IF EXISTS audit_event_changes")
    await client.execute_script(f"CREATE INDEX audit_event_changes ON ONLY audit_event {COLUMNS}")
    for row in await client.execute_query_dict(PARTITIONS):
        name = row["name"]
        await client.execute_script(f"DROP INDEX CONCURRENTLY IF EXISTS {name}_changes")
        await client.execute_script(f"CREATE INDEX CONCURRENTLY {name}_changes ON {name} {COLUMNS}")
        await client.execute_script(f"ALTER INDEX audit_event_changes ATTACH PARTITION {name}_changes")


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("latchkey", "0017_audit_days")]
    safe_because = "the release before only inserts, and an index that is made concurrently keeps nobody out"

    operations = [ops.RunPython(index_changes)]
