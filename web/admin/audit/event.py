"""One event of the audit log: every field, what changed, what was shown, and what belongs to it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from server import audit
from server.administration import audit_log, audit_names
from server.administration.finding import found
from server.audit import Filters
from web.admin.audit.lines import Link, line_of
from web.admin.audit.shown import ShownPart, shown_part
from web.admin.frame import draw
from web.admin.history import changes_of
from web.admin.rows import shows
from web.foreign_text import MAX_LINE_LENGTH, plain
from web.localization import mark

if TYPE_CHECKING:
    from collections.abc import Sequence

    from server.audit import AuditEntry
    from server.endpoints.wire import WireResponse
    from server.kernel.json import JsonValue
    from web.admin.audit.lines import EventLine
    from web.admin.history import Change
    from web.admin.visit import ConsoleVisit

MOST_RELATED = 50
# Details that have a part of the page to themselves.
SHOWN = frozenset({"redirect_origin", "decision", "client_name", "scope", "resources", "consent_shown"})
WITH_PAGES = {"webhook_id": "webhooks"}


@dataclass(frozen=True, slots=True)
class EventPage:
    """One event. `facts` are a label in English and a value; `details` are named as the log names them."""

    line: EventLine
    list_uri: str
    facts: tuple[tuple[str, Link], ...]
    details: tuple[tuple[str, Link], ...]
    changes: tuple[Change, ...]
    shown: ShownPart | None
    related: tuple[EventLine, ...]
    related_uri: str | None
    written: str
    api_path: str


async def event(visit: ConsoleVisit) -> WireResponse:
    """One event, with everything of the same request."""
    entry = found(await audit_log.find(visit.operator, visit.tenant, visit.identifier("event")))
    together = await _together(visit, entry)
    known = await audit_names.names(visit.operator, visit.tenant, visit.site.system, (entry, *together))
    line = line_of(visit, entry, known)
    is_shown = "redirect_origin" in entry.details
    changes = changes_of(entry.details.get("changes"))
    apart = (SHOWN if is_shown else frozenset()) | ({"changes"} if changes else frozenset())
    page = EventPage(
        line=line,
        list_uri=visit.uri("audit"),
        facts=_facts(visit, entry, line),
        details=_details(visit, entry, apart),
        changes=changes,
        shown=shown_part(entry.details) if is_shown else None,
        related=tuple(line_of(visit, other, known) for other in together if other.id != entry.id),
        related_uri=visit.uri("audit", correlation=entry.correlation_id) if entry.correlation_id else None,
        written=json.dumps(audit.as_json(entry), indent=2, default=str),
        api_path=visit.api("audit", "events", str(entry.id)),
    )
    return draw(visit, "admin/audit/event.html", page)


async def _together(visit: ConsoleVisit, entry: AuditEntry) -> Sequence[AuditEntry]:
    """What the same request did, the newest first."""
    if entry.correlation_id is None:
        return ()
    same = Filters(correlation_id=entry.correlation_id)
    return (await audit_log.search(visit.operator, visit.tenant, same, None, MOST_RELATED)).entries


def _facts(visit: ConsoleVisit, entry: AuditEntry, line: EventLine) -> tuple[tuple[str, Link], ...]:
    is_here = line.person is not None and line.person.uri is not None
    grants = visit.uri("users", entry.subject_id, "grants") if is_here and entry.subject_id else None
    facts = (
        (mark("When"), Link(f"{line.when} UTC")),
        (mark("Who did it"), line.actor),
        (mark("Person"), line.person),
        (mark("Client"), line.client),
        (mark("Grant"), Link(str(entry.grant_id), grants) if entry.grant_id else None),
        (mark("Address"), _searched(visit, "address", entry.remote_address)),
        (mark("Browser or program"), Link(plain(entry.user_agent, MAX_LINE_LENGTH)) if entry.user_agent else None),
        (mark("Correlation id"), _searched(visit, "correlation", entry.correlation_id)),
        (mark("Id"), Link(str(entry.id))),
    )
    return tuple((label, link) for label, link in facts if link is not None)


def _searched(visit: ConsoleVisit, name: str, value: str | None) -> Link | None:
    return Link(value, visit.uri("audit", **{name: value})) if value else None


def _details(visit: ConsoleVisit, entry: AuditEntry, apart: frozenset[str]) -> tuple[tuple[str, Link], ...]:
    return tuple(
        (name, Link(_text(value), _page_of(visit, name, value)))
        for name, value in entry.details.items()
        if name not in apart and value is not None
    )


def _page_of(visit: ConsoleVisit, name: str, value: JsonValue) -> str | None:
    return visit.uri(WITH_PAGES[name], UUID(str(value))) if name in WITH_PAGES else None


def _text(value: JsonValue) -> str:
    if isinstance(value, list):
        return plain(", ".join(map(str, value)), MAX_LINE_LENGTH)
    return plain(json.dumps(value) if isinstance(value, dict) else str(value), MAX_LINE_LENGTH)


ROWS = (shows("/t/<tenant>/audit/events/<event>", event),)
