"""Three tables that only the new release writes and reads: nothing changes for the one that still runs."""

from tortoise import fields, migrations
from tortoise.indexes import Index
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("latchkey", "0010_list_indexes")]

    operations = [
        ops.CreateModel(
            name="ClientDocumentRow",
            fields=[
                ("url", fields.CharField(primary_key=True, unique=True, db_index=True, max_length=500)),
                ("body", fields.TextField(unique=False)),
                ("etag", fields.CharField(null=True, max_length=200)),
                ("fetched_at", fields.BigIntField()),
                ("fresh_until", fields.BigIntField()),
            ],
            options={
                "table": "client_document",
                "app": "latchkey",
                "indexes": [Index(fields=["fetched_at"])],
                "pk_attr": "url",
                "table_description": "A document in which a client describes itself, as it was last good; "
                "one for all tenants.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="ClientLogoRow",
            fields=[
                ("name", fields.CharField(primary_key=True, unique=True, db_index=True, max_length=64)),
                ("image", fields.BinaryField()),
                ("fetched_at", fields.BigIntField()),
            ],
            options={
                "table": "client_logo",
                "app": "latchkey",
                "indexes": [Index(fields=["fetched_at"])],
                "pk_attr": "name",
                "table_description": "A client's logo, re-encoded; one for all tenants.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="ClientKeySetRow",
            fields=[
                ("uri_digest", fields.CharField(primary_key=True, unique=True, db_index=True, max_length=64)),
                ("keys", fields.TextField(unique=False)),
                ("fetched_at", fields.BigIntField()),
            ],
            options={
                "table": "client_key_set",
                "app": "latchkey",
                "indexes": [Index(fields=["fetched_at"])],
                "pk_attr": "uri_digest",
                "table_description": "The keys that a client publishes at its `jwks_uri`; one for all tenants.",
            },
            bases=["Model"],
        ),
    ]
