"""Groups of people, the roles that they give and who is in them.

The release that still runs knows nothing of them. Of a person or role that it removes meanwhile rows are left, which
give nobody anything and are gone with their group.
"""

from tortoise import fields, migrations
from tortoise.indexes import Index
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("latchkey", "0018_changes_index")]

    operations = [
        ops.CreateModel(
            name="GroupRow",
            fields=[
                ("id", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                ("tenant_id", fields.UUIDField()),
                ("name", fields.CharField(unique=False, max_length=100)),
                ("description", fields.CharField(db_default="", unique=False, max_length=500)),
                ("origin", fields.CharField(unique=False, max_length=16)),
                ("created_at", fields.BigIntField()),
            ],
            options={
                "table": "person_group",
                "app": "latchkey",
                "unique_together": (("tenant_id", "name"),),
                "pk_attr": "id",
                "table_description": "A group of a tenant's people.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="GroupRoleRow",
            fields=[
                ("id", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                ("tenant_id", fields.UUIDField()),
                ("group_id", fields.UUIDField()),
                ("role_id", fields.UUIDField()),
                ("created_at", fields.BigIntField()),
            ],
            options={
                "table": "group_role",
                "app": "latchkey",
                "unique_together": (("tenant_id", "group_id", "role_id"),),
                "indexes": [Index(fields=["tenant_id", "role_id"])],
                "pk_attr": "id",
                "table_description": "A role that a group gives to whoever is in it.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="GroupMemberRow",
            fields=[
                ("id", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                ("tenant_id", fields.UUIDField()),
                ("group_id", fields.UUIDField()),
                ("user_id", fields.UUIDField()),
                ("created_at", fields.BigIntField()),
            ],
            options={
                "table": "group_member",
                "app": "latchkey",
                "unique_together": (("tenant_id", "group_id", "user_id"),),
                "indexes": [Index(fields=["tenant_id", "user_id"])],
                "pk_attr": "id",
                "table_description": "A person in a group.",
            },
            bases=["Model"],
        ),
    ]
