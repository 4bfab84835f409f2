"""Tables of browser sessions. Private to store.py."""

from tortoise import fields
from tortoise.models import Model


class SessionRow(Model):
    """A person signed in at one tenant in one browser; the cookie's value is stored as a digest."""

    id = fields.UUIDField(primary_key=True)
    tenant_id = fields.UUIDField()
    token_digest = fields.CharField(max_length=64)
    user_id = fields.UUIDField()
    auth_time = fields.BigIntField()
    acr = fields.CharField(max_length=64)
    amr = fields.CharField(max_length=100)
    created_at = fields.BigIntField()
    last_seen_at = fields.BigIntField()
    expires_at = fields.BigIntField()
    max_expires_at = fields.BigIntField()
    ended_at = fields.BigIntField(null=True)
    # Of the request that signed in last; None: older than these columns.
    remote_address = fields.CharField(max_length=45, null=True)
    user_agent = fields.CharField(max_length=300, null=True)

    class Meta:
        table = "browser_session"
        unique_together = (("tenant_id", "token_digest"),)
        indexes = (("tenant_id", "user_id"), ("tenant_id", "id"), ("expires_at",))
