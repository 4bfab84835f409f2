"""How the lists of the console and of the API are asked for: filtered, in one order, a page at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar
from uuid import UUID

from server.kernel import database
from server.kernel.paging import KeyValue, Page, decode_cursor, encode_cursor

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from server.kernel.database import Row
    from server.kernel.paging import Paging

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Key:
    """A column that a list is ordered by: as the statement spells it, as the row names it, and what it holds."""

    column: str
    name: str
    kind: type[KeyValue]

    def of(self, row: Row) -> KeyValue:
        """The value in a row."""
        value = row[self.name]
        if self.kind is UUID:
            return database.as_uuid(value)
        return database.as_int(value) if self.kind is int else str(value)


class Listing:
    """A SELECT under construction; `?` stands for the values of a condition, which are never part of the text."""

    def __init__(self, select: str) -> None:
        self._select = select
        self._conditions: list[str] = []
        self._arguments: list[object] = []

    def where(self, condition: str, *values: object) -> None:
        """Show only rows that fulfil a condition."""
        for value in values:
            self._arguments.append(value)
            condition = condition.replace("?", f"${len(self._arguments)}", 1)
        self._conditions.append(condition)

    async def page(
        self, keys: Sequence[Key], paging: Paging, build: Callable[[Row], T], *, descending: bool = False
    ) -> Page[T]:
        """The page; the keys together name one row. Raises BadCursor."""
        if paging.cursor is not None:
            after = decode_cursor(paging.cursor, [key.kind for key in keys])
            columns, places = ", ".join(key.column for key in keys), ", ".join("?" for _ in keys)
            self.where(f"({columns}) {'<' if descending else '>'} ({places})", *after)
        order = ", ".join(f"{key.column} {'DESC' if descending else 'ASC'}" for key in keys)
        self._arguments.append(paging.limit + 1)
        sql = f"{self._select} WHERE {' AND '.join(self._conditions)} ORDER BY {order} LIMIT ${len(self._arguments)}"
        rows = await database.rows(sql, *self._arguments)
        shown = rows[: paging.limit]
        cursor = encode_cursor(key.of(shown[-1]) for key in keys) if len(rows) > len(shown) else None
        return Page(tuple(map(build, shown)), cursor)


def contains(text: str) -> str:
    r"""A LIKE pattern for what contains a text; to be used with `ESCAPE '\'`."""
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"
