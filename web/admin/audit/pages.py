"""The audit log: searched by instant filters, and the searches that administrators keep."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from server.administration import Permission, audit_log, saved_searches
from server.administration.saved_searches import LONGEST_NAME, TooManySearches
from server.kernel import ids
from web.admin.audit.filters import read_filters
from web.admin.audit.lines import lines_of
from web.admin.audit.tabs import EVENTS, tabs_of
from web.admin.frame import draw
from web.admin.notices import done
from web.admin.rows import does, shows
from web.localization import mark

if TYPE_CHECKING:
    from server.endpoints.wire import WireResponse
    from web.admin.audit.filters import LogQuery
    from web.admin.audit.lines import EventLine
    from web.admin.listing import ListFrame
    from web.admin.visit import ConsoleVisit

NEEDS_NAME = mark("Give the search a name.")
TOO_MANY = mark("You keep 30 searches already. Remove one first.")
TOO_LONG = mark("This search is too long to be kept.")
LONGEST_QUERY = 2000


@dataclass(frozen=True, slots=True)
class SavedEntry:
    """A search that was kept."""

    id: str
    name: str
    uri: str
    is_shown: bool


@dataclass(frozen=True, slots=True)
class LogPage:
    """A page of events. `problems` and `save_error` are in English."""

    tabs: tuple[tuple[str, str, bool], ...]
    events: tuple[EventLine, ...]
    list: ListFrame
    problems: tuple[str, ...]
    searches: tuple[SavedEntry, ...]
    query: str
    uri: str
    api_path: str
    save_error: str = ""
    save_name: str = ""


async def events(visit: ConsoleVisit) -> WireResponse:
    """What happened, the newest first."""
    return await _draw(visit, await read_filters(visit))


async def save(visit: ConsoleVisit) -> WireResponse:
    """Keep a search under a name."""
    name, error = (visit.form.get("name") or "").strip(), ""
    # What is kept is what was understood: it is a part of URLs.
    asked = await read_filters(visit.at(visit.uri("audit"), visit.form.get("query", "")))
    try:
        if not name or not name.isprintable():
            error = NEEDS_NAME
        elif len(asked.query) > LONGEST_QUERY:
            error = TOO_LONG
        else:
            await saved_searches.keep(
                visit.operator, visit.site.system, visit.tenant, name[:LONGEST_NAME], asked.query, now=visit.now
            )
    except TooManySearches:
        error = TOO_MANY
    if not error:
        return done(visit, _at(visit, asked.query), "saved")
    return await _draw(visit, asked, error=error, name=name)


async def forget(visit: ConsoleVisit) -> WireResponse:
    """Let go of a search."""
    await saved_searches.remove(visit.operator, visit.site.system, visit.tenant, visit.identifier("search"))
    return done(visit, visit.uri("audit"), "removed")


async def _draw(visit: ConsoleVisit, asked: LogQuery, *, error: str = "", name: str = "") -> WireResponse:
    shown: tuple[EventLine, ...] = ()
    cursor = None
    if not asked.problems:
        found = await audit_log.search(
            visit.operator, visit.tenant, asked.filters, asked.cursor, asked.list.paging.limit
        )
        shown, cursor = await lines_of(visit, found.entries), found.cursor
    page = LogPage(
        tabs=tabs_of(visit, EVENTS, asked.query),
        events=shown,
        list=asked.list.frame(ids.to_short(cursor) if cursor else None),
        problems=asked.problems,
        searches=await _searches(visit, asked.query),
        query=asked.query,
        uri=visit.uri("audit"),
        api_path=visit.api("audit", "events") + asked.api_query,
        save_error=error,
        save_name=name,
    )
    return draw(visit, "admin/audit/list.html", page, status=422 if error else 200, headers=asked.list.headers)


async def _searches(visit: ConsoleVisit, query: str) -> tuple[SavedEntry, ...]:
    kept = await saved_searches.list_searches(visit.operator, visit.site.system, visit.tenant)
    return tuple(
        SavedEntry(ids.to_short(search.id), search.name, _at(visit, search.query), search.query == query)
        for search in kept
    )


def _at(visit: ConsoleVisit, query: str) -> str:
    return f"{visit.uri('audit')}?{query}" if query else visit.uri("audit")


ROWS = (
    shows("/t/<tenant>/audit", events),
    does("/t/<tenant>/audit/searches", save, Permission.READ),
    does("/t/<tenant>/audit/searches/<search>/remove", forget, Permission.READ),
)
