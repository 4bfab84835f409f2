"""A table and columns that only the new release uses. The columns may be absent: the release before goes on inserting
clients without them, and reads what a client was before."""

from uuid import uuid4

from tortoise import fields, migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("latchkey", "0003_cache_versions")]

    operations = [
        ops.AddField("ClientRow", "state", fields.CharField(null=True, max_length=16)),
        ops.AddField("ClientRow", "access_token_digest", fields.CharField(null=True, max_length=64)),
        ops.AddField("ClientRow", "initial_access_token_id", fields.UUIDField(null=True)),
        ops.AddField("ClientRow", "ceiling", fields.TextField(null=True, unique=False)),
        ops.AddField("ClientRow", "software_statement", fields.TextField(null=True, unique=False)),
        ops.AddField("ClientRow", "last_used_at", fields.BigIntField(null=True)),
        ops.AddField("ClientRow", "kept_until", fields.BigIntField(null=True)),
        ops.CreateModel(
            name="InitialAccessTokenRow",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ("tenant_id", fields.UUIDField()),
                ("digest", fields.CharField(max_length=64)),
                ("name", fields.CharField(max_length=200)),
                ("template", fields.TextField(unique=False)),
                ("max_uses", fields.IntField()),
                ("uses", fields.IntField(default=0)),
                ("created_at", fields.BigIntField()),
                ("valid_until", fields.BigIntField()),
                ("revoked_at", fields.BigIntField(null=True)),
            ],
            options={
                "table": "initial_access_token",
                "app": "latchkey",
                "unique_together": (("tenant_id", "digest"),),
                "pk_attr": "id",
                "table_description": "A token that lets its holder register clients; kept for good, since its clients "
                "go on by its template.",
            },
            bases=["Model"],
        ),
    ]
