"""What a person agreed to before the redirect step; the release that still runs neither writes nor reads it."""

from tortoise import fields, migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("latchkey", "0011_metadata_documents")]

    operations = [
        ops.AddField(
            model_name="InteractionRow",
            name="agreed",
            field=fields.TextField(null=True, unique=False),
        ),
    ]
