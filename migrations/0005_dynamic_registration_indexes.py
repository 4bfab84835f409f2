"""Indexes for the reaper: idle clients of every tenant, and the consents of a client. Made without keeping writers out,
as in 0002_expiry_indexes."""

from tortoise import migrations
from tortoise.indexes import Index
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("latchkey", "0004_dynamic_registration")]

    operations = [
        ops.AddIndex("ClientRow", Index(fields=["source", "kept_until"])),
        ops.AddIndex("ConsentRow", Index(fields=["tenant_id", "client_pk"])),
    ]
