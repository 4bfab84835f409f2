"""The trust inbox: clients at origins that wait, or waited, for an administrator."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from server.kernel import database
from server.kernel.json import load_json
from server.trust import HoldState, Signal

from .listing import Key, Listing, as_optional_text

if TYPE_CHECKING:
    from server.kernel.clock import Instant
    from server.kernel.database import Row
    from server.kernel.paging import Page, Paging

_SELECT = """
SELECT h.id, h.client_pk, h.client_id, h.origin, h.redirect_uri, h.score, h.signals, h.state, h.people,
 h.first_held_at, h.last_held_at, h.settled_at, h.settled_by, c.source, c.metadata
FROM trust_hold h LEFT JOIN client c ON c.tenant_id = h.tenant_id AND c.id = h.client_pk
"""
_COUNT = "SELECT count(*) AS total FROM trust_hold WHERE tenant_id = $1 AND state = 'open'"
_BY_TIME = (Key("h.last_held_at", "last_held_at", int), Key("h.id", "id", UUID))


@dataclass(frozen=True, slots=True)
class HoldFilter:
    """Which rows of the inbox are shown; None: whatever it is."""

    state: HoldState | None = HoldState.OPEN
    host: str | None = None  # at any port
    client_id: str | None = None


@dataclass(frozen=True, slots=True)
class HoldLine:
    """A client at an origin; `people` waited for it. Name and source are None once the client is gone."""

    id: UUID
    client_pk: UUID
    client_id: str
    client_name: str | None
    client_source: str | None
    origin: str
    redirect_uri: str  # the one that was held last
    score: int
    signals: tuple[Signal, ...]
    state: HoldState
    people: int
    first_held_at: Instant
    last_held_at: Instant
    settled_at: Instant | None
    settled_by: str | None


async def list_holds(tenant_id: UUID, shown: HoldFilter, paging: Paging) -> Page[HoldLine]:
    """A page of the inbox, those held last first; raises BadCursor."""
    listing = Listing(_SELECT)
    listing.where("h.tenant_id = ?", tenant_id)
    if shown.state is not None:
        listing.where("h.state = ?", shown.state.value)
    if shown.host is not None:
        origin = f"https://{shown.host}"
        listing.where("(h.origin = ? OR substr(h.origin, 1, ?) = ?)", origin, len(origin) + 1, f"{origin}:")
    if shown.client_id is not None:
        listing.where("h.client_id = ?", shown.client_id)
    return await listing.page(_BY_TIME, paging, _line, descending=True)


async def count_open_holds(tenant_id: UUID) -> int:
    """How many rows of the inbox wait for an administrator."""
    row = await database.row(_COUNT, tenant_id)
    return database.as_int(row["total"]) if row else 0


def _line(row: Row) -> HoldLine:
    signals = load_json(str(row["signals"]))
    metadata = load_json(str(row["metadata"])) if row["metadata"] is not None else None
    return HoldLine(
        id=database.as_uuid(row["id"]),
        client_pk=database.as_uuid(row["client_pk"]),
        client_id=str(row["client_id"]),
        client_name=as_optional_text(metadata.get("client_name")) if isinstance(metadata, dict) else None,
        client_source=as_optional_text(row["source"]),
        origin=str(row["origin"]),
        redirect_uri=str(row["redirect_uri"]),
        score=database.as_int(row["score"]),
        signals=tuple(Signal(str(name)) for name in signals) if isinstance(signals, list) else (),
        state=HoldState(str(row["state"])),
        people=database.as_int(row["people"]),
        first_held_at=database.as_int(row["first_held_at"]),
        last_held_at=database.as_int(row["last_held_at"]),
        settled_at=database.as_optional_int(row["settled_at"]),
        settled_by=as_optional_text(row["settled_by"]),
    )
