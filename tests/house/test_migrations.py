"""Migrations run while the release before them serves: nothing that it reads or writes may be taken from it.

The procedure for what cannot be done in one step is in docs/how-to/work-on-latchkey.md.
"""

from __future__ import annotations

from importlib import import_module

import pytest
from tortoise import fields, migrations
from tortoise.fields.base import Field
from tortoise.indexes import Index
from tortoise.migrations import operations as ops

from tests.house.sources import ROOT

NAMES = sorted(path.stem for path in (ROOT / "migrations").glob("[0-9]*.py"))


def find_unsafe(migration: type[migrations.Migration]) -> list[str]:
    """What in a migration the release before it would not survive."""
    made = {operation.name for operation in migration.operations if isinstance(operation, ops.CreateModel)}
    old = [operation for operation in migration.operations if getattr(operation, "model_name", None) not in made]
    return [why for operation in old if (why := _why_unsafe(migration, operation))]


def _why_unsafe(migration: type[migrations.Migration], operation: object) -> str | None:
    match operation:
        case ops.CreateModel():
            return None
        case ops.AddField(model_name=model, name=name, field=field):
            safe, why = _may_be_left_out(field), f"{model}.{name}: what the release before inserts has no value"
        case ops.AddIndex(model_name=model) | ops.RemoveIndex(model_name=model):
            safe, why = not migration.atomic, f"index of {model}: nobody could write meanwhile; atomic = False"
        case ops.RenameField() | ops.RenameModel():
            safe, why = False, f"{operation.describe()}: the release before knows the old name"
        case _:
            safe = bool(getattr(migration, "safe_because", ""))
            why = f"{type(operation).__name__}: say in safe_because why the release before survives it"
    return None if safe else why


def _may_be_left_out(field: object) -> bool:
    return isinstance(field, Field) and not field.unique and (field.null or field.has_db_default())


@pytest.mark.parametrize("name", NAMES[1:])
def test_release_before_survives_the_migration(name: str) -> None:
    assert find_unsafe(import_module(f"migrations.{name}").Migration) == []


def test_migrations_follow_one_another_by_number() -> None:
    numbers = [name.partition("_")[0] for name in NAMES]
    assert numbers == sorted(numbers)
    assert NAMES[0] == "0001_initial"


@pytest.mark.parametrize(
    ("operation", "atomic", "reason", "is_safe"),
    [
        (ops.AddField("UserRow", "age", fields.IntField(null=True)), True, "", True),
        (ops.AddField("UserRow", "age", fields.IntField(db_default=0)), True, "", True),
        (ops.AddField("UserRow", "age", fields.IntField(default=0)), True, "", False),
        (ops.AddField("UserRow", "age", fields.IntField(null=True, unique=True)), True, "", False),
        (ops.AddIndex("UserRow", Index(fields=["email"])), True, "", False),
        (ops.AddIndex("UserRow", Index(fields=["email"])), False, "", True),
        (ops.RemoveField("UserRow", "age"), True, "", False),
        (ops.RemoveField("UserRow", "age"), True, "0007 is the last that reads it", True),
        (ops.DeleteModel("UserRow"), True, "", False),
        (ops.RunSQL("DELETE FROM user_account"), True, "", False),
        (ops.RenameField("UserRow", "age", "years"), True, "for no reason", False),
    ],
)
def test_what_is_safe(operation: ops.Operation, atomic: bool, reason: str, is_safe: bool) -> None:
    attributes = {"operations": [operation], "atomic": atomic, "safe_because": reason}
    assert (find_unsafe(type("Migration", (migrations.Migration,), attributes)) == []) is is_safe
