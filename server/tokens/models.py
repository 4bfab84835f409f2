"""Tables of opaque access tokens and of revoked JWTs. Private to store.py."""

from tortoise import fields
from tortoise.models import Model


class OpaqueTokenRow(Model):
    """An opaque access token, by its digest."""

    id = fields.UUIDField(primary_key=True)
    tenant_id = fields.UUIDField()
    digest = fields.CharField(max_length=64)
    client_pk = fields.UUIDField()
    grant_id = fields.UUIDField(null=True)  # absent: client_credentials
    audience = fields.TextField()  # JSON array
    scope = fields.TextField()
    issued_at = fields.BigIntField()
    expires_at = fields.BigIntField()
    revoked_at = fields.BigIntField(null=True)

    class Meta:
        table = "opaque_token"
        unique_together = (("tenant_id", "digest"),)
        indexes = (("expires_at",),)


class RevokedTokenRow(Model):
    """The jti of a JWT access token that was revoked before it expired."""

    id = fields.UUIDField(primary_key=True)
    tenant_id = fields.UUIDField()
    jti = fields.CharField(max_length=64)
    expires_at = fields.BigIntField()
    revoked_at = fields.BigIntField()

    class Meta:
        table = "revoked_token"
        unique_together = (("tenant_id", "jti"),)
        indexes = (("expires_at",),)
