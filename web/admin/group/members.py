"""Who is in a group: several people are put into it at once, or taken out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.administration import Permission
from server.administration import groups as acts
from server.projections import PersonFilter
from web.admin import circles
from web.admin.circles import ADD, TAKE, Circle
from web.admin.group.contexts import head_of
from web.admin.rows import does, shows
from web.localization import mark

if TYPE_CHECKING:
    from collections.abc import Collection
    from uuid import UUID

    from server.endpoints.wire import WireResponse
    from web.admin.visit import ConsoleVisit

TITLES = {ADD: mark("Put into the group"), TAKE: mark("Take out of the group")}
REASONS = {ADD: mark("is in it already"), TAKE: mark("is not in it")}


async def members(visit: ConsoleVisit) -> WireResponse:
    """Who is in it."""
    return await circles.show(visit, await _circle(visit))


async def preview_adding(visit: ConsoleVisit) -> WireResponse:
    """Who would be put into it."""
    return await circles.preview_adding(visit, await _circle(visit))


async def preview_removing(visit: ConsoleVisit) -> WireResponse:
    """Who would be taken out."""
    return await circles.preview_taking_out(visit, await _circle(visit))


async def run(visit: ConsoleVisit) -> WireResponse:
    """Put in or take out; whoever cannot be done is skipped, and said."""
    return await circles.run(visit, await _circle(visit))


async def _circle(visit: ConsoleVisit) -> Circle:
    operator, tenant = visit.operator, visit.tenant
    group = await acts.get(operator, tenant, visit.identifier("group"))

    async def among(user_ids: Collection[UUID]) -> frozenset[UUID]:
        return await acts.members_among(operator, tenant, group, user_ids)

    async def add(user_ids: Collection[UUID]) -> int:
        return await acts.admit(operator, tenant, group.id, user_ids, visit.now)

    async def remove(user_ids: Collection[UUID]) -> int:
        return await acts.dismiss(operator, tenant, group.id, user_ids, visit.now)

    return Circle(
        head=head_of(visit, group, "members"),
        template="admin/group/members.html",
        people_uri=visit.uri("groups", group.id, "members"),
        api_path=visit.api("groups", group.id, "members"),
        shown=PersonFilter(group_id=group.id),
        titles=TITLES,
        reasons=REASONS,
        among=among,
        acts={ADD: add, TAKE: remove},
    )


ONE = "/t/<tenant>/groups/<group>/members"
MANAGE = Permission.MANAGE_USERS
ROWS = (
    shows(ONE, members),
    does(f"{ONE}/add", preview_adding, MANAGE),
    does(f"{ONE}/remove", preview_removing, MANAGE),
    does(f"{ONE}/run", run, MANAGE),
)
