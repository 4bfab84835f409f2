"""Who has a role: several people are given it at once, or have it taken."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.administration import Permission
from server.administration import roles as acts
from server.projections import PersonFilter
from web.admin import circles
from web.admin.circles import ADD, TAKE, Circle
from web.admin.role.contexts import head_of
from web.admin.rows import does, shows
from web.localization import mark

if TYPE_CHECKING:
    from collections.abc import Collection
    from uuid import UUID

    from server.endpoints.wire import WireResponse
    from web.admin.visit import ConsoleVisit

TITLES = {ADD: mark("Give the role"), TAKE: mark("Take the role away")}
REASONS = {ADD: mark("has it already"), TAKE: mark("does not have it")}


async def people(visit: ConsoleVisit) -> WireResponse:
    """Who has it."""
    return await circles.show(visit, await _circle(visit))


async def preview_giving(visit: ConsoleVisit) -> WireResponse:
    """Who would be given it."""
    return await circles.preview_adding(visit, await _circle(visit))


async def preview_taking(visit: ConsoleVisit) -> WireResponse:
    """From whom it would be taken."""
    return await circles.preview_taking_out(visit, await _circle(visit))


async def run(visit: ConsoleVisit) -> WireResponse:
    """Give or take it; whoever cannot be done is skipped, and said."""
    return await circles.run(visit, await _circle(visit))


async def _circle(visit: ConsoleVisit) -> Circle:
    operator, tenant = visit.operator, visit.tenant
    role = await acts.get_by_id(operator, tenant, visit.identifier("role"))

    async def among(user_ids: Collection[UUID]) -> frozenset[UUID]:
        return await acts.holders_among(operator, tenant, role, user_ids)

    async def give(user_ids: Collection[UUID]) -> int:
        return await acts.give(operator, tenant, role.name, user_ids, visit.now)

    async def take(user_ids: Collection[UUID]) -> int:
        return await acts.take(operator, tenant, role.name, user_ids, visit.now)

    return Circle(
        head=head_of(visit, role, "people"),
        template="admin/role/people.html",
        people_uri=visit.uri("roles", role.id, "people"),
        api_path=f"{visit.api('users')}?role={role.name}",
        shown=PersonFilter(role_id=role.id),
        titles=TITLES,
        reasons=REASONS,
        among=among,
        acts={ADD: give, TAKE: take},
    )


ONE = "/t/<tenant>/roles/<role>/people"
MANAGE = Permission.MANAGE_USERS
ROWS = (
    shows(ONE, people),
    does(f"{ONE}/give", preview_giving, MANAGE),
    does(f"{ONE}/take", preview_taking, MANAGE),
    does(f"{ONE}/run", run, MANAGE),
)
