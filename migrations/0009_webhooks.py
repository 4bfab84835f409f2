"""Tables that only the new release writes and reads: nothing changes for the one that still runs."""

from uuid import uuid4

from tortoise import fields, migrations
from tortoise.indexes import Index
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("latchkey", "0008_audit_search")]

    operations = [
        ops.CreateModel(
            name="WebhookRow",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ("tenant_id", fields.UUIDField()),
                ("url", fields.TextField(unique=False)),
                ("events", fields.TextField(unique=False)),
                ("state", fields.CharField(max_length=10)),
                ("sealed_secrets", fields.TextField(unique=False)),
                ("seal_number", fields.BigIntField()),
                ("failing_since", fields.BigIntField(null=True)),
                ("created_at", fields.BigIntField()),
                ("updated_at", fields.BigIntField()),
            ],
            options={
                "table": "webhook",
                "app": "latchkey",
                "indexes": [Index(fields=["tenant_id", "id"]), Index(fields=["state", "tenant_id"])],
                "pk_attr": "id",
                "table_description": "Somebody who wants to be told of events.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="WebhookDeliveryRow",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ("tenant_id", fields.UUIDField()),
                ("webhook_id", fields.UUIDField()),
                ("event_id", fields.UUIDField()),
                ("event", fields.CharField(max_length=64)),
                ("state", fields.CharField(max_length=10)),
                ("attempts", fields.TextField(unique=False)),
                ("expires_at", fields.BigIntField()),
            ],
            options={
                "table": "webhook_delivery",
                "app": "latchkey",
                "indexes": [Index(fields=["tenant_id", "webhook_id", "id"]), Index(fields=["expires_at"])],
                "pk_attr": "id",
                "table_description": "An event for a webhook, and how it went so far.",
            },
            bases=["Model"],
        ),
    ]
