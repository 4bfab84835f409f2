from tortoise import migrations
from tortoise.indexes import Index
from tortoise.migrations import operations as ops

ADDED = (
    ["tenant_id", "created_at", "id"],
    ["tenant_id", "client_pk", "created_at", "id"],
    ["tenant_id", "resource", "created_at", "id"],
)


class Migration(migrations.Migration):
    """Consents are listed the newest first: all of a tenant, those to a client, those for a resource.

    Not in one transaction: on PostgreSQL these indexes are made and dropped while the release before goes on writing.
    The index that goes is a beginning of one that comes.
    """

    atomic = False
    dependencies = [("latchkey", "0014_saved_searches")]

    operations = [
        *(ops.AddIndex("ConsentRow", Index(fields=fields)) for fields in ADDED),
        ops.RemoveIndex("ConsentRow", fields=["tenant_id", "client_pk"]),
    ]
