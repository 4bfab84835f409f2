"""Statements about many ids at once, whose text does not depend on how many there are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import database
from .json import dump_json

if TYPE_CHECKING:
    from collections.abc import Collection
    from uuid import UUID


def is_among(column: str, placeholder: str) -> str:
    """The condition that a column has one of the ids of an argument, which is made by `as_argument`."""
    if database.is_postgresql():
        return f"{column} = ANY({placeholder}::uuid[])"
    return f"{column} IN (SELECT value FROM json_each({placeholder}))"  # noqa: S608 - a column and a placeholder of our own


def as_argument(ids: Collection[UUID]) -> object:
    """The ids as one argument of a statement."""
    return list(ids) if database.is_postgresql() else dump_json([str(item) for item in ids])
