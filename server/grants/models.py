"""Tables of grants and of remembered consent. Private to store.py."""

from tortoise import fields
from tortoise.models import Model


class GrantRow(Model):
    """What a person allowed a client: the state machine of code, refresh generation and revocation."""

    id = fields.UUIDField(primary_key=True)
    tenant_id = fields.UUIDField()
    client_pk = fields.UUIDField()
    user_id = fields.UUIDField()
    session_id = fields.UUIDField(null=True)
    scope = fields.TextField()  # granted, space-delimited
    resources = fields.TextField()  # JSON array of registered identifiers; empty: the issuer itself
    redirect_uri = fields.TextField()  # as presented at /authorize
    code_challenge = fields.CharField(max_length=128, null=True)
    nonce = fields.TextField(null=True)
    claims_request = fields.TextField(null=True)  # JSON, OpenID Connect Core 5.5
    auth_time = fields.BigIntField()
    acr = fields.CharField(max_length=64)
    amr = fields.CharField(max_length=100)
    offline = fields.BooleanField(default=False)  # has offline_access: outlives the session
    created_at = fields.BigIntField()
    expires_at = fields.BigIntField()  # of the code, then of the current refresh token (idle)
    max_expires_at = fields.BigIntField()
    redeemed_at = fields.BigIntField(null=True)
    generation = fields.IntField(default=0)  # of the current refresh token; 0: none yet
    rotated_at = fields.BigIntField(null=True)
    grace_uses = fields.IntField(default=0)
    revoked_at = fields.BigIntField(null=True)

    class Meta:
        table = "access_grant"
        indexes = (
            ("tenant_id", "user_id"),
            ("tenant_id", "client_pk", "created_at"),
            ("tenant_id", "session_id"),
            ("expires_at",),
        )


class ConsentRow(Model):
    """One scope of one resource that a person allowed a client to have at one redirect origin."""

    id = fields.UUIDField(primary_key=True)
    tenant_id = fields.UUIDField()
    user_id = fields.UUIDField()
    client_pk = fields.UUIDField()
    redirect_origin = fields.CharField(max_length=300)
    resource = fields.CharField(max_length=500)  # empty: the issuer itself
    scope = fields.CharField(max_length=200)
    metadata_digest = fields.CharField(max_length=64)
    created_at = fields.BigIntField()

    class Meta:
        table = "consent"
        unique_together = (("tenant_id", "user_id", "client_pk", "redirect_origin", "resource", "scope"),)
        # Each begins a list: of all, of a client, of a resource; the newest first.
        indexes = (
            ("tenant_id", "created_at", "id"),
            ("tenant_id", "client_pk", "created_at", "id"),
            ("tenant_id", "resource", "created_at", "id"),
        )
