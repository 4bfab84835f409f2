"""Taking the audit log along: a stream of any length, and a page that says how far it is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from server.administration import Permission, audit_log, streams
from server.audit import Format
from server.endpoints.wire import redirect
from server.kernel import clock, digests, progress
from server.kernel.clock import HOUR, SECOND
from web.admin.audit.filters import read_filters
from web.admin.audit.tabs import EXPORT, tabs_of
from web.admin.frame import draw
from web.admin.rows import does, shows
from web.admin.session import readmitting
from web.localization import mark
from web.requests import Stream, attachment

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from server.audit import Filters
    from server.endpoints.wire import WireResponse
    from server.kernel.clock import Instant
    from server.kernel.progress import Progress
    from web.admin.visit import ConsoleVisit

MEDIA_TYPES = {Format.CSV: "text/csv; charset=utf-8", Format.JSONL: "application/jsonl; charset=utf-8"}
FORMATS = (
    (Format.CSV.value, mark("CSV, for spreadsheets")),
    (Format.JSONL.value, mark("JSON Lines, for programs")),
)
KEPT_FOR = HOUR
WAITING, RUNNING, COMPLETE, STOPPED = "waiting", "running", "complete", "stopped"


@dataclass(frozen=True, slots=True)
class ExportPage:
    """What would be taken along. `chosen` are a filter in English and its value."""

    tabs: tuple[tuple[str, str, bool], ...]
    chosen: tuple[tuple[str, str], ...]
    formats: tuple[tuple[str, str], ...]
    query: str
    handle: str
    uri: str
    log_uri: str
    api_path: str


@dataclass(frozen=True, slots=True)
class ProgressPage:
    """How far it is."""

    state: str
    events: str
    uri: str
    export_uri: str


async def ask(visit: ConsoleVisit) -> WireResponse:
    """What shall be taken along."""
    asked = await read_filters(visit)
    kept = f"?{asked.query}" if asked.query else ""
    page = ExportPage(
        tabs=tabs_of(visit, EXPORT, asked.query),
        chosen=tuple((found.label, found.value) for found in asked.list.filters if found.value),
        formats=FORMATS,
        query=asked.query,
        handle=digests.random_token(128),
        uri=visit.uri("audit", "export"),
        log_uri=visit.uri("audit") + kept,
        api_path=visit.api("audit", "export") + asked.api_query,
    )
    return draw(visit, "admin/audit/export.html", page)


async def export(visit: ConsoleVisit) -> WireResponse | Stream:
    """The events as a file."""
    query, wanted = visit.form.get("query", ""), visit.form.get("format")
    asked = await read_filters(visit.at(visit.uri("audit"), query))
    if asked.problems:
        return redirect(f"{visit.uri('audit')}?{asked.query}")
    form = Format.CSV if wanted == Format.CSV else Format.JSONL
    day = datetime.fromtimestamp(visit.now / SECOND, UTC).date()
    headers = attachment(f"{visit.tenant.slug}-audit-{day}.{form.value}", MEDIA_TYPES[form])
    return await Stream.begin(headers, _pieces(visit, asked.filters, form, visit.form.get("handle", "")))


async def look(visit: ConsoleVisit) -> WireResponse:
    """How far an export of one's own is."""
    reached = await progress.find(_key(visit, visit.arguments["handle"]))
    page = ProgressPage(
        state=_state(reached, visit.now),
        events=visit.language.number(reached.done if reached else 0),
        uri=visit.path,
        export_uri=visit.uri("audit", "export"),
    )
    return draw(visit, "admin/audit/progress.html", page)


def _state(reached: Progress | None, now: Instant) -> str:
    if reached is None:
        return WAITING
    if reached.result is not None:
        return COMPLETE
    return RUNNING if reached.is_under_way(now) else STOPPED


async def _pieces(visit: ConsoleVisit, filters: Filters, form: Format, handle: str) -> AsyncGenerator[bytes, None]:
    report, events = progress.Report(_key(visit, handle), KEPT_FOR, clock.now()), 0
    with streams.place(visit.operator, visit.tenant, readmitting(visit.site)) as place:
        yield b""
        await report.begin()
        async for count, text in audit_log.export(visit.operator, visit.tenant, filters, form, visit.now):
            await place.check()
            events += count
            await report.reach(events)
            yield text.encode()
    await report.end(COMPLETE)


def _key(visit: ConsoleVisit, handle: str) -> str:
    return f"audit-export:{digests.b64url(digests.sha256(f'{visit.seat.user.id}.{handle}'))}"


ROWS = (
    shows("/t/<tenant>/audit/export", ask),
    does("/t/<tenant>/audit/export", export, Permission.READ),
    shows("/t/<tenant>/audit/export/<handle>", look),
)
