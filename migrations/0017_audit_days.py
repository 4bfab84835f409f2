"""How often each event happened on each day; counted from here on. The release that still runs knows nothing of it."""

from tortoise import fields, migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("latchkey", "0015_what_roles_are_for")]

    operations = [
        ops.CreateModel(
            name="AuditDayRow",
            fields=[
                ("id", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                ("tenant_id", fields.UUIDField()),
                ("day", fields.BigIntField()),
                ("event", fields.CharField(unique=False, max_length=64)),
                ("events", fields.BigIntField()),
            ],
            options={
                "table": "audit_day",
                "app": "latchkey",
                "unique_together": (("tenant_id", "day", "event"),),
                "pk_attr": "id",
                "table_description": "How often an event happened to a tenant on a day, as far as it is sealed: nobody counts millions for a chart.",
            },
            bases=["Model"],
        ),
    ]
