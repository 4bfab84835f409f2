"""The list of people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.administration import Permission
from server.administration import users as acts
from server.projections import PersonFilter, PersonOrder
from web.admin.frame import draw
from web.admin.listing import Filter, read_list
from web.admin.rows import shows
from web.admin.users.bulk import ACTS
from web.admin.users.contexts import PeoplePage, person_entry
from web.localization import mark

if TYPE_CHECKING:
    from server.endpoints.wire import WireResponse
    from web.admin.visit import ConsoleVisit

STATES = (("", mark("all")), ("enabled", mark("enabled")), ("disabled", mark("disabled")))
ORDERS = (("", mark("by name")), ("newest", mark("newest first")))


async def people(visit: ConsoleVisit) -> WireResponse:
    """The people of a tenant."""
    asked = read_list(visit, Filter("state", mark("State"), STATES), Filter("order", mark("Order"), ORDERS))
    state = asked.value("state")
    shown = PersonFilter(
        search=asked.search or None,
        enabled=None if state is None else state == "enabled",
        order=PersonOrder(asked.value("order") or PersonOrder.USERNAME),
    )
    found = await acts.page(visit.operator, visit.tenant, shown, asked.paging)
    page = PeoplePage(
        people=tuple(person_entry(visit, line) for line in found.items),
        list=asked.frame(found.next_cursor),
        may_manage=visit.may(Permission.MANAGE_USERS),
        acts=tuple(ACTS.values()),
        uri=visit.uri("users"),
        api_path=visit.api("users"),
    )
    return draw(visit, "admin/users/list.html", page, headers=asked.headers)


ROWS = (shows("/t/<tenant>/users", people),)
