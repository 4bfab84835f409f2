"""One act on many people: first what would be done and what not and why, then it is done."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from server.administration import Permission
from server.administration import users as acts
from server.administration.finding import Unknown
from server.administration.owners import LastOwner
from server.kernel import ids
from web.admin.bulk import ALREADY, GONE, MOST, BulkLine, BulkPage, draw_bulk, is_confirmed
from web.admin.forms import NOT_THE_NAME
from web.admin.listing import selected
from web.admin.notices import done
from web.admin.rows import does
from web.foreign_text import MAX_LINE_LENGTH, plain
from web.localization import mark

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from server.endpoints.wire import WireResponse
    from server.users import User
    from web.admin.visit import ConsoleVisit

LAST_OWNER = mark("is the last owner")


@dataclass(frozen=True, slots=True)
class Act:
    """Something that can be done to many. Title in English; `is_needed` says for whom there is something to do."""

    name: str
    title: str
    run: Callable[[ConsoleVisit, User], Awaitable[object]]
    is_needed: Callable[[User], bool] = lambda _: True
    is_grave: bool = False  # the tenant's name has to be typed


def _switch(enabled: bool) -> Callable[[ConsoleVisit, User], Awaitable[object]]:  # noqa: FBT001 - the one thing switched
    async def run(visit: ConsoleVisit, user: User) -> object:
        return await acts.change(
            visit.operator, visit.tenant, user.id, lambda before: replace(before, enabled=enabled), visit.now
        )

    return run


async def _sign_out(visit: ConsoleVisit, user: User) -> object:
    return await acts.sign_out(visit.operator, visit.tenant, user.id, visit.now)


async def _remove(visit: ConsoleVisit, user: User) -> None:
    await acts.discard(visit.operator, visit.tenant, user.id, visit.now)


ACTS = {
    act.name: act
    for act in (
        Act("sign-out", mark("Sign out everywhere"), _sign_out),
        Act("disable", mark("Disable"), _switch(enabled=False), lambda user: user.enabled),
        Act("enable", mark("Enable"), _switch(enabled=True), lambda user: not user.enabled),
        Act("remove", mark("Remove for good"), _remove, is_grave=True),
    )
}


async def preview(visit: ConsoleVisit) -> WireResponse:
    """What would be done to the ticked people."""
    act, lines = _act(visit), await _lines(visit)
    if not lines:
        return done(visit, visit.uri("users"), "unchanged")
    return _draw(visit, act, lines, is_done=False)


async def run(visit: ConsoleVisit) -> WireResponse:
    """Do it, person by person; whoever cannot be done is skipped, and said."""
    act, lines = _act(visit), await _lines(visit)
    if act.is_grave and not is_confirmed(visit, visit.tenant.slug):
        return _draw(visit, act, lines, is_done=False, error=NOT_THE_NAME)
    outcome = tuple([await _do(visit, act, line) for line in lines])
    if any(line.skipped for line in outcome):
        return _draw(visit, act, outcome, is_done=True)
    return done(visit, visit.uri("users"), "saved")


async def _do(visit: ConsoleVisit, act: Act, line: BulkLine) -> BulkLine:
    user_id = ids.from_short(line.id)
    if line.skipped or user_id is None:
        return line
    try:
        await act.run(visit, await acts.get(visit.operator, visit.tenant, user_id))
    except LastOwner:
        return replace(line, skipped=LAST_OWNER)
    except Unknown:
        return replace(line, skipped=GONE)
    return line


async def _lines(visit: ConsoleVisit) -> tuple[BulkLine, ...]:
    act = _act(visit)
    return tuple([await _line(visit, act, short) for short in dict.fromkeys(selected(visit)[:MOST])])


async def _line(visit: ConsoleVisit, act: Act, short: str) -> BulkLine:
    user_id = ids.from_short(short)
    if user_id is None:
        raise Unknown
    try:
        user = await acts.get(visit.operator, visit.tenant, user_id)
    except Unknown:
        return BulkLine(short, "", GONE)
    return BulkLine(short, plain(user.username, MAX_LINE_LENGTH), None if act.is_needed(user) else ALREADY)


def _act(visit: ConsoleVisit) -> Act:
    act = ACTS.get(visit.form.get("act", ""))
    if act is None:
        raise Unknown
    return act


def _draw(
    visit: ConsoleVisit, act: Act, lines: tuple[BulkLine, ...], *, is_done: bool, error: str = ""
) -> WireResponse:
    page = BulkPage(
        title=act.title,
        subject=mark("Username"),
        list_label=mark("Users"),
        list_uri=visit.uri("users"),
        action=visit.uri("users", "bulk", "run"),
        lines=lines,
        is_done=is_done,
        act=act.name,
        asked_name=visit.tenant.slug if act.is_grave else "",
        is_grave=act.is_grave,
        error=error,
    )
    return draw_bulk(visit, page)


ROWS = (
    does("/t/<tenant>/users/bulk", preview, Permission.MANAGE_USERS),
    does("/t/<tenant>/users/bulk/run", run, Permission.MANAGE_USERS),
)
