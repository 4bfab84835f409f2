"""Which tenants there are, and going to one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.administration import Permission
from server.administration import tenants as acts
from server.endpoints.wire import redirect
from server.kernel.paging import Paging
from server.projections import TenantFilter
from web.admin.frame import draw
from web.admin.listing import Filter, read_list
from web.admin.rows import shows
from web.admin.tenants.contexts import tenants_page
from web.admin.visit import PREFIX, uri_in
from web.localization import mark

if TYPE_CHECKING:
    from server.endpoints.wire import WireResponse
    from web.admin.visit import ConsoleVisit

STATES = (("", mark("all")), ("enabled", mark("in use")), ("disabled", mark("disabled")))


async def home(visit: ConsoleVisit) -> WireResponse:
    """The first tenant that the person administers; where there is none, all that there are."""
    found = await acts.page(visit.operator, TenantFilter(), visit.site.public_url, Paging(1))
    if found.items:
        return redirect(uri_in(found.items[0].slug))
    return redirect(f"{PREFIX}/tenants" if visit.operator.owns_platform else f"{PREFIX}/switch")


async def switch(visit: ConsoleVisit) -> WireResponse:
    """A search over the tenants that the person administers."""
    asked = read_list(visit)
    found = await acts.page(
        visit.operator, TenantFilter(search=asked.search or None), visit.site.public_url, asked.paging
    )
    page = tenants_page(found, asked.frame(found.next_cursor))
    return draw(visit, "admin/tenants/switch.html", page, headers=asked.headers)


async def list_all(visit: ConsoleVisit) -> WireResponse:
    """Every tenant of the platform."""
    asked = read_list(visit, Filter("state", mark("State"), STATES))
    state = asked.value("state")
    shown = TenantFilter(search=asked.search or None, enabled=None if state is None else state == "enabled")
    found = await acts.page(visit.operator, shown, visit.site.public_url, asked.paging)
    page = tenants_page(found, asked.frame(found.next_cursor))
    return draw(visit, "admin/tenants/list.html", page, headers=asked.headers)


ROWS = (
    shows("", home, None),
    shows("/switch", switch, None),
    shows("/tenants", list_all, Permission.MANAGE_TENANTS),
)
