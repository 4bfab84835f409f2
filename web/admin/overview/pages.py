"""The overview of a tenant: what goes on, what waits, and where to begin."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.administration import Permission, activity, keys
from server.administration import clients as client_acts
from server.administration import users as user_acts
from server.kernel.clock import DAY
from server.kernel.paging import Paging
from server.projections import About, ClientFilter, PersonFilter
from web.admin.frame import draw
from web.admin.history import last_changes
from web.admin.overview.contexts import DAYS, Decision, OverviewPage, Step, charts_of
from web.admin.rows import shows
from web.localization import mark

if TYPE_CHECKING:
    from collections.abc import Mapping

    from server.endpoints.wire import WireResponse
    from server.kernel.clock import Instant
    from web.admin.visit import ConsoleVisit

ANY = Paging(1)
OLD_KEY = 180 * DAY


async def overview(visit: ConsoleVisit) -> WireResponse:
    """What goes on in a tenant."""
    today = visit.now - visit.now % DAY
    since = today - (DAYS - 1) * DAY
    counted = await activity.by_day(visit.operator, visit.tenant, since, DAYS)
    page = OverviewPage(
        issuer=visit.tenant.issuer,
        api_path=visit.api(),
        charts=charts_of(counted, since, visit.language),
        steps=await _steps(visit, counted),
        decisions=await _decisions(visit),
        history=await last_changes(visit, About(by_administrators=True)),
    )
    return draw(visit, "admin/overview/overview.html", page)


async def _steps(visit: ConsoleVisit, counted: Mapping[str, tuple[int, ...]]) -> tuple[Step, ...]:
    """The first steps, while one of them is left that this person may do."""
    if not (visit.may(Permission.MANAGE_CLIENTS) and visit.may(Permission.MANAGE_USERS)):
        return ()
    has_client = await client_acts.page(visit.operator, visit.tenant, ClientFilter(), ANY)
    has_user = await user_acts.page(visit.operator, visit.tenant, PersonFilter(), ANY)
    client = has_client.items[0] if has_client.items else None
    steps = (
        Step(
            mark("Create a client"),
            mark("An application gets an id, and the addresses that people come back to."),
            visit.uri("clients", "new"),
            "app-window",
            is_done=client is not None,
        ),
        Step(
            mark("Create a user"),
            mark("Somebody who can sign in: yourself, to begin with."),
            visit.uri("users", "new"),
            "user-plus",
            is_done=bool(has_user.items),
        ),
        Step(
            mark("Try it"),
            mark("Sign in to the client as anybody would, and look at the tokens."),
            visit.uri("clients", client.id, "try") if client else visit.uri("clients"),
            "play",
            is_done=any(counted.get("token.issued", ())),
        ),
    )
    return () if all(step.is_done for step in steps) else steps


async def _decisions(visit: ConsoleVisit) -> tuple[Decision, ...]:
    """What waits: for now, keys that have signed for long."""
    timeline = await keys.timeline(visit.operator, visit.tenant)
    active = [key.activates_at for key in timeline if key.retires_at is None]
    if active and _is_old(min(active), visit.now):
        return (Decision(mark("A signing key is older than half a year: rotate it."), visit.uri("keys")),)
    return ()


def _is_old(instant: Instant, now: Instant) -> bool:
    return now - instant > OLD_KEY


ROWS = (shows("/t/<tenant>", overview),)
