"""The palette: what is found for a few letters."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.administration import clients as client_acts
from server.administration import users as user_acts
from server.kernel.paging import Paging
from server.projections import ClientFilter, PersonFilter
from web.admin.frame import draw
from web.admin.listing import LONGEST_SEARCH
from web.admin.navigation import navigation
from web.admin.rows import shows
from web.admin.search.actions import actions
from web.admin.search.contexts import Hit, SearchPage
from web.foreign_text import MAX_NAME_LENGTH, plain

if TYPE_CHECKING:
    from server.endpoints.wire import WireResponse
    from web.admin.visit import ConsoleVisit

AT_MOST = Paging(6)


async def search(visit: ConsoleVisit) -> WireResponse:
    """Pages, actions, clients and people of a tenant."""
    text = _text(visit)
    pages = (*_pages(visit, text), *_actions(visit, text))
    found = (*await _clients(visit, text), *await _people(visit, text)) if text else ()
    return draw(visit, "admin/search/search.html", SearchPage(visit.path, text, (*pages, *found)))


async def search_platform(visit: ConsoleVisit) -> WireResponse:
    """Pages and actions of the platform, where no tenant is chosen."""
    text = _text(visit)
    hits = (*_pages(visit, text), *_actions(visit, text))
    return draw(visit, "admin/search/search.html", SearchPage(visit.path, text, hits))


def _text(visit: ConsoleVisit) -> str:
    return visit.query.get("q", "").replace("\x00", "").strip()[:LONGEST_SEARCH]


def _pages(visit: ConsoleVisit, text: str) -> tuple[Hit, ...]:
    items = (item for group in navigation(visit) for item in group.items)
    hits = (Hit(item.icon, visit.language.say(item.label), "", item.uri) for item in items)
    return tuple(hit for hit in hits if text.lower() in hit.label.lower())


def _actions(visit: ConsoleVisit, text: str) -> tuple[Hit, ...]:
    hits = (Hit(action.icon, visit.language.say(action.label), "", action.uri) for action in actions(visit))
    return tuple(hit for hit in hits if text.lower() in hit.label.lower())


async def _clients(visit: ConsoleVisit, text: str) -> tuple[Hit, ...]:
    found = await client_acts.page(visit.operator, visit.tenant, ClientFilter(search=text), AT_MOST)
    return tuple(
        Hit(
            "app-window",
            plain(line.client_name, MAX_NAME_LENGTH) or line.client_id,
            line.client_id,
            visit.uri("clients", line.id),
        )
        for line in found.items
    )


async def _people(visit: ConsoleVisit, text: str) -> tuple[Hit, ...]:
    found = await user_acts.page(visit.operator, visit.tenant, PersonFilter(search=text), AT_MOST)
    return tuple(
        Hit(
            "user-round",
            plain(line.name or line.username, MAX_NAME_LENGTH),
            plain(line.username, MAX_NAME_LENGTH),
            visit.uri("users", line.id),
        )
        for line in found.items
    )


ROWS = (
    shows("/search", search_platform, None),
    shows("/t/<tenant>/search", search),
)
