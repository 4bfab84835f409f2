"""Tables of credentials. Private to store.py."""

from tortoise import fields
from tortoise.models import Model


class PasswordRow(Model):
    """The argon2id hash of a person's password."""

    user_id = fields.UUIDField(primary_key=True)
    tenant_id = fields.UUIDField()
    password_hash = fields.CharField(max_length=200)
    created_at = fields.BigIntField()
    updated_at = fields.BigIntField()

    class Meta:
        table = "password"
