"""Searches that administrators keep: a table that only the new release writes and reads."""

from uuid import uuid4

from tortoise import fields, migrations
from tortoise.indexes import Index
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("latchkey", "0013_acquaintances")]

    operations = [
        ops.CreateModel(
            name="AuditSavedSearchRow",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ("tenant_id", fields.UUIDField()),
                ("user_id", fields.UUIDField()),
                ("scope_tenant", fields.UUIDField()),
                ("name", fields.CharField(max_length=60)),
                ("query", fields.TextField(unique=False)),
                ("created_at", fields.BigIntField()),
            ],
            options={
                "table": "audit_saved_search",
                "app": "latchkey",
                "unique_together": (("tenant_id", "user_id", "scope_tenant", "name"),),
                "indexes": [Index(fields=["tenant_id", "scope_tenant"])],
                "pk_attr": "id",
                "table_description": "What an administrator looks for again and again; `tenant_id` is the system "
                "tenant, as for memberships.",
            },
            bases=["Model"],
        ),
    ]
