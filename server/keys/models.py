"""Tables of signing and MAC keys. Private to store.py."""

from tortoise import fields
from tortoise.models import Model


class SigningKeyRow(Model):
    """An asymmetric key pair; the private part is sealed under the master secret."""

    id = fields.UUIDField(primary_key=True)
    tenant_id = fields.UUIDField()
    kid = fields.CharField(max_length=64)
    alg = fields.CharField(max_length=10)
    public_jwk = fields.TextField()
    sealed_private = fields.TextField()
    state = fields.CharField(max_length=10)
    created_at = fields.BigIntField()
    activates_at = fields.BigIntField()
    retires_at = fields.BigIntField(null=True)

    class Meta:
        table = "signing_key"
        unique_together = (("tenant_id", "kid"),)
        indexes = (("tenant_id", "alg", "state"), ("state", "activates_at"))


class MacKeyRow(Model):
    """The random key under which a tenant's codes and refresh tokens are authenticated, sealed."""

    id = fields.UUIDField(primary_key=True)
    tenant_id = fields.UUIDField()
    kid = fields.CharField(max_length=16)
    sealed_secret = fields.TextField()
    created_at = fields.BigIntField()
    retired_at = fields.BigIntField(null=True)

    class Meta:
        table = "mac_key"
        unique_together = (("tenant_id", "kid"),)
