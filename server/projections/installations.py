"""The list of tenants, as far as somebody administers them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from server.kernel import database
from server.tenants import SYSTEM_SLUG, issuer_of

from .listing import Key, Listing, contains

if TYPE_CHECKING:
    from uuid import UUID

    from server.kernel.clock import Instant
    from server.kernel.database import Row
    from server.kernel.paging import Page, Paging

_SELECT = "SELECT t.id, t.slug, t.display_name, t.domain, t.enabled, t.created_at, t.updated_at FROM tenant t"
_SEARCH = r"(t.slug LIKE ? ESCAPE '\' OR lower(t.display_name) LIKE ? ESCAPE '\' OR t.domain LIKE ? ESCAPE '\')"


@dataclass(frozen=True, slots=True)
class TenantFilter:
    """Which tenants are shown; what is None is not looked at."""

    search: str | None = None  # in slug, name and domain
    enabled: bool | None = None
    among: tuple[UUID, ...] | None = None


@dataclass(frozen=True, slots=True)
class TenantLine:
    """One tenant in the list."""

    id: UUID
    slug: str
    display_name: str
    issuer: str
    domain: str | None
    enabled: bool
    created_at: Instant
    updated_at: Instant


async def list_installed(shown: TenantFilter, public_url: str, paging: Paging) -> Page[TenantLine]:
    """A page of tenants by slug, the system tenant left out; raises BadCursor."""
    listing = Listing(_SELECT)
    listing.where("t.slug <> ?", SYSTEM_SLUG)
    if shown.among is not None:
        places = ", ".join("?" for _ in shown.among) or "NULL"
        listing.where(f"t.id IN ({places})", *shown.among)
    if shown.search:
        pattern = contains(shown.search.lower())
        listing.where(_SEARCH, pattern, pattern, pattern)
    if shown.enabled is not None:
        listing.where("t.enabled = ?", shown.enabled)

    def line(row: Row) -> TenantLine:
        return _line(row, public_url)

    return await listing.page((Key("t.slug", "slug", str),), paging, line)


def _line(row: Row, public_url: str) -> TenantLine:
    slug, domain = str(row["slug"]), database.as_optional_text(row["domain"])
    return TenantLine(
        id=database.as_uuid(row["id"]),
        slug=slug,
        display_name=str(row["display_name"]),
        issuer=issuer_of(slug, domain, public_url),
        domain=domain,
        enabled=database.as_bool(row["enabled"]),
        created_at=database.as_int(row["created_at"]),
        updated_at=database.as_int(row["updated_at"]),
    )
