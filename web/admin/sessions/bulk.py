"""Ending many sessions: those that were ticked, or all that fit a filter."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.administration import Permission
from server.administration import sessions as acts
from server.kernel import ids
from server.kernel.paging import Paging
from server.projections import AccessFilter
from web.admin.bulk import GONE, BulkLine, BulkPage, draw_bulk, is_confirmed
from web.admin.forms import NOT_THE_NAME
from web.admin.listing import LONGEST_SEARCH, begin_of, selected_ids
from web.admin.notices import done
from web.admin.rows import does
from web.devices import device_of
from web.foreign_text import MAX_LINE_LENGTH, plain
from web.localization import mark

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from server.endpoints.wire import WireResponse
    from server.projections import SessionLine
    from web.admin.visit import ConsoleVisit

EVERYTHING = "everything"
OUTCOME = mark("ends, with the grants that last as long as it")
OVER = mark("is over already")
OWN = mark("is your own: sign out instead")


async def preview(visit: ConsoleVisit) -> WireResponse:
    """Which sessions would end."""
    is_all = visit.form.get("act") == "all"
    lines, more = await _fitting(visit) if is_all else (await _named(visit, _chosen(visit)), False)
    if not lines:
        return done(visit, visit.uri("sessions"), "unchanged")
    is_everything = is_all and not (visit.form.get("q") or visit.form.get("since"))
    return _draw(visit, lines, act=EVERYTHING if is_everything else "", more=more)


async def run(visit: ConsoleVisit) -> WireResponse:
    """End them; those that cannot be ended are skipped, and said."""
    lines, act = await _named(visit, _chosen(visit)), visit.form.get("act", "")
    if act == EVERYTHING and not is_confirmed(visit, visit.tenant.slug):
        return _draw(visit, lines, act=act, error=NOT_THE_NAME)
    to_end = [found for line in lines if not line.skipped and (found := ids.from_short(line.id))]
    ended = {ids.to_short(line.id) for line in await acts.end_many(visit.operator, visit.tenant, to_end, visit.now)}
    if all(line.id in ended for line in lines):
        return done(visit, visit.uri("sessions"), "ended" if lines else "unchanged")
    outcome = tuple(line if line.skipped or line.id in ended else BulkLine(line.id, line.name, OVER) for line in lines)
    return _draw(visit, outcome, is_done=True)


def _chosen(visit: ConsoleVisit) -> Sequence[UUID]:
    """The one whose button was pressed, else those that were ticked."""
    return selected_ids(visit, "only") or selected_ids(visit)[: acts.AT_ONCE]


async def _fitting(visit: ConsoleVisit) -> tuple[tuple[BulkLine, ...], bool]:
    search = visit.form.get("q", "").replace("\x00", "").strip()[:LONGEST_SEARCH]
    since = begin_of(visit.form.get("since"), visit.now)
    shown = AccessFilter(live_at=visit.now, since=since, search=search or None)
    found = await acts.page(visit.operator, visit.tenant, shown, Paging(acts.AT_ONCE))
    return tuple(_line(visit, line) for line in found.items), found.next_cursor is not None


async def _named(visit: ConsoleVisit, session_ids: Sequence[UUID]) -> tuple[BulkLine, ...]:
    kept = await acts.named(visit.operator, visit.tenant, session_ids) if session_ids else {}
    return tuple(
        _line(visit, kept[found]) if found in kept else BulkLine(ids.to_short(found), "", GONE)
        for found in dict.fromkeys(session_ids)
    )


def _line(visit: ConsoleVisit, line: SessionLine) -> BulkLine:
    is_own = visit.tenant.id == visit.site.system.id and line.user_id == visit.seat.user.id
    about = (line.username, device_of(line.user_agent), line.remote_address, visit.language.time(line.created_at))
    name = " · ".join(plain(text, MAX_LINE_LENGTH) for text in about if text)
    skipped = OWN if is_own else None if line.lives(visit.now) else OVER
    return BulkLine(ids.to_short(line.id), name, skipped, visit.language.say(OUTCOME))


def _draw(
    visit: ConsoleVisit,
    lines: tuple[BulkLine, ...],
    *,
    act: str = "",
    is_done: bool = False,
    more: bool = False,
    error: str = "",
) -> WireResponse:
    page = BulkPage(
        title=mark("End sessions"),
        subject=mark("Session"),
        list_label=mark("Sessions"),
        list_uri=visit.uri("sessions"),
        action=visit.uri("sessions", "bulk", "run"),
        lines=lines,
        is_done=is_done,
        act=act,
        asked_name=visit.tenant.slug if act == EVERYTHING else "",
        is_grave=True,
        more=more,
        error=error,
    )
    return draw_bulk(visit, page)


ROWS = (
    does("/t/<tenant>/sessions/bulk", preview, Permission.MANAGE_USERS),
    does("/t/<tenant>/sessions/bulk/run", run, Permission.MANAGE_USERS),
)
