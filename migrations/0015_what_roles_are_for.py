"""What a role is for, in words; the release that still runs neither writes nor reads it."""

from tortoise import fields, migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("latchkey", "0015_session_origins")]

    operations = [
        ops.AddField(
            model_name="RoleRow",
            name="description",
            field=fields.CharField(db_default="", unique=False, max_length=500),
        ),
    ]
