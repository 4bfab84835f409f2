"""Changing tables on SQLite without losing what hangs on them.

Tortoise rebuilds a table to change a column and forgets its indexes, its multi-column UNIQUE constraints and its
triggers; here they are put back. The connection must not check foreign keys meanwhile.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tortoise.migrations.schema_editor import SqliteSchemaEditor

if TYPE_CHECKING:
    from tortoise.fields.base import Field
    from tortoise.models import Model


@dataclass(frozen=True, slots=True)
class Attachments:
    """What belongs to a table beside its columns."""

    indexes: tuple[str, ...]  # as they were created
    unique: tuple[tuple[str, ...], ...]  # column names of UNIQUE constraints in the table
    triggers: tuple[str, ...]  # as they were created


class RepairingSchemaEditor(SqliteSchemaEditor):
    """Tortoise's schema editor. Any: as in Tortoise's own signatures."""

    async def _run_sql(self, sql: str) -> None:
        if self.collect_sql:
            await super()._run_sql(sql)
        else:
            # Our client keeps the transaction open in a script, and knows a semicolon in a literal.
            await self.client.execute_script(sql)

    async def _remake_table(
        self,
        model: type[Model],
        create_field: Field[Any] | None = None,
        delete_field: Field[Any] | None = None,
        alter_fields: list[tuple[Field[Any], Field[Any]]] | None = None,
    ) -> None:
        if self.collect_sql:
            await super()._remake_table(model, create_field, delete_field, alter_fields)
            return
        table = model._meta.db_table  # noqa: SLF001  Tortoise's way to a model's table
        before = await self._attachments(table)
        await super()._remake_table(model, create_field, delete_field, alter_fields)
        await self._attach(table, before)

    async def _attachments(self, table: str) -> Attachments:
        made = await self._rows("SELECT type, sql FROM sqlite_master WHERE tbl_name = ? AND sql IS NOT NULL", table)
        unique = []
        for index in await self._rows(f'PRAGMA index_list("{table}")'):
            if index["origin"] == "u":
                columns = await self._rows(f'PRAGMA index_info("{index["name"]}")')
                unique.append(tuple(str(column["name"]) for column in columns))
        return Attachments(
            indexes=tuple(str(row["sql"]) for row in made if row["type"] == "index"),
            unique=tuple(unique),
            triggers=tuple(str(row["sql"]) for row in made if row["type"] == "trigger"),
        )

    async def _attach(self, table: str, before: Attachments) -> None:
        columns = {str(row["name"]) for row in await self._rows(f'PRAGMA table_info("{table}")')}
        kept = (await self._attachments(table)).unique
        for names in before.unique:
            # A constraint on a single column is part of the column, and has been rebuilt or removed with it.
            if len(names) > 1 and names not in kept and columns.issuperset(names):
                quoted = ", ".join(f'"{name}"' for name in names)
                await self._run_sql(f'CREATE UNIQUE INDEX "uid_{table}_{"_".join(names)}" ON "{table}" ({quoted})')
        for sql in before.indexes:
            await self._run_unless_column_is_gone(sql)
        for sql in before.triggers:
            await self._run_sql(sql)

    async def _run_unless_column_is_gone(self, sql: str) -> None:
        try:
            await self.client.execute_script(sql)
        except sqlite3.OperationalError as error:
            if "no such column" not in str(error):
                raise

    async def _rows(self, sql: str, *values: str) -> list[dict[str, Any]]:
        return await self.client.execute_query_dict(sql, list(values))
