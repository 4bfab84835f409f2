"""What the lists of tenants show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from web.admin.visit import uri_in
from web.foreign_text import MAX_NAME_LENGTH, plain

if TYPE_CHECKING:
    from server.kernel.paging import Page
    from server.projections import TenantLine
    from web.admin.listing import ListFrame


@dataclass(frozen=True, slots=True)
class TenantEntry:
    """One tenant."""

    name: str
    slug: str
    issuer: str
    uri: str
    enabled: bool


@dataclass(frozen=True, slots=True)
class TenantsPage:
    """Some tenants."""

    tenants: tuple[TenantEntry, ...]
    list: ListFrame


def tenants_page(found: Page[TenantLine], frame: ListFrame) -> TenantsPage:
    """The page of what was found."""
    entries = (
        TenantEntry(
            plain(line.display_name, MAX_NAME_LENGTH) or line.slug,
            line.slug,
            line.issuer,
            uri_in(line.slug),
            enabled=line.enabled,
        )
        for line in found.items
    )
    return TenantsPage(tuple(entries), frame)
