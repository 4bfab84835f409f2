"""The table of interactions. Private to store.py."""

from tortoise import fields
from tortoise.models import Model


class InteractionRow(Model):
    """A person being led from /authorize to its answer, in one browser."""

    id = fields.UUIDField(primary_key=True)
    tenant_id = fields.UUIDField()
    handle = fields.CharField(max_length=32)  # 128 random bits, in the URL
    browser_digest = fields.CharField(max_length=64)  # of the cookie that /authorize set
    client_pk = fields.UUIDField()
    request = fields.TextField()  # the parsed authorization request, JSON
    session_id = fields.UUIDField(null=True)  # of the login made in this interaction
    shown = fields.CharField(max_length=64, null=True)  # digest of what the step's page showed
    agreed = fields.TextField(null=True)  # the digest of what the consent page showed, and the scopes that were allowed
    created_at = fields.BigIntField()
    expires_at = fields.BigIntField()
    finished_at = fields.BigIntField(null=True)

    class Meta:
        table = "interaction"
        unique_together = (("tenant_id", "handle"),)
        indexes = (("expires_at",),)
