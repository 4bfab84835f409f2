"""The months that the audit log is divided into on PostgreSQL. Pure; the migration, too, goes by it.

An event belongs to the month in which its id was made.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeAlias

from server.kernel import ids
from server.kernel.clock import SECOND

if TYPE_CHECKING:
    from uuid import UUID

    from server.kernel.clock import Instant

Month: TypeAlias = tuple[int, int]  # year and month

TABLE = "audit_event"
DECEMBER = 12


def month_of(instant: Instant) -> Month:
    """The month of an instant, UTC."""
    then = datetime.fromtimestamp(instant / SECOND, UTC)
    return then.year, then.month


def month_after(month: Month) -> Month:
    """The next one."""
    year, number = month
    return (year + 1, 1) if number == DECEMBER else (year, number + 1)


def start_of(month: Month) -> Instant:
    """Its first instant."""
    return int(datetime(*month, 1, tzinfo=UTC).timestamp()) * SECOND


def bound_of(month: Month) -> UUID:
    """The lowest id that belongs to a month."""
    return ids.first_at(start_of(month))


def name_of(month: Month) -> str:
    """The table of a month."""
    year, number = month
    return f"{TABLE}_{year:04}_{number:02}"


def statements_for(month: Month) -> tuple[str, ...]:
    """What makes a month's table and attaches it; nobody who writes to another month waits."""
    name, bounds = name_of(month), f"FROM ('{bound_of(month)}') TO ('{bound_of(month_after(month))}')"
    return (
        f"CREATE TABLE {name} (LIKE {TABLE} INCLUDING DEFAULTS INCLUDING CONSTRAINTS)",
        f"ALTER TABLE {TABLE} ATTACH PARTITION {name} FOR VALUES {bounds}",
    )
