"""Who allowed a client what, and what happened with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.administration import Permission, activity
from server.administration import clients as acts
from server.administration import grants as grant_acts
from server.projections import About, AccessFilter
from web.admin.access import STATES, grant_of_person
from web.admin.client.contexts import ActivityPage, GrantsPage, head_of
from web.admin.frame import draw
from web.admin.history import entries_of
from web.admin.listing import Filter, read_list, selected_ids
from web.admin.notices import done
from web.admin.rows import does, shows
from web.localization import mark

if TYPE_CHECKING:
    from server.endpoints.wire import WireResponse
    from web.admin.visit import ConsoleVisit


async def grants(visit: ConsoleVisit) -> WireResponse:
    """What people allowed the client."""
    client = await acts.get(visit.operator, visit.tenant, visit.identifier("client"))
    asked = read_list(visit, Filter("state", mark("State"), STATES))
    shown = AccessFilter(client_pk=client.id, live_at=None if asked.value("state") else visit.now)
    found = await grant_acts.page(visit.operator, visit.tenant, shown, asked.paging)
    page = GrantsPage(
        head=head_of(visit, client, "grants"),
        grants=tuple(grant_of_person(visit, line) for line in found.items),
        list=asked.frame(found.next_cursor),
        may_revoke=visit.may(Permission.MANAGE_USERS),
    )
    return draw(visit, "admin/client/grants.html", page, headers=asked.headers)


async def revoke(visit: ConsoleVisit) -> WireResponse:
    """End the ticked grants."""
    client = await acts.get(visit.operator, visit.tenant, visit.identifier("client"))
    ticked = selected_ids(visit)
    for grant_id in ticked:
        await grant_acts.revoke(visit.operator, visit.tenant, grant_id, visit.now)
    return done(visit, visit.uri("clients", client.id, "grants"), "revoked" if ticked else "unchanged")


async def happenings(visit: ConsoleVisit) -> WireResponse:
    """What happened with the client, the newest first."""
    client = await acts.get(visit.operator, visit.tenant, visit.identifier("client"))
    asked = read_list(visit)
    found = await activity.page(visit.operator, visit.tenant, About(client_pk=client.id), asked.paging)
    entries = await entries_of(visit, found.items)
    frame, log_uri = asked.frame(found.next_cursor), visit.uri("audit", client=client.client_id)
    page = ActivityPage(head_of(visit, client, "activity"), entries, frame, log_uri)
    return draw(visit, "admin/client/activity.html", page, headers=asked.headers)


ONE = "/t/<tenant>/clients/<client>"
ROWS = (
    shows(f"{ONE}/grants", grants),
    does(f"{ONE}/grants", revoke, Permission.MANAGE_USERS),
    shows(f"{ONE}/activity", happenings),
)
