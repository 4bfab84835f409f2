"""The tables of the audit log. Private to the stores. Events are only ever appended; personal data by id.

What Tortoise cannot say is in the migrations: on PostgreSQL `audit_event` is partitioned by month of `id` with the key
(tenant_id, id); on both databases it has an index for each filter, and a trigger that notes every new row in
`audit_unsealed`, whoever writes it.
"""

from tortoise import fields
from tortoise.models import Model


class AuditEventRow(Model):
    """Something that happened, written in the transaction in which it happened."""

    id = fields.UUIDField(primary_key=True)
    tenant_id = fields.UUIDField()
    occurred_at = fields.BigIntField()
    event = fields.CharField(max_length=64)
    outcome = fields.CharField(max_length=16)
    actor_kind = fields.CharField(max_length=16)  # user, client, administrator, system
    actor_id = fields.CharField(max_length=64, null=True)
    subject_id = fields.UUIDField(null=True)  # the person concerned
    client_pk = fields.UUIDField(null=True)
    grant_id = fields.UUIDField(null=True)
    remote_address = fields.CharField(max_length=45, null=True)
    correlation_id = fields.CharField(max_length=64, null=True)
    details = fields.TextField()  # JSON
    user_agent = fields.CharField(max_length=300, null=True)

    class Meta:
        table = "audit_event"


class AuditUnsealedRow(Model):
    """An event that stands in no seal yet."""

    id = fields.UUIDField(primary_key=True)
    tenant_id = fields.UUIDField()
    transaction_id = fields.BigIntField(null=True)  # PostgreSQL's number of the transaction that wrote it

    class Meta:
        table = "audit_unsealed"


class AuditChainRow(Model):
    """The head of a tenant's chain, and the secret that authenticates it, sealed."""

    id = fields.UUIDField(primary_key=True)
    tenant_id = fields.UUIDField(unique=True)
    sealed_seed = fields.TextField()
    number = fields.BigIntField()  # of the last seal
    position = fields.BigIntField()  # how many events are sealed
    digest = fields.BinaryField()  # of the last seal
    checkpoint_position = fields.BigIntField()
    checkpoint_at = fields.BigIntField()
    trimmed_before = fields.UUIDField(null=True)  # retention has taken what has a lower id
    trimmed_mac = fields.BinaryField(null=True)

    class Meta:
        table = "audit_chain"


class AuditSealRow(Model):
    """A link of the chain: some events, in their order, with the digest of each."""

    id = fields.UUIDField(primary_key=True)
    tenant_id = fields.UUIDField()
    number = fields.BigIntField()
    position = fields.BigIntField()  # how many events are sealed with these
    sealed_at = fields.BigIntField()
    members = fields.BinaryField()  # 16 bytes of id and 32 of digest for each
    digest = fields.BinaryField()  # over the seal before and this one
    mac = fields.BinaryField()

    class Meta:
        table = "audit_seal"
        unique_together = (("tenant_id", "number"),)


class AuditDayRow(Model):
    """How often an event happened to a tenant on a day, as far as it is sealed: nobody counts millions for a chart."""

    id = fields.UUIDField(primary_key=True)
    tenant_id = fields.UUIDField()
    day = fields.BigIntField()  # its first instant, UTC
    event = fields.CharField(max_length=64)
    events = fields.BigIntField()

    class Meta:
        table = "audit_day"
        unique_together = (("tenant_id", "day", "event"),)


class AuditCheckpointRow(Model):
    """A signed statement of how far the chain went; kept for good."""

    id = fields.UUIDField(primary_key=True)
    tenant_id = fields.UUIDField()
    number = fields.BigIntField()  # of the seal that it follows
    sealed_at = fields.BigIntField()
    signed = fields.TextField()  # a compact JWS

    class Meta:
        table = "audit_checkpoint"
        unique_together = (("tenant_id", "number"),)


class AuditSavedSearchRow(Model):
    """What an administrator looks for again and again; `tenant_id` is the system tenant, as for memberships."""

    id = fields.UUIDField(primary_key=True)
    tenant_id = fields.UUIDField()
    user_id = fields.UUIDField()
    scope_tenant = fields.UUIDField()  # whose log is searched
    name = fields.CharField(max_length=60)
    query = fields.TextField()
    created_at = fields.BigIntField()

    class Meta:
        table = "audit_saved_search"
        unique_together = (("tenant_id", "user_id", "scope_tenant", "name"),)
        indexes = (("tenant_id", "scope_tenant"),)
