"""What people last saw of clients, and which languages those read who wait; the release that still runs knows neither.

What it writes meanwhile has no languages, and what people see by it is seen anew by this one.
"""

from uuid import uuid4

from tortoise import fields, migrations
from tortoise.indexes import Index
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("latchkey", "0012_interaction_agreed")]

    operations = [
        ops.CreateModel(
            name="TrustAcquaintanceRow",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ("tenant_id", fields.UUIDField()),
                ("person_id", fields.UUIDField()),
                ("client_pk", fields.UUIDField()),
                ("metadata_digest", fields.CharField(max_length=64)),
                ("counts", fields.BooleanField(default=False)),
                ("seen_at", fields.BigIntField()),
            ],
            options={
                "table": "trust_acquaintance",
                "app": "latchkey",
                "unique_together": (("tenant_id", "person_id", "client_pk"),),
                "indexes": [Index(fields=["tenant_id", "client_pk", "counts", "seen_at"])],
                "pk_attr": "id",
                "table_description": "What a client was like when a person last allowed it something.",
            },
            bases=["Model"],
        ),
        ops.AddField(
            model_name="TrustHoldPersonRow",
            name="languages",
            field=fields.CharField(null=True, max_length=200),
        ),
    ]
