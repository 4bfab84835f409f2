"""The origins that people were sent to, and the past of one."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from server.administration import Permission, trust_origins
from server.endpoints.wire import redirect
from web.admin.frame import draw
from web.admin.listing import read_list
from web.admin.rows import shows
from web.admin.trust_history import decided_at
from web.admin.trust_inbox.contexts import line_entry
from web.admin.trust_origins.contexts import OriginPage, OriginsPage, origin_entry, sender_entry, verdict_entry
from web.admin.trust_origins.tabs import ORIGINS, tabs_of
from web.admin.trust_policy.reading import author_of
from web.foreign_text import MAX_LINE_LENGTH, plain

if TYPE_CHECKING:
    from server.endpoints.wire import WireResponse
    from web.admin.visit import ConsoleVisit


async def origins(visit: ConsoleVisit) -> WireResponse:
    """Every origin that anybody was sent to."""
    asked = read_list(visit)
    found = await trust_origins.page(visit.operator, visit.tenant, asked.search or None, asked.paging)
    page = OriginsPage(
        origins=tuple(origin_entry(visit, history) for history in found.items),
        list=asked.frame(found.next_cursor),
        tabs=tabs_of(visit, ORIGINS),
        one_uri=visit.uri("trust", "origins", "one"),
        api_path=visit.api("trust", "origins"),
    )
    return draw(visit, "admin/trust_origins/list.html", page, headers=asked.headers)


async def one(visit: ConsoleVisit) -> WireResponse:
    """What became of people at the origin of a URI, who sent them, what was decided about it."""
    uri = visit.query.get("uri", "").strip()
    if not uri:
        return redirect(visit.uri("trust", "origins"))
    past = await trust_origins.past(visit.operator, visit.tenant, uri, visit.now)
    may_judge = visit.may(Permission.MANAGE_SETTINGS) and bool(past.target.host)
    verdicts = [verdict_entry(visit, given, await author_of(visit, given.author)) for given in past.verdicts]
    page = OriginPage(
        origin=plain(past.target.origin, MAX_LINE_LENGTH),
        host=past.target.host,
        history=None if past.history is None else origin_entry(visit, past.history),
        senders=tuple(sender_entry(visit, sender) for sender in past.clients),
        verdicts=tuple(verdicts),
        holds=tuple(line_entry(visit, line) for line in past.holds),
        list_uri=visit.uri("trust", "origins"),
        simulate_uri=visit.uri("trust", "simulator", redirect_uri=uri),
        judge_uri=visit.uri("trust", "origins", "verdicts", host=past.target.host) if may_judge else None,
        changes=await decided_at(visit, past.target.origin),
        api_path=f"{visit.api('trust', 'origins', 'history')}?{urlencode({'uri': uri})}",
    )
    return draw(visit, "admin/trust_origins/one.html", page)


ALL = "/t/<tenant>/trust/origins"
ROWS = (shows(ALL, origins), shows(f"{ALL}/one", one))
