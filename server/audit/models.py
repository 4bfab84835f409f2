"""The table of audit events. Private to store.py. Append-only; personal data by id.

It has no index but its key, whose order is that of time: every index is paid at every token.
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

    class Meta:
        table = "audit_event"
