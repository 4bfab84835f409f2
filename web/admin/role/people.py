"""Who has a role: several people are given it at once, or have it taken."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server import users
from server.administration import Permission
from server.administration import roles as acts
from server.administration import users as user_acts
from server.administration.finding import Unknown
from server.kernel import ids
from server.projections import PersonFilter
from web.admin.bulk import GONE, MOST, BulkLine, BulkPage, draw_bulk
from web.admin.forms import words_of
from web.admin.frame import draw
from web.admin.listing import read_list, selected_ids
from web.admin.notices import done
from web.admin.role.contexts import PeoplePage, head_of
from web.admin.role.forms import GiveForm
from web.admin.rows import does, shows
from web.admin.users.contexts import person_entry
from web.foreign_text import MAX_LINE_LENGTH, plain
from web.localization import mark

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from server.endpoints.wire import WireResponse
    from server.roles import Role
    from web.admin.visit import ConsoleVisit

GIVE, TAKE = "give", "take"
TITLES = {GIVE: mark("Give the role"), TAKE: mark("Take the role away")}
HAS_IT = mark("has it already")
HAS_IT_NOT = mark("does not have it")
NOBODY = mark("nobody is called like that")


async def people(visit: ConsoleVisit) -> WireResponse:
    """Who has it."""
    return await _draw(visit, await _role(visit), GiveForm(), 200)


async def preview_giving(visit: ConsoleVisit) -> WireResponse:
    """Who would be given it."""
    role, form = await _role(visit), GiveForm(visit.form)
    if not form.validate():
        return await _draw(visit, role, form, 422)
    names = words_of(form.people.data)
    found = [await users.find_by_identifier(visit.tenant.id, name) for name in names]
    nobody = tuple(
        BulkLine("", plain(name, MAX_LINE_LENGTH), NOBODY)
        for name, user in zip(names, found, strict=True)
        if user is None
    )
    lines = await _lines(visit, role, GIVE, [user.id for user in found if user])
    return _draw_bulk(visit, role, GIVE, (*lines, *nobody))


async def preview_taking(visit: ConsoleVisit) -> WireResponse:
    """From whom it would be taken."""
    role = await _role(visit)
    lines = await _lines(visit, role, TAKE, selected_ids(visit)[:MOST])
    if not lines:
        return done(visit, visit.uri("roles", role.id, "people"), "unchanged")
    return _draw_bulk(visit, role, TAKE, lines)


async def run(visit: ConsoleVisit) -> WireResponse:
    """Give or take it; whoever cannot be done is skipped, and said."""
    role, act = await _role(visit), visit.form.get("act", "")
    if act not in TITLES:
        raise Unknown
    lines = await _lines(visit, role, act, selected_ids(visit)[:MOST])
    chosen = [user_id for line in lines if not line.skipped and (user_id := ids.from_short(line.id))]
    do = acts.give if act == GIVE else acts.take
    await do(visit.operator, visit.tenant, role.name, chosen, visit.now)
    if any(line.skipped for line in lines):
        return _draw_bulk(visit, role, act, lines, is_done=True)
    return done(visit, visit.uri("roles", role.id, "people"), "saved" if lines else "unchanged")


async def _role(visit: ConsoleVisit) -> Role:
    return await acts.get_by_id(visit.operator, visit.tenant, visit.identifier("role"))


async def _draw(visit: ConsoleVisit, role: Role, form: GiveForm, status: int) -> WireResponse:
    asked = read_list(visit)
    shown = PersonFilter(search=asked.search or None, role_id=role.id)
    found = await user_acts.page(visit.operator, visit.tenant, shown, asked.paging)
    page = PeoplePage(
        head=head_of(visit, role, "people"),
        people=tuple(person_entry(visit, line) for line in found.items),
        list=asked.frame(found.next_cursor),
        form=form,
        api_path=f"{visit.api('users')}?role={role.name}",
    )
    return draw(visit, "admin/role/people.html", page, status=status, headers=asked.headers)


async def _lines(visit: ConsoleVisit, role: Role, act: str, user_ids: Sequence[UUID]) -> tuple[BulkLine, ...]:
    chosen = tuple(dict.fromkeys(user_ids))
    holders = await acts.holders_among(visit.operator, visit.tenant, role, chosen) if chosen else frozenset()
    return tuple([await _line(visit, act, user_id, has_it=user_id in holders) for user_id in chosen])


async def _line(visit: ConsoleVisit, act: str, user_id: UUID, *, has_it: bool) -> BulkLine:
    try:
        user = await user_acts.get(visit.operator, visit.tenant, user_id)
    except Unknown:
        return BulkLine(ids.to_short(user_id), "", GONE)
    reason = {(GIVE, True): HAS_IT, (TAKE, False): HAS_IT_NOT}.get((act, has_it))
    return BulkLine(ids.to_short(user_id), plain(user.username, MAX_LINE_LENGTH), reason)


def _draw_bulk(
    visit: ConsoleVisit, role: Role, act: str, lines: tuple[BulkLine, ...], *, is_done: bool = False
) -> WireResponse:
    page = BulkPage(
        title=TITLES[act],
        subject=mark("Username"),
        list_label=role.name,
        list_uri=visit.uri("roles", role.id, "people"),
        action=visit.uri("roles", role.id, "people", "run"),
        lines=lines,
        is_done=is_done,
        act=act,
        is_grave=act == TAKE,
    )
    return draw_bulk(visit, page)


ONE = "/t/<tenant>/roles/<role>/people"
MANAGE = Permission.MANAGE_USERS
ROWS = (
    shows(ONE, people),
    does(f"{ONE}/give", preview_giving, MANAGE),
    does(f"{ONE}/take", preview_taking, MANAGE),
    does(f"{ONE}/run", run, MANAGE),
)
