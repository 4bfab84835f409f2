"""Tables of tenants. Private to store.py."""

from tortoise import fields
from tortoise.models import Model


class TenantRow(Model):
    """One issuer, its settings and its look."""

    id = fields.UUIDField(primary_key=True)
    slug = fields.CharField(max_length=63, unique=True)
    display_name = fields.CharField(max_length=200)
    mode = fields.CharField(max_length=16)
    domain = fields.CharField(max_length=253, null=True, unique=True)
    enabled = fields.BooleanField(default=True)
    settings = fields.TextField()
    branding = fields.TextField()
    created_at = fields.BigIntField()
    updated_at = fields.BigIntField()

    class Meta:
        table = "tenant"
