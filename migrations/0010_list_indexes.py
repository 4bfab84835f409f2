from tortoise import migrations
from tortoise.indexes import Index
from tortoise.migrations import operations as ops

ADDED = (
    ("UserRow", ["tenant_id", "id"]),
    ("ClientRow", ["tenant_id", "id"]),
    ("SessionRow", ["tenant_id", "id"]),
    ("GrantRow", ["tenant_id", "client_pk", "created_at"]),
    ("MembershipRow", ["tenant_id", "scope_tenant", "id"]),
    ("MembershipRow", ["tenant_id", "id"]),
)


class Migration(migrations.Migration):
    """Lists are read a page at a time, in the order of an index.

    Not in one transaction: on PostgreSQL these indexes are made and dropped while the release before goes on writing.
    The index that goes is a beginning of one that comes.
    """

    atomic = False
    dependencies = [("latchkey", "0009_webhooks")]

    operations = [
        *(ops.AddIndex(model, Index(fields=fields)) for model, fields in ADDED),
        ops.RemoveIndex("GrantRow", fields=["tenant_id", "client_pk"]),
    ]
