"""Verdicts: what an administrator said of a host, or of a client at a redirect URI; given and taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.administration import Permission
from server.administration import trust_verdicts as acts
from server.administration.finding import Unknown
from server.trust import InvalidVerdict
from web.admin.frame import draw
from web.admin.listing import read_list
from web.admin.notices import done
from web.admin.rows import does, shows
from web.admin.trust_history import verdicts_given
from web.admin.trust_origins.contexts import VerdictsPage, verdict_entry
from web.admin.trust_origins.forms import NO_CLIENT, VerdictForm
from web.admin.trust_origins.tabs import VERDICTS, tabs_of
from web.admin.trust_policy.reading import author_of

if TYPE_CHECKING:
    from server.endpoints.wire import WireResponse
    from web.admin.visit import ConsoleVisit

FROM_URL = ("host", "client_id", "redirect_uri")


async def verdicts(visit: ConsoleVisit) -> WireResponse:
    """Every verdict; the form begins with what the URL names."""
    return await _draw(visit, VerdictForm(data={name: visit.query.get(name, "") for name in FROM_URL}), 200)


async def judge(visit: ConsoleVisit) -> WireResponse:
    """Trust or block, instead of what was said of the same before; what was held because of it goes on."""
    form = VerdictForm(visit.form)
    if not form.validate() or not form.is_about_one_thing():
        return await _draw(visit, form, 422)
    try:
        await _judge(visit, form)
    except InvalidVerdict as error:
        form.refuse(error)
    except Unknown:
        form.blame("client_id", NO_CLIENT)
    else:
        return done(visit, visit.path, "saved")
    return await _draw(visit, form, 422)


async def take_back(visit: ConsoleVisit) -> WireResponse:
    """Let it no longer count."""
    await acts.take_back(visit.operator, visit.tenant, visit.identifier("verdict"), visit.now)
    return done(visit, visit.uri("trust", "origins", "verdicts"), "removed")


async def _judge(visit: ConsoleVisit, form: VerdictForm) -> None:
    operator, tenant, now = visit.operator, visit.tenant, visit.now
    host, wish = form.text("host"), form.wish()
    if host:
        await acts.judge_host(operator, tenant, wish, host, now)
    else:
        await acts.judge_client(operator, tenant, wish, form.text("client_id"), form.text("redirect_uri"), now=now)


async def _draw(visit: ConsoleVisit, form: VerdictForm, status: int) -> WireResponse:
    asked = read_list(visit)
    found = await acts.page(visit.operator, visit.tenant, asked.paging)
    entries = [verdict_entry(visit, verdict, await author_of(visit, verdict.author)) for verdict in found.items]
    page = VerdictsPage(
        verdicts=tuple(entries),
        list=asked.frame(found.next_cursor),
        form=form,
        tabs=tabs_of(visit, VERDICTS),
        may_manage=visit.may(Permission.MANAGE_SETTINGS),
        uri=visit.uri("trust", "origins", "verdicts"),
        history=await verdicts_given(visit),
        api_path=visit.api("trust", "verdicts"),
    )
    return draw(visit, "admin/trust_origins/verdicts.html", page, status=status)


ALL = "/t/<tenant>/trust/origins/verdicts"
DECIDE = Permission.MANAGE_SETTINGS
ROWS = (
    shows(ALL, verdicts),
    does(ALL, judge, DECIDE),
    does(f"{ALL}/<verdict>/remove", take_back, DECIDE),
)
