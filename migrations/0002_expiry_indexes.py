from tortoise import migrations
from tortoise.indexes import Index
from tortoise.migrations import operations as ops

EXPIRING = ("GrantRow", "InteractionRow", "OpaqueTokenRow", "RevokedTokenRow", "SessionRow")


class Migration(migrations.Migration):
    """Expired rows are looked for in all tenants at once.

    Not in one transaction: on PostgreSQL these indexes are made and dropped while the release before goes on
    writing. Its own sweeps, one tenant after the other, still have the indexes that begin with the tenant.
    """

    atomic = False
    dependencies = [("latchkey", "0001_initial")]

    operations = [
        *(ops.AddIndex(model, Index(fields=["expires_at"])) for model in EXPIRING),
        *(ops.RemoveIndex(model, fields=["tenant_id", "expires_at"]) for model in EXPIRING),
    ]
