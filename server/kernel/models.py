"""The table of shared state, where the database serves for it. Private to shared_state."""

from tortoise import fields
from tortoise.models import Model


class SharedStateRow(Model):
    """One short-lived value or count."""

    key = fields.CharField(max_length=300, primary_key=True)
    value = fields.TextField(null=True)
    count = fields.BigIntField(default=0)
    expires_at = fields.BigIntField(db_index=True)

    class Meta:
        table = "shared_state"
