"""Tables of clients. Private to store.py."""

from tortoise import fields
from tortoise.models import Model


class ClientRow(Model):
    """A client, however it came to be known."""

    id = fields.UUIDField(primary_key=True)
    tenant_id = fields.UUIDField()
    client_id = fields.CharField(max_length=500)
    source = fields.CharField(max_length=20)
    origin = fields.CharField(max_length=16)
    enabled = fields.BooleanField(default=True)
    metadata = fields.TextField()
    metadata_digest = fields.CharField(max_length=64)
    scope = fields.TextField()
    first_party = fields.BooleanField(default=False)
    require_pkce = fields.BooleanField(default=True)
    fingerprint = fields.CharField(max_length=64, null=True)
    created_at = fields.BigIntField()
    updated_at = fields.BigIntField()
    # Absent where an earlier release made the row, and where there is nothing to say.
    state = fields.CharField(max_length=16, null=True)  # absent: active
    access_token_digest = fields.CharField(max_length=64, null=True)
    initial_access_token_id = fields.UUIDField(null=True)
    ceiling = fields.TextField(null=True)  # space-delimited
    software_statement = fields.TextField(null=True)
    last_used_at = fields.BigIntField(null=True)
    kept_until = fields.BigIntField(null=True)

    class Meta:
        table = "client"
        unique_together = (("tenant_id", "client_id"), ("tenant_id", "fingerprint"))
        indexes = (("tenant_id", "source"), ("tenant_id", "id"), ("source", "kept_until"))


class ClientSecretRow(Model):
    """One of at most two live secrets of a client, as an HMAC."""

    id = fields.UUIDField(primary_key=True)
    tenant_id = fields.UUIDField()
    client_pk = fields.UUIDField()
    digest = fields.CharField(max_length=64)
    created_at = fields.BigIntField()
    expires_at = fields.BigIntField(null=True)

    class Meta:
        table = "client_secret"
        indexes = (("tenant_id", "client_pk"),)


class ClientDocumentRow(Model):
    """A document in which a client describes itself, as it was last good; one for all tenants."""

    url = fields.CharField(max_length=500, primary_key=True)
    body = fields.TextField()
    etag = fields.CharField(max_length=200, null=True)
    fetched_at = fields.BigIntField()  # when it was last known to be current
    fresh_until = fields.BigIntField()

    class Meta:
        table = "client_document"
        indexes = (("fetched_at",),)


class ClientLogoRow(Model):
    """A client's logo, re-encoded; one for all tenants."""

    name = fields.CharField(max_length=64, primary_key=True)  # digest of its address
    image = fields.BinaryField()
    fetched_at = fields.BigIntField()

    class Meta:
        table = "client_logo"
        indexes = (("fetched_at",),)


class ClientKeySetRow(Model):
    """The keys that a client publishes at its `jwks_uri`; one for all tenants."""

    uri_digest = fields.CharField(max_length=64, primary_key=True)
    keys = fields.TextField()
    fetched_at = fields.BigIntField()

    class Meta:
        table = "client_key_set"
        indexes = (("fetched_at",),)
