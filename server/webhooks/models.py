"""Tables of webhooks. Private to store.py."""

from tortoise import fields
from tortoise.models import Model


class WebhookRow(Model):
    """Somebody who wants to be told of events."""

    id = fields.UUIDField(primary_key=True)
    tenant_id = fields.UUIDField()
    url = fields.TextField()
    events = fields.TextField()  # JSON: names, or what they begin with; [] for all
    state = fields.CharField(max_length=10)  # active, paused, failing
    sealed_secrets = fields.TextField()  # JSON: the newest first
    seal_number = fields.BigIntField()  # events up to this seal have been told
    failing_since = fields.BigIntField(null=True)
    created_at = fields.BigIntField()
    updated_at = fields.BigIntField()

    class Meta:
        table = "webhook"
        indexes = (("tenant_id", "id"), ("state", "tenant_id"))


class WebhookDeliveryRow(Model):
    """An event for a webhook, and how it went so far."""

    id = fields.UUIDField(primary_key=True)
    tenant_id = fields.UUIDField()
    webhook_id = fields.UUIDField()
    event_id = fields.UUIDField()
    event = fields.CharField(max_length=64)
    state = fields.CharField(max_length=10)
    attempts = fields.TextField()  # JSON
    expires_at = fields.BigIntField()

    class Meta:
        table = "webhook_delivery"
        indexes = (("tenant_id", "webhook_id", "id"), ("expires_at",))
