"""A table that only the new release writes and reads: nothing changes for the one that still runs."""

from uuid import uuid4

from tortoise import fields, migrations
from tortoise.indexes import Index
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("latchkey", "0002_outbox")]

    operations = [
        ops.CreateModel(
            name="CacheVersionRow",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ("version", fields.BigIntField()),
                ("process", fields.CharField(max_length=32)),
                ("tenant_id", fields.UUIDField()),
                ("topic", fields.CharField(max_length=32)),
            ],
            options={
                "table": "cache_version",
                "app": "latchkey",
                "indexes": [Index(fields=["version"])],
                "pk_attr": "id",
                "table_description": "A transaction that changed something cached; used on PostgreSQL only. "
                "See cache_versions.",
            },
            bases=["Model"],
        ),
    ]
