"""The list of clients."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.administration import Permission
from server.administration import clients as acts
from server.clients import ClientSource
from server.projections import ClientFilter
from web.admin.clients.contexts import ClientsPage, client_entry
from web.admin.clients.tabs import APPLICATIONS, DOCUMENTS, DYNAMIC, tabs_of
from web.admin.frame import draw
from web.admin.listing import Filter, read_list
from web.admin.rows import shows
from web.localization import mark

if TYPE_CHECKING:
    from server.endpoints.wire import WireResponse
    from web.admin.visit import ConsoleVisit

TABS = {
    ClientSource.ADMIN: APPLICATIONS,
    ClientSource.DYNAMIC: DYNAMIC,
    ClientSource.METADATA_DOCUMENT: DOCUMENTS,
}
STATES = (("", mark("all")), ("enabled", mark("in use")), ("disabled", mark("disabled")))


async def applications(visit: ConsoleVisit) -> WireResponse:
    """Clients that an administrator registered."""
    return await _draw_list(visit, ClientSource.ADMIN)


async def dynamic(visit: ConsoleVisit) -> WireResponse:
    """Clients that registered themselves."""
    return await _draw_list(visit, ClientSource.DYNAMIC)


async def documents(visit: ConsoleVisit) -> WireResponse:
    """Clients that are known by a metadata document."""
    return await _draw_list(visit, ClientSource.METADATA_DOCUMENT)


async def _draw_list(visit: ConsoleVisit, source: ClientSource) -> WireResponse:
    asked = read_list(visit, Filter("state", mark("State"), STATES))
    state = asked.value("state")
    shown = ClientFilter(
        search=asked.search or None, source=source, enabled=None if state is None else state == "enabled"
    )
    found = await acts.page(visit.operator, visit.tenant, shown, asked.paging)
    page = ClientsPage(
        clients=tuple(client_entry(visit, line) for line in found.items),
        list=asked.frame(found.next_cursor),
        tabs=tabs_of(visit, TABS[source]),
        create_uri=visit.uri("clients", "new") if visit.may(Permission.MANAGE_CLIENTS) else None,
        api_path=visit.api("clients"),
    )
    return draw(visit, "admin/clients/list.html", page, headers=asked.headers)


ROWS = (
    shows("/t/<tenant>/clients", applications),
    shows("/t/<tenant>/clients/dynamic", dynamic),
    shows("/t/<tenant>/clients/documents", documents),
)
