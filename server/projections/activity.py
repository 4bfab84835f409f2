"""What happened lately: to one client or person, the newest first, and how much on each day."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from uuid import UUID

from server.audit import Outcome
from server.kernel import database
from server.kernel.clock import DAY
from server.kernel.json import dump_json, load_json

from .listing import Key, Listing, contains

if TYPE_CHECKING:
    from collections.abc import Mapping

    from server.kernel.clock import Instant
    from server.kernel.database import Row
    from server.kernel.json import JsonValue
    from server.kernel.paging import Page, Paging

_SELECT = """
SELECT e.id, e.occurred_at, e.event, e.outcome, e.actor_kind, e.actor_id, e.subject_id, e.details FROM audit_event e
"""
_BY_DAY = """
SELECT d.event, (d.day - $2) / $3 AS day, d.events AS total FROM audit_day d
WHERE d.tenant_id = $1 AND d.day >= $2 AND d.day < $4
UNION ALL
SELECT e.event, (e.occurred_at - $2) / $3 AS day, count(*) AS total FROM audit_unsealed u
JOIN audit_event e ON e.tenant_id = u.tenant_id AND e.id = u.id
WHERE u.tenant_id = $1 AND e.occurred_at >= $2 AND e.occurred_at < $4
GROUP BY e.event, (e.occurred_at - $2) / $3
"""


@dataclass(frozen=True, slots=True)
class About:
    """What the events are about; what is None is not looked at."""

    client_pk: UUID | None = None
    subject_id: UUID | None = None
    event: str | None = None
    by_administrators: bool = False  # only what somebody changed, not what merely went on
    events: tuple[str, ...] = ()  # only these
    detail: tuple[str, str] | None = None  # only those with this text in this member; with `events`, to look at few


@dataclass(frozen=True, slots=True)
class Happening:
    """One event of the audit log."""

    id: UUID
    occurred_at: Instant
    event: str
    failed: bool
    actor_kind: str
    actor_id: str | None
    subject_id: UUID | None
    details: Mapping[str, JsonValue] = field(repr=False)


async def list_happenings(tenant_id: UUID, about: About, paging: Paging) -> Page[Happening]:
    """A page of events, the newest first; raises BadCursor."""
    listing = Listing(_SELECT)
    listing.where("e.tenant_id = ?", tenant_id)
    if about.client_pk is not None:
        listing.where("e.client_pk = ?", about.client_pk)
    if about.subject_id is not None:
        listing.where("e.subject_id = ?", about.subject_id)
    if about.event is not None:
        listing.where("e.event = ?", about.event)
    if about.by_administrators:
        listing.where("e.actor_kind IN ('administrator', 'system')")
    if about.events:
        listing.where(f"e.event IN ({', '.join('?' for _ in about.events)})", *about.events)
    if about.detail is not None:
        name, text = about.detail
        listing.where(r"e.details LIKE ? ESCAPE '\'", contains(dump_json({name: text})[1:-1]))
    return await listing.page((Key("e.id", "id", UUID),), paging, _happening, descending=True)


async def count_by_day(tenant_id: UUID, since: Instant, days: int) -> Mapping[str, tuple[int, ...]]:
    """How often each event happened on each of so many days, UTC, the first of which begins at an instant.

    What is sealed was counted then; what is not is little, and counted now.
    """
    counts: dict[str, list[int]] = {}
    for row in await database.rows(_BY_DAY, tenant_id, since, DAY, since + days * DAY):
        of_days = counts.setdefault(str(row["event"]), [0] * days)
        of_days[database.as_int(row["day"])] += database.as_int(row["total"])
    return {event: tuple(of_days) for event, of_days in counts.items()}


def _happening(row: Row) -> Happening:
    details = load_json(str(row["details"]))
    return Happening(
        id=database.as_uuid(row["id"]),
        occurred_at=database.as_int(row["occurred_at"]),
        event=str(row["event"]),
        failed=str(row["outcome"]) == Outcome.FAILURE,
        actor_kind=str(row["actor_kind"]),
        actor_id=database.as_optional_text(row["actor_id"]),
        subject_id=database.as_optional_uuid(row["subject_id"]),
        details=details if isinstance(details, dict) else {},
    )
