"""Tables of trust. Private to its stores."""

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model


class TrustPolicyRow(Model):
    """One version of a tenant's policy. Append-only; the highest version is in force."""

    id = fields.UUIDField(primary_key=True)
    tenant_id = fields.UUIDField()
    version = fields.BigIntField()
    document = fields.TextField()  # JSON
    author = fields.CharField(max_length=100, null=True)
    created_at = fields.BigIntField()

    class Meta:
        table = "trust_policy"
        unique_together = (("tenant_id", "version"),)


class TrustVerdictRow(Model):
    """What an administrator said of one host, or of one client at one redirect URI."""

    id = fields.UUIDField(primary_key=True)
    tenant_id = fields.UUIDField()
    subject = fields.CharField(max_length=64)  # digest of what it is about
    judgement = fields.CharField(max_length=16)
    host = fields.CharField(max_length=253, null=True)
    client_id = fields.CharField(max_length=500, null=True)
    redirect_uri = fields.TextField(null=True)
    metadata_digest = fields.CharField(max_length=64, null=True)  # of the client: a trust verdict lapses with it
    note = fields.TextField(null=True)
    origin = fields.CharField(max_length=16)
    author = fields.CharField(max_length=100, null=True)
    created_at = fields.BigIntField()
    expires_at = fields.BigIntField(null=True)

    class Meta:
        table = "trust_verdict"
        unique_together = (("tenant_id", "subject"),)


class TrustDomainRow(Model):
    """A domain that the tenant says is its own; it counts once it is verified."""

    id = fields.UUIDField(primary_key=True)
    tenant_id = fields.UUIDField()
    domain = fields.CharField(max_length=253)
    challenge = fields.CharField(max_length=64)  # what the TXT record must hold
    method = fields.CharField(max_length=16, null=True)  # dns, administrator
    author = fields.CharField(max_length=100, null=True)
    created_at = fields.BigIntField()
    verified_at = fields.BigIntField(null=True)

    class Meta:
        table = "trust_domain"
        unique_together = (("tenant_id", "domain"),)


class TrustOriginRow(Model):
    """An origin that people were sent to, and what became of them."""

    id = fields.UUIDField(primary_key=True)
    tenant_id = fields.UUIDField()
    origin = fields.CharField(max_length=300)
    first_seen_at = fields.BigIntField()
    last_seen_at = fields.BigIntField()
    people = fields.BigIntField(default=0)
    voices = fields.BigIntField(default=0)
    declines = fields.BigIntField(default=0)
    reports = fields.BigIntField(default=0)

    class Meta:
        table = "trust_origin"
        unique_together = (("tenant_id", "origin"),)


class TrustVoiceRow(Model):
    """One person who counts, at one origin: each outcome once."""

    id = fields.UUIDField(primary_key=True)
    tenant_id = fields.UUIDField()
    person_id = fields.UUIDField()
    origin = fields.CharField(max_length=300)
    accepted_at = fields.BigIntField(null=True)
    declined_at = fields.BigIntField(null=True)
    reported_at = fields.BigIntField(null=True)

    class Meta:
        table = "trust_voice"
        unique_together = (("tenant_id", "person_id", "origin"),)


class TrustConfirmationRow(Model):
    """A person who said yes to a client at an origin; for loopback in one browser."""

    id = fields.UUIDField(primary_key=True)
    tenant_id = fields.UUIDField()
    person_id = fields.UUIDField()
    client_pk = fields.UUIDField()
    origin = fields.CharField(max_length=300)
    browser = fields.CharField(max_length=64)  # digest; empty: any
    metadata_digest = fields.CharField(max_length=64)
    created_at = fields.BigIntField()
    expires_at = fields.BigIntField()

    class Meta:
        table = "trust_confirmation"
        unique_together = (("tenant_id", "person_id", "client_pk", "origin", "browser"),)
        indexes = (Index(fields=("expires_at",)),)


class TrustAcquaintanceRow(Model):
    """What a client was like when a person last allowed it something."""

    id = fields.UUIDField(primary_key=True)
    tenant_id = fields.UUIDField()
    person_id = fields.UUIDField()
    client_pk = fields.UUIDField()
    metadata_digest = fields.CharField(max_length=64)
    counts = fields.BooleanField(default=False)  # others may go by what this person saw
    seen_at = fields.BigIntField()

    class Meta:
        table = "trust_acquaintance"
        unique_together = (("tenant_id", "person_id", "client_pk"),)
        indexes = (("tenant_id", "client_pk", "counts", "seen_at"),)


class TrustHoldRow(Model):
    """A client at an origin, waiting for an administrator."""

    id = fields.UUIDField(primary_key=True)
    tenant_id = fields.UUIDField()
    client_pk = fields.UUIDField()
    client_id = fields.CharField(max_length=500)
    origin = fields.CharField(max_length=300)
    redirect_uri = fields.TextField()  # the one that was held last
    score = fields.IntField()
    signals = fields.TextField()  # JSON: names
    state = fields.CharField(max_length=16)  # open, approved, blocked
    people = fields.BigIntField(default=0)
    first_held_at = fields.BigIntField()
    last_held_at = fields.BigIntField()
    settled_at = fields.BigIntField(null=True)
    settled_by = fields.CharField(max_length=100, null=True)

    class Meta:
        table = "trust_hold"
        unique_together = (("tenant_id", "client_pk", "origin"),)
        indexes = (("tenant_id", "state", "last_held_at"),)


class TrustHoldPersonRow(Model):
    """A person who waits for a client at an origin."""

    id = fields.UUIDField(primary_key=True)
    tenant_id = fields.UUIDField()
    hold_id = fields.UUIDField()
    person_id = fields.UUIDField()
    redirect_uri = fields.TextField()
    held_at = fields.BigIntField()
    open = fields.BooleanField(default=True)
    languages = fields.CharField(max_length=200, null=True)  # as Accept-Language says it

    class Meta:
        table = "trust_hold_person"
        unique_together = (("tenant_id", "hold_id", "person_id"),)
        indexes = (("tenant_id", "person_id", "open"),)


class TrustAuthorizationRow(Model):
    """An authorization as it was decided, with the facts: what replay evaluates."""

    id = fields.UUIDField(primary_key=True)
    tenant_id = fields.UUIDField()
    recorded_at = fields.BigIntField()
    client_pk = fields.UUIDField(null=True)
    person_id = fields.UUIDField(null=True)
    action = fields.CharField(max_length=16)
    reason = fields.CharField(max_length=16)
    rule = fields.IntField(null=True)
    policy_version = fields.BigIntField()
    facts = fields.TextField()  # JSON, versioned
    expires_at = fields.BigIntField()

    class Meta:
        table = "trust_authorization"
        indexes = (("tenant_id", "recorded_at"), Index(fields=("expires_at",)))
