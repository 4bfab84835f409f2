"""The scopes of a tenant: listed, defined, changed, removed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.administration import Permission
from server.administration import clients as client_acts
from server.administration import resources as resource_acts
from server.administration import scopes as acts
from server.administration.finding import Conflict, Unknown, version_of
from server.kernel.database import AlreadyExists
from server.kernel.paging import MAX_LIMIT, Paging
from server.projections import About, ClientFilter
from server.scopes import Scope
from server.tenants import SYSTEM_SLUG, Origin
from web.admin.conflict import conflicting, versions
from web.admin.forms import NOT_THE_NAME, TAKEN, ConfirmForm
from web.admin.frame import draw
from web.admin.history import last_changes
from web.admin.listing import read_list
from web.admin.notices import done
from web.admin.rows import does, shows
from web.admin.scopes.contexts import (
    NewScopePage,
    ScopePage,
    ScopesPage,
    client_link,
    identity_entries,
    name_in,
    resource_link,
    scope_entry,
    scope_uri,
)
from web.admin.scopes.forms import NewScopeForm, ScopeForm, scope_form
from web.admin.scopes.tabs import SCOPES, tabs_of

if TYPE_CHECKING:
    from server.endpoints.wire import WireResponse
    from web.admin.visit import ConsoleVisit

CLIENTS_SHOWN = Paging(12)
EVENTS = ("scope.created", "scope.updated", "scope.removed")


async def scopes(visit: ConsoleVisit) -> WireResponse:
    """What clients may ask people for."""
    asked = read_list(visit)
    found = await acts.page(visit.operator, visit.tenant, asked.paging, asked.search)
    page = ScopesPage(
        scopes=tuple(scope_entry(visit, scope) for scope in found.items),
        identity=identity_entries(),
        list=asked.frame(found.next_cursor),
        tabs=tabs_of(visit, SCOPES),
        create_uri=visit.uri("scopes", "new") if may_define(visit) else None,
        api_path=visit.api("scopes"),
    )
    return draw(visit, "admin/scopes/list.html", page, headers=asked.headers)


def may_define(visit: ConsoleVisit) -> bool:
    """Whether scopes and resources can be made here: those of the system tenant are Latchkey's own."""
    return visit.may(Permission.MANAGE_CLIENTS) and visit.tenant.slug != SYSTEM_SLUG


async def ask(visit: ConsoleVisit) -> WireResponse:
    """The form of a new scope."""
    return _draw_new(visit, NewScopeForm(data={"dynamic": True}), 200)


async def define(visit: ConsoleVisit) -> WireResponse:
    """Define a scope."""
    form = NewScopeForm(visit.form)
    if not form.validate():
        return _draw_new(visit, form, 422)
    scope = form.made(visit.operator.origin)
    try:
        await acts.define(visit.operator, visit.tenant, scope, visit.now)
    except AlreadyExists:
        form.blame("name", TAKEN)
        return _draw_new(visit, form, 422)
    return done(visit, scope_uri(visit, scope.name), "created")


async def scope(visit: ConsoleVisit) -> WireResponse:
    """One scope."""
    found = await _scope(visit)
    return await _draw(visit, found, ScopeForm(data={**scope_form(found), "version": version_of(found)}), 200)


async def save(visit: ConsoleVisit) -> WireResponse:
    """Change what people read, and who may ask."""
    found, form = await _scope(visit), ScopeForm(visit.form)
    if not form.validate():
        return await _draw(visit, found, form, 422)
    version = form.version.data or ""
    try:
        await acts.change(visit.operator, visit.tenant, found.name, form.edited, visit.now, version=version)
    except Conflict as conflict:
        current = scope_form(conflict.current) if isinstance(conflict.current, Scope) else {}
        return conflicting(visit, conflict, found.name, visit.path, versions(form, current))
    return done(visit, visit.path, "saved")


async def remove(visit: ConsoleVisit) -> WireResponse:
    """Remove a scope; its name has to be typed."""
    found, form = await _scope(visit), ConfirmForm(visit.form)
    if not form.is_for(found.name):
        unchanged = ScopeForm(data={**scope_form(found), "version": version_of(found)})
        return await _draw(visit, found, unchanged, 422, confirm_error=NOT_THE_NAME)
    await acts.discard(visit.operator, visit.tenant, found.name, visit.now)
    return done(visit, visit.uri("scopes"), "removed")


async def _scope(visit: ConsoleVisit) -> Scope:
    found = await acts.get(visit.operator, visit.tenant, name_in(visit))
    if found.is_identity:
        # They stand in the list with all that there is to say.
        raise Unknown
    return found


def _draw_new(visit: ConsoleVisit, form: NewScopeForm, status: int) -> WireResponse:
    page = NewScopePage(form, visit.uri("scopes"), visit.api("scopes"))
    return draw(visit, "admin/scopes/new.html", page, status=status)


async def _draw(
    visit: ConsoleVisit, scope: Scope, form: ScopeForm, status: int, *, confirm_error: str = ""
) -> WireResponse:
    using = await client_acts.page(visit.operator, visit.tenant, ClientFilter(scope=scope.name), CLIENTS_SHOWN)
    resources = await resource_acts.page(visit.operator, visit.tenant, Paging(MAX_LIMIT))
    page = ScopePage(
        name=scope.name,
        uri=scope_uri(visit, scope.name),
        list_uri=visit.uri("scopes"),
        api_path=visit.api("scopes", scope.name),
        form=form,
        may_manage=may_define(visit) and scope.origin is not Origin.BUILT_IN,
        clients=tuple(client_link(visit, line) for line in using.items),
        has_more_clients=using.next_cursor is not None,
        resources=tuple(
            resource_link(visit, one) for one in resources.items if not one.scopes or scope.name in one.scopes
        ),
        history=await last_changes(visit, About(events=EVENTS, detail=("name", scope.name))),
        confirm=ConfirmForm(),
        confirm_error=confirm_error,
    )
    return draw(visit, "admin/scopes/scope.html", page, status=status)


ALL = "/t/<tenant>/scopes"
MANAGE = Permission.MANAGE_CLIENTS
ROWS = (
    shows(ALL, scopes),
    shows(f"{ALL}/new", ask, MANAGE),
    does(f"{ALL}/new", define, MANAGE),
    shows(f"{ALL}/<scope>", scope),
    does(f"{ALL}/<scope>", save, MANAGE),
    does(f"{ALL}/<scope>/remove", remove, MANAGE),
)
