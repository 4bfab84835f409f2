"""The trust inbox: clients at origins that wait, or waited, for an administrator."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from server.kernel import database
from server.kernel.json import load_json
from server.trust import Hold, HoldState

from .listing import Key, Listing, contains

if TYPE_CHECKING:
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
    search: str | None = None  # in the origin or the client_id


@dataclass(frozen=True, slots=True)
class HoldLine:
    """A client at an origin, with what is known of the client: nothing once it is gone."""

    hold: Hold
    client_name: str | None
    client_source: str | None


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
    if shown.search is not None:
        pattern = contains(shown.search.lower())
        listing.where(r"(lower(h.origin) LIKE ? ESCAPE '\' OR lower(h.client_id) LIKE ? ESCAPE '\')", pattern, pattern)
    return await listing.page(_BY_TIME, paging, _line, descending=True)


async def count_open_holds(tenant_id: UUID) -> int:
    """How many rows of the inbox wait for an administrator."""
    row = await database.row(_COUNT, tenant_id)
    return database.as_int(row["total"]) if row else 0


def _line(row: Row) -> HoldLine:
    metadata = load_json(str(row["metadata"])) if row["metadata"] is not None else None
    return HoldLine(
        hold=Hold.from_row(row),
        client_name=database.as_optional_text(metadata.get("client_name")) if isinstance(metadata, dict) else None,
        client_source=database.as_optional_text(row["source"]),
    )
