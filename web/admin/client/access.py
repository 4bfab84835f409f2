"""Who allowed a client what, and what happened with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.administration import Permission, activity
from server.administration import clients as acts
from server.administration import grants as grant_acts
from server.administration.finding import Unknown
from server.kernel import ids
from server.projections import About, AccessFilter
from web.admin.client.contexts import ActivityPage, GrantEntry, GrantsPage, head_of
from web.admin.frame import draw
from web.admin.history import entries_of
from web.admin.listing import Filter, read_list, selected
from web.admin.notices import done
from web.admin.rows import does, shows
from web.foreign_text import MAX_NAME_LENGTH, plain
from web.localization import mark

if TYPE_CHECKING:
    from server.endpoints.wire import WireResponse
    from server.projections import GrantLine
    from web.admin.visit import ConsoleVisit

STATES = (("", mark("in force")), ("all", mark("all")))


async def grants(visit: ConsoleVisit) -> WireResponse:
    """What people allowed the client."""
    client = await acts.get(visit.operator, visit.tenant, visit.identifier("client"))
    asked = read_list(visit, Filter("state", mark("State"), STATES))
    shown = AccessFilter(client_pk=client.id, live_at=None if asked.value("state") else visit.now)
    found = await grant_acts.page(visit.operator, visit.tenant, shown, asked.paging)
    page = GrantsPage(
        head=head_of(visit, client, "grants"),
        grants=tuple(_entry(visit, line) for line in found.items),
        list=asked.frame(found.next_cursor),
        may_revoke=visit.may(Permission.MANAGE_USERS),
    )
    return draw(visit, "admin/client/grants.html", page, headers=asked.headers)


async def revoke(visit: ConsoleVisit) -> WireResponse:
    """End the ticked grants."""
    client = await acts.get(visit.operator, visit.tenant, visit.identifier("client"))
    for short in selected(visit):
        grant_id = ids.from_short(short)
        if grant_id is None:
            raise Unknown
        await grant_acts.revoke(visit.operator, visit.tenant, grant_id, visit.now)
    return done(visit, visit.uri("clients", client.id, "grants"), "revoked" if selected(visit) else "unchanged")


async def happenings(visit: ConsoleVisit) -> WireResponse:
    """What happened with the client, the newest first."""
    client = await acts.get(visit.operator, visit.tenant, visit.identifier("client"))
    asked = read_list(visit)
    found = await activity.page(visit.operator, visit.tenant, About(client_pk=client.id), asked.paging)
    entries = await entries_of(visit, found.items)
    frame, log_uri = asked.frame(found.next_cursor), visit.uri("audit", client=client.client_id)
    page = ActivityPage(head_of(visit, client, "activity"), entries, frame, log_uri)
    return draw(visit, "admin/client/activity.html", page, headers=asked.headers)


def _entry(visit: ConsoleVisit, line: GrantLine) -> GrantEntry:
    used = line.last_used_at or line.redeemed_at
    return GrantEntry(
        id=ids.to_short(line.id),
        person=plain(line.username, MAX_NAME_LENGTH),
        person_uri=visit.uri("users", line.user_id),
        scope=" ".join(line.scope),
        created=visit.language.time(line.created_at),
        last_used=visit.language.time(used) if used else None,
        lives=line.revoked_at is None and line.expires_at > visit.now,
    )


ONE = "/t/<tenant>/clients/<client>"
ROWS = (
    shows(f"{ONE}/grants", grants),
    does(f"{ONE}/grants", revoke, Permission.MANAGE_USERS),
    shows(f"{ONE}/activity", happenings),
)
