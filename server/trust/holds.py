"""What waits for an administrator: a client at an origin."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Self

from server.kernel import database
from server.kernel.json import load_json

from .signals import Signal

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from server.kernel.clock import Instant


class HoldState(StrEnum):
    """What an administrator made of a hold."""

    OPEN = "open"
    APPROVED = "approved"
    BLOCKED = "blocked"


@dataclass(frozen=True, slots=True)
class Hold:
    """One row of the inbox: a client at an origin."""

    id: UUID
    client_pk: UUID
    client_id: str
    origin: str
    redirect_uri: str
    score: int
    signals: tuple[Signal, ...]
    state: HoldState
    people: int
    first_held_at: Instant
    last_held_at: Instant
    settled_at: Instant | None
    settled_by: str | None

    @classmethod
    def from_row(cls, row: Mapping[str, object]) -> Self:
        """Read a row that has the columns of the same names."""
        names = load_json(str(row["signals"]))
        return cls(
            id=database.as_uuid(row["id"]),
            client_pk=database.as_uuid(row["client_pk"]),
            client_id=str(row["client_id"]),
            origin=str(row["origin"]),
            redirect_uri=str(row["redirect_uri"]),
            score=database.as_int(row["score"]),
            signals=tuple(Signal(str(name)) for name in names) if isinstance(names, list) else (),
            state=HoldState(str(row["state"])),
            people=database.as_int(row["people"]),
            first_held_at=database.as_int(row["first_held_at"]),
            last_held_at=database.as_int(row["last_held_at"]),
            settled_at=database.as_optional_int(row["settled_at"]),
            settled_by=database.as_optional_text(row["settled_by"]),
        )
