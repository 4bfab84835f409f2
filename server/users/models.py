"""Tables of users. Private to store.py."""

from tortoise import fields
from tortoise.models import Model


class UserRow(Model):
    """A person who signs in at one tenant. The *_key columns are case-folded."""

    id = fields.UUIDField(primary_key=True)
    tenant_id = fields.UUIDField()
    sub = fields.CharField(max_length=64)
    username = fields.CharField(max_length=200)
    username_key = fields.CharField(max_length=200)
    email = fields.CharField(max_length=254, null=True)
    email_key = fields.CharField(max_length=254, null=True)
    email_verified = fields.BooleanField(default=False)
    name = fields.CharField(max_length=200, null=True)
    claims = fields.TextField()
    enabled = fields.BooleanField(default=True)
    origin = fields.CharField(max_length=16)
    created_at = fields.BigIntField()
    updated_at = fields.BigIntField()

    class Meta:
        table = "person"
        unique_together = (("tenant_id", "sub"), ("tenant_id", "username_key"), ("tenant_id", "email_key"))
        indexes = (("tenant_id", "id"),)
