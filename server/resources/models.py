"""Tables of resources. Private to store.py."""

from tortoise import fields
from tortoise.models import Model


class ResourceRow(Model):
    """A protected resource (RFC 8707) that a tenant issues tokens for."""

    id = fields.UUIDField(primary_key=True)
    tenant_id = fields.UUIDField()
    identifier = fields.CharField(max_length=500)
    display_name = fields.CharField(max_length=200)
    scopes = fields.TextField()
    token_format = fields.CharField(max_length=8)
    introspection_clients = fields.TextField()
    origin = fields.CharField(max_length=16)
    created_at = fields.BigIntField()
    updated_at = fields.BigIntField()

    class Meta:
        table = "resource"
        unique_together = (("tenant_id", "identifier"),)
