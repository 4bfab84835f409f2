"""Rows as they come from either database, and what their columns mean."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias
from uuid import UUID

Row: TypeAlias = Mapping[str, object]


def as_uuid(value: object) -> UUID:
    """A UUID column: PostgreSQL gives a UUID, SQLite its text."""
    return value if isinstance(value, UUID) else UUID(str(value))


def as_bool(value: object) -> bool:
    """A boolean column: SQLite gives 0 or 1."""
    return bool(value)


def as_int(value: object) -> int:
    """An integer column; raises TypeError for anything else, NULL included."""
    if not isinstance(value, int):
        raise TypeError("not an integer column")
    return value


def as_optional_int(value: object) -> int | None:
    """An integer column that may be NULL."""
    return None if value is None else as_int(value)


def as_optional_text(value: object) -> str | None:
    """A text column that may be NULL."""
    return None if value is None else str(value)


def as_optional_uuid(value: object) -> UUID | None:
    """A UUID column that may be NULL."""
    return None if value is None else as_uuid(value)
