"""The kernel's own tables. Private to the modules that query them."""

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model


class CacheVersionRow(Model):
    """A transaction that changed something cached; used on PostgreSQL only. See cache_versions."""

    id = fields.UUIDField(primary_key=True)
    version = fields.BigIntField()
    process = fields.CharField(max_length=32)
    tenant_id = fields.UUIDField()
    topic = fields.CharField(max_length=32)

    class Meta:
        table = "cache_version"
        indexes = (Index(fields=("version",)),)


class SharedStateRow(Model):
    """One short-lived value or count."""

    key = fields.CharField(max_length=300, primary_key=True)
    value = fields.TextField(null=True)
    count = fields.BigIntField(default=0)
    expires_at = fields.BigIntField(db_index=True)

    class Meta:
        table = "shared_state"


class OutboxJobRow(Model):
    """Work that was promised in a transaction; the row goes when the work is done."""

    id = fields.UUIDField(primary_key=True)
    tenant_id = fields.UUIDField()
    kind = fields.CharField(max_length=64)
    sealed_payload = fields.TextField()
    state = fields.CharField(max_length=10)
    attempts = fields.IntField(default=0)
    due_at = fields.BigIntField(null=True)  # while it runs: when its lease ends; absent: it has been given up
    created_at = fields.BigIntField()
    changed_at = fields.BigIntField()  # when it was last written, by the clock of whoever wrote it
    error = fields.CharField(max_length=100, null=True)  # the class of what went wrong last

    class Meta:
        table = "outbox_job"
        indexes = (("kind", "due_at"), ("due_at",), ("state", "kind"))


class ScheduleRunRow(Model):
    """The last finished run of one schedule, by whichever process it was."""

    name = fields.CharField(max_length=64, primary_key=True)
    started_at = fields.BigIntField()
    finished_at = fields.BigIntField()
    error = fields.CharField(max_length=100, null=True)

    class Meta:
        table = "schedule_run"
