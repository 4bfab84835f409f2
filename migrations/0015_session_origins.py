"""Where a session was begun and with what; the release that still runs neither writes nor reads it."""

from tortoise import fields, migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("latchkey", "0015_consent_indexes")]

    operations = [
        ops.AddField(
            model_name="SessionRow",
            name="remote_address",
            field=fields.CharField(null=True, unique=False, max_length=45),
        ),
        ops.AddField(
            model_name="SessionRow",
            name="user_agent",
            field=fields.CharField(null=True, unique=False, max_length=300),
        ),
    ]
