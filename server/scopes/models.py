"""Tables of scopes. Private to store.py."""

from tortoise import fields
from tortoise.models import Model


class ScopeRow(Model):
    """A scope that a tenant defines."""

    id = fields.UUIDField(primary_key=True)
    tenant_id = fields.UUIDField()
    name = fields.CharField(max_length=200)
    description = fields.CharField(max_length=500)
    optional = fields.BooleanField(default=False)
    sensitive = fields.BooleanField(default=False)
    dynamic = fields.BooleanField(default=True)
    origin = fields.CharField(max_length=16)
    created_at = fields.BigIntField()
    updated_at = fields.BigIntField()

    class Meta:
        table = "scope"
        unique_together = (("tenant_id", "name"),)
