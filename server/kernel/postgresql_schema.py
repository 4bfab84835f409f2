"""Changing tables on PostgreSQL while the release before goes on writing to them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tortoise.migrations.schema_editor import AsyncpgSchemaEditor

if TYPE_CHECKING:
    from tortoise.indexes import Index
    from tortoise.models import Model


class ConcurrentSchemaEditor(AsyncpgSchemaEditor):
    """For migrations that are not atomic: indexes are made and dropped without keeping writers out.

    Either may be repeated, for a migration that was cut off: a half-made index is dropped first.
    https://www.postgresql.org/docs/current/sql-createindex.html#SQL-CREATEINDEX-CONCURRENTLY
    """

    INDEX_CREATE_TEMPLATE = AsyncpgSchemaEditor.INDEX_CREATE_TEMPLATE.replace("INDEX", "INDEX CONCURRENTLY")

    async def add_index(self, model: type[Model], index: Index) -> None:
        """Make an index."""
        await self.remove_index(model, index)
        await super().add_index(model, index)

    async def remove_index(self, model: type[Model], index: Index) -> None:
        """Drop an index, if it is there."""
        await self._run_sql(f'DROP INDEX CONCURRENTLY IF EXISTS "{self._index_name_for_model(model, index)}"')
