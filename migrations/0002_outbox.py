from uuid import uuid4

from tortoise import fields, migrations
from tortoise.indexes import Index
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("latchkey", "0002_expiry_indexes")]

    operations = [
        ops.CreateModel(
            name="OutboxJobRow",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ("tenant_id", fields.UUIDField()),
                ("kind", fields.CharField(max_length=64)),
                ("sealed_payload", fields.TextField(unique=False)),
                ("state", fields.CharField(max_length=10)),
                ("attempts", fields.IntField(default=0)),
                ("due_at", fields.BigIntField(null=True)),
                ("created_at", fields.BigIntField()),
                ("changed_at", fields.BigIntField()),
                ("error", fields.CharField(null=True, max_length=100)),
            ],
            options={
                "table": "outbox_job",
                "app": "latchkey",
                "indexes": [
                    Index(fields=["kind", "due_at"]),
                    Index(fields=["due_at"]),
                    Index(fields=["state", "kind"]),
                ],
                "pk_attr": "id",
                "table_description": "Work that was promised in a transaction; the row goes when the work is done.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="ScheduleRunRow",
            fields=[
                ("name", fields.CharField(primary_key=True, unique=True, db_index=True, max_length=64)),
                ("started_at", fields.BigIntField()),
                ("finished_at", fields.BigIntField()),
                ("error", fields.CharField(null=True, max_length=100)),
            ],
            options={
                "table": "schedule_run",
                "app": "latchkey",
                "pk_attr": "name",
                "table_description": "The last finished run of one schedule, by whichever process it was.",
            },
            bases=["Model"],
        ),
    ]
