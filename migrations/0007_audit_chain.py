"""New tables, a column that may be empty, and a trigger: what the release before writes is noted for sealing, too."""

from uuid import uuid4

from tortoise import fields, migrations
from tortoise.migrations import operations as ops

FUNCTION = """
CREATE OR REPLACE FUNCTION note_unsealed_audit_event() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO audit_unsealed (id, tenant_id, transaction_id)
    VALUES (NEW.id, NEW.tenant_id, pg_current_xact_id()::text::bigint);
    RETURN NULL;
END $$
"""
TRIGGER_ON_POSTGRESQL = """
CREATE TRIGGER audit_event_unsealed AFTER INSERT ON audit_event
FOR EACH ROW EXECUTE FUNCTION note_unsealed_audit_event()
"""
TRIGGER_ON_SQLITE = """
CREATE TRIGGER audit_event_unsealed AFTER INSERT ON audit_event
BEGIN INSERT INTO audit_unsealed (id, tenant_id) VALUES (NEW.id, NEW.tenant_id); END
"""


async def make_trigger(_, editor):
    statements = (FUNCTION, TRIGGER_ON_POSTGRESQL) if editor.DIALECT == "postgres" else (TRIGGER_ON_SQLITE,)
    for statement in statements:
        await editor.client.execute_script(statement)


def table(name, table_name, description, columns, unique=()):
    key = ("id", fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True))
    options = {"table": table_name, "app": "latchkey", "pk_attr": "id", "table_description": description}
    if unique:
        options["unique_together"] = unique
    return ops.CreateModel(name=name, fields=[key, *columns], options=options, bases=["Model"])


class Migration(migrations.Migration):
    dependencies = [("latchkey", "0006_trust")]
    safe_because = "the trigger writes to a table that the release before does not know, beside what that writes"

    operations = [
        ops.AddField("AuditEventRow", "user_agent", fields.CharField(null=True, max_length=300)),
        table(
            "AuditUnsealedRow",
            "audit_unsealed",
            "An event that stands in no seal yet.",
            [("tenant_id", fields.UUIDField()), ("transaction_id", fields.BigIntField(null=True))],
        ),
        table(
            "AuditChainRow",
            "audit_chain",
            "The head of a tenant's chain, and the secret that authenticates it, sealed.",
            [
                ("tenant_id", fields.UUIDField(unique=True)),
                ("sealed_seed", fields.TextField(unique=False)),
                ("number", fields.BigIntField()),
                ("position", fields.BigIntField()),
                ("digest", fields.BinaryField()),
                ("checkpoint_position", fields.BigIntField()),
                ("checkpoint_at", fields.BigIntField()),
                ("trimmed_before", fields.UUIDField(null=True)),
                ("trimmed_mac", fields.BinaryField(null=True)),
            ],
        ),
        table(
            "AuditSealRow",
            "audit_seal",
            "A link of the chain: some events, in their order, with the digest of each.",
            [
                ("tenant_id", fields.UUIDField()),
                ("number", fields.BigIntField()),
                ("position", fields.BigIntField()),
                ("sealed_at", fields.BigIntField()),
                ("members", fields.BinaryField()),
                ("digest", fields.BinaryField()),
                ("mac", fields.BinaryField()),
            ],
            (("tenant_id", "number"),),
        ),
        table(
            "AuditCheckpointRow",
            "audit_checkpoint",
            "A signed statement of how far the chain went; kept for good.",
            [
                ("tenant_id", fields.UUIDField()),
                ("number", fields.BigIntField()),
                ("sealed_at", fields.BigIntField()),
                ("signed", fields.TextField(unique=False)),
            ],
            (("tenant_id", "number"),),
        ),
        ops.RunPython(make_trigger),
    ]
