"""Lists as one argument of a statement: an array for PostgreSQL, JSON for SQLite."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import database
from .json import dump_json

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID


def among(placeholder: str) -> str:
    """What follows a column in WHERE, to be one of the values in `as_argument`."""
    if database.is_postgresql():
        return f"= ANY({placeholder})"
    return f"IN (SELECT value FROM json_each({placeholder}))"  # noqa: S608 - a placeholder is no value


def as_argument(values: Iterable[UUID | str | int]) -> list[UUID | str | int] | str:
    """The values as a statement takes them."""
    listed = list(values)
    return listed if database.is_postgresql() else dump_json(listed)
