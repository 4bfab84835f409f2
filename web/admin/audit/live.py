"""The live tail: a page of the last events, and the stream from which a script puts new ones on top.

Server-sent events, https://html.spec.whatwg.org/multipage/server-sent-events.html.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from server.administration import audit_log, streams
from server.kernel import clock, ids
from server.kernel.clock import MINUTE
from web.admin.audit.filters import read_filters
from web.admin.audit.lines import lines_of
from web.admin.audit.tabs import LIVE, tabs_of
from web.admin.frame import draw
from web.admin.rows import shows
from web.admin.session import readmitting
from web.rendering import render_part
from web.requests import Stream

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from server.audit import Filters
    from server.endpoints.wire import Headers, WireResponse
    from web.admin.audit.lines import EventLine
    from web.admin.visit import ConsoleVisit

AT_FIRST = 25
# Then the browser asks again, and is looked at again.
LONGEST = 5 * MINUTE
HEADERS: Headers = (
    (b"content-type", b"text/event-stream"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),  # a proxy that collects the answer would hold it back
)
STILL_THERE = b": \n\n"


@dataclass(frozen=True, slots=True)
class LivePage:
    """The last events, to begin with."""

    tabs: tuple[tuple[str, str, bool], ...]
    events: tuple[EventLine, ...]
    query: str
    stream_uri: str
    log_uri: str
    api_path: str


async def live(visit: ConsoleVisit) -> WireResponse:
    """What happens, as it does."""
    asked = await read_filters(visit)
    found = await audit_log.search(visit.operator, visit.tenant, asked.filters, None, AT_FIRST)
    kept = f"?{asked.query}" if asked.query else ""
    page = LivePage(
        tabs=tabs_of(visit, LIVE, asked.query),
        events=await lines_of(visit, found.entries),
        query=asked.query,
        stream_uri=visit.uri("audit", "tail") + kept,
        log_uri=visit.uri("audit") + kept,
        api_path=visit.api("audit", "tail") + asked.api_query,
    )
    return draw(visit, "admin/audit/live.html", page)


async def tail(visit: ConsoleVisit) -> Stream:
    """New events that fit, each as the line of a table."""
    asked = await read_filters(visit)
    return await Stream.begin(HEADERS, _pieces(visit, asked.filters))


async def _pieces(visit: ConsoleVisit, filters: Filters) -> AsyncGenerator[bytes, None]:
    after = ids.from_short(visit.query.get("after", ""))
    with streams.place(visit.operator, visit.tenant, readmitting(visit.site)) as place:
        yield b""
        async for entries in audit_log.tail(visit.operator, visit.tenant, filters, visit.now, after):
            if not await place.goes_on():
                return
            for line in await lines_of(visit, entries):
                row = " ".join(render_part("admin/audit/line.html", line, visit.language).split())
                yield f"id: {line.id}\nevent: line\ndata: {row}\n\n".encode()
            if not entries:
                yield STILL_THERE
            if clock.now() - visit.now > LONGEST:
                return


ROWS = (
    shows("/t/<tenant>/audit/live", live),
    shows("/t/<tenant>/audit/tail", tail),
)
