"""The overview of a tenant."""

from __future__ import annotations

from typing import TYPE_CHECKING

from web.admin.frame import draw
from web.admin.overview.contexts import OverviewPage
from web.admin.rows import shows

if TYPE_CHECKING:
    from server.endpoints.wire import WireResponse
    from web.admin.visit import ConsoleVisit


async def overview(visit: ConsoleVisit) -> WireResponse:
    """What goes on in a tenant."""
    page = OverviewPage(visit.tenant.issuer, visit.api())
    return draw(visit, "admin/overview/overview.html", page)


ROWS = (shows("/t/<tenant>", overview),)
