"""The keys of a tenant: their timeline; rotating all now, ending one before its time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.administration import Permission
from server.administration import keys as acts
from server.administration.finding import found
from server.keys import KeyState
from server.projections import About
from web.admin.forms import NOT_THE_NAME, ConfirmForm
from web.admin.frame import draw
from web.admin.history import last_changes
from web.admin.keys.contexts import RetirePage, keys_page
from web.admin.notices import done
from web.admin.rows import does, shows

if TYPE_CHECKING:
    from server.endpoints.wire import WireResponse
    from server.keys import KeyTimes
    from web.admin.visit import ConsoleVisit

EVENTS = ("key.rotated",)


async def timeline(visit: ConsoleVisit) -> WireResponse:
    """Every key, and when it does what."""
    known = await acts.timeline(visit.operator, visit.tenant)
    history = await last_changes(visit, About(events=EVENTS), "alg", "state")
    page = keys_page(visit, known, history, may_manage=visit.may(Permission.MANAGE_KEYS))
    return draw(visit, "admin/keys/timeline.html", page)


async def rotate(visit: ConsoleVisit) -> WireResponse:
    """Sign with new keys from now on."""
    await acts.rotate(visit.operator, visit.tenant, visit.now)
    return done(visit, visit.uri("keys"), "rotated")


async def ask(visit: ConsoleVisit) -> WireResponse:
    """What ending a key means, before it is done."""
    return _draw(visit, await _key(visit), 200)


async def retire(visit: ConsoleVisit) -> WireResponse:
    """End a key; the tenant's short name has to be typed."""
    key, form = await _key(visit), ConfirmForm(visit.form)
    if not form.is_for(visit.tenant.slug):
        return _draw(visit, key, 422, NOT_THE_NAME)
    await acts.retire(visit.operator, visit.tenant, key.kid, visit.now)
    return done(visit, visit.uri("keys"), "retired")


async def _key(visit: ConsoleVisit) -> KeyTimes:
    """A key that is not over."""
    known = await acts.timeline(visit.operator, visit.tenant)
    kid = visit.arguments["key"]
    return found(next((key for key in known if key.kid == kid and key.state is not KeyState.RETIRED), None))


def _draw(visit: ConsoleVisit, key: KeyTimes, status: int, error: str = "") -> WireResponse:
    page = RetirePage(
        kid=key.kid,
        algorithm=key.algorithm.value,
        signs=key.state is KeyState.ACTIVE,
        slug=visit.tenant.slug,
        uri=visit.uri("keys", key.kid, "retire"),
        list_uri=visit.uri("keys"),
        api_path=visit.api("keys", key.kid, "retirement"),
        confirm=ConfirmForm(),
        confirm_error=error,
    )
    return draw(visit, "admin/keys/retire.html", page, status=status)


ALL = "/t/<tenant>/keys"
MANAGE = Permission.MANAGE_KEYS
ROWS = (
    shows(ALL, timeline),
    does(f"{ALL}/rotate", rotate, MANAGE),
    shows(f"{ALL}/<key>/retire", ask, MANAGE),
    does(f"{ALL}/<key>/retire", retire, MANAGE),
)
