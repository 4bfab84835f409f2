"""The sessions of a tenant: who is signed in, where, since when."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from server.administration import Permission
from server.administration import sessions as acts
from server.projections import AccessFilter
from web.admin.access import STATES, session_entry
from web.admin.frame import draw
from web.admin.listing import SINCE, Filter, begin_of, read_list
from web.admin.rows import shows
from web.localization import mark

if TYPE_CHECKING:
    from server.endpoints.wire import WireResponse
    from web.admin.access import SessionEntry
    from web.admin.listing import ListFrame
    from web.admin.visit import ConsoleVisit

COLUMNS = (mark("Person"), mark("Browser"), mark("Address"), mark("Since"), mark("Last use"), mark("State"))
FOR_MANAGERS = (*COLUMNS, mark("End"))


@dataclass(frozen=True, slots=True)
class SessionsPage:
    """The list; `since` is the filter's value."""

    sessions: tuple[SessionEntry, ...]
    list: ListFrame
    since: str
    columns: tuple[str, ...]
    may_manage: bool
    bulk_uri: str
    api_path: str


async def sessions(visit: ConsoleVisit) -> WireResponse:
    """Every browser that somebody is signed in with."""
    asked = read_list(visit, Filter("state", mark("State"), STATES), Filter("since", mark("Begun"), SINCE))
    since = asked.value("since")
    shown = AccessFilter(
        live_at=None if asked.value("state") else visit.now,
        since=begin_of(since, visit.now),
        search=asked.search or None,
    )
    found = await acts.page(visit.operator, visit.tenant, shown, asked.paging)
    may_manage = visit.may(Permission.MANAGE_USERS)
    page = SessionsPage(
        sessions=tuple(session_entry(visit, line) for line in found.items),
        list=asked.frame(found.next_cursor),
        since=since or "",
        columns=FOR_MANAGERS if may_manage else COLUMNS,
        may_manage=may_manage,
        bulk_uri=visit.uri("sessions", "bulk"),
        api_path=visit.api("sessions"),
    )
    return draw(visit, "admin/sessions/list.html", page, headers=asked.headers)


ROWS = (shows("/t/<tenant>/sessions", sessions),)
