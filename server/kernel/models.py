"""The kernel's own tables. Private to the modules that query them."""

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model


class CacheVersionRow(Model):
    """A transaction that changed something cached; used on PostgreSQL only. See cache_versions."""

    id = fields.UUIDField(primary_key=True)
    version = fields.BigIntField()
    process = fields.CharField(max_length=32)
    tenant_id = fields.UUIDField()
    topic = fields.CharField(max_length=32)

    class Meta:
        table = "cache_version"
        indexes = (Index(fields=("version",)),)


class SharedStateRow(Model):
    """One short-lived value or count."""

    key = fields.CharField(max_length=300, primary_key=True)
    value = fields.TextField(null=True)
    count = fields.BigIntField(default=0)
    expires_at = fields.BigIntField(db_index=True)

    class Meta:
        table = "shared_state"
