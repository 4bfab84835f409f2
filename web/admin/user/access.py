"""Where somebody is signed in, what they allowed, and what happened with them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.administration import Permission, activity
from server.administration import grants as grant_acts
from server.administration import sessions as session_acts
from server.administration import users as acts
from server.projections import About, AccessFilter
from web.admin.access import STATES, grant_to_client, session_entry
from web.admin.frame import draw
from web.admin.history import entries_of
from web.admin.listing import Filter, read_list, selected_ids
from web.admin.notices import done
from web.admin.rows import does, shows
from web.admin.user.contexts import ActivityPage, GrantsPage, SessionsPage, head_of
from web.localization import mark

if TYPE_CHECKING:
    from server.endpoints.wire import WireResponse
    from server.users import User
    from web.admin.visit import ConsoleVisit


async def sessions(visit: ConsoleVisit) -> WireResponse:
    """The browsers that somebody is signed in with."""
    user = await _user(visit)
    asked = read_list(visit, Filter("state", mark("State"), STATES))
    shown = AccessFilter(user_id=user.id, live_at=None if asked.value("state") else visit.now)
    found = await session_acts.page(visit.operator, visit.tenant, shown, asked.paging)
    entries = tuple(session_entry(visit, line) for line in found.items)
    page = SessionsPage(head_of(visit, user, "sessions"), entries, asked.frame(found.next_cursor))
    return draw(visit, "admin/user/sessions.html", page, headers=asked.headers)


async def end_sessions(visit: ConsoleVisit) -> WireResponse:
    """End the ticked sessions."""
    user = await _user(visit)
    ticked = selected_ids(visit)
    for session_id in ticked:
        await session_acts.end(visit.operator, visit.tenant, session_id, visit.now)
    return done(visit, visit.uri("users", user.id, "sessions"), "ended" if ticked else "unchanged")


async def grants(visit: ConsoleVisit) -> WireResponse:
    """What somebody allowed."""
    user = await _user(visit)
    asked = read_list(visit, Filter("state", mark("State"), STATES))
    shown = AccessFilter(user_id=user.id, live_at=None if asked.value("state") else visit.now)
    found = await grant_acts.page(visit.operator, visit.tenant, shown, asked.paging)
    entries = tuple(grant_to_client(visit, line) for line in found.items)
    page = GrantsPage(head_of(visit, user, "grants"), entries, asked.frame(found.next_cursor))
    return draw(visit, "admin/user/grants.html", page, headers=asked.headers)


async def revoke(visit: ConsoleVisit) -> WireResponse:
    """End the ticked grants."""
    user = await _user(visit)
    ticked = selected_ids(visit)
    for grant_id in ticked:
        await grant_acts.revoke(visit.operator, visit.tenant, grant_id, visit.now)
    return done(visit, visit.uri("users", user.id, "grants"), "revoked" if ticked else "unchanged")


async def happenings(visit: ConsoleVisit) -> WireResponse:
    """What happened with somebody, the newest first."""
    user = await _user(visit)
    asked = read_list(visit)
    found = await activity.page(visit.operator, visit.tenant, About(subject_id=user.id), asked.paging)
    entries = await entries_of(visit, found.items)
    frame, log_uri = asked.frame(found.next_cursor), visit.uri("audit", person=user.username)
    page = ActivityPage(head_of(visit, user, "activity"), entries, frame, log_uri)
    return draw(visit, "admin/user/activity.html", page, headers=asked.headers)


async def _user(visit: ConsoleVisit) -> User:
    return await acts.get(visit.operator, visit.tenant, visit.identifier("user"))


ONE = "/t/<tenant>/users/<user>"
MANAGE = Permission.MANAGE_USERS
ROWS = (
    shows(f"{ONE}/sessions", sessions),
    does(f"{ONE}/sessions", end_sessions, MANAGE),
    shows(f"{ONE}/grants", grants),
    does(f"{ONE}/grants", revoke, MANAGE),
    shows(f"{ONE}/activity", happenings),
)
