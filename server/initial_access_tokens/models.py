"""The table of initial access tokens. Private to store.py."""

from tortoise import fields
from tortoise.models import Model


class InitialAccessTokenRow(Model):
    """A token that lets its holder register clients; kept for good, since its clients go on by its template."""

    id = fields.UUIDField(primary_key=True)
    tenant_id = fields.UUIDField()
    digest = fields.CharField(max_length=64)
    name = fields.CharField(max_length=200)
    template = fields.TextField()  # JSON
    max_uses = fields.IntField()
    uses = fields.IntField(default=0)
    created_at = fields.BigIntField()
    valid_until = fields.BigIntField()
    revoked_at = fields.BigIntField(null=True)

    class Meta:
        table = "initial_access_token"
        unique_together = (("tenant_id", "digest"),)
