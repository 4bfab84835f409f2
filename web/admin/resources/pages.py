"""The resources of a tenant: listed, defined, changed, removed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.administration import Permission
from server.administration import resources as acts
from server.administration import scopes as scope_acts
from server.administration.finding import Conflict, version_of
from server.kernel.database import AlreadyExists
from server.kernel.paging import MAX_LIMIT, Paging
from server.projections import About
from server.protocol.scopes import AFFILIATION_SCOPES
from server.resources import InvalidResource, Resource, TokenFormat
from server.tenants import Origin
from web.admin.conflict import conflicting, versions
from web.admin.forms import NOT_THE_NAME, ConfirmForm, named
from web.admin.frame import draw
from web.admin.history import last_changes
from web.admin.listing import read_list
from web.admin.notices import done
from web.admin.resources.contexts import NewResourcePage, ResourcePage, ResourcesPage, resource_entry
from web.admin.resources.forms import NewResourceForm, ResourceForm, resource_form
from web.admin.rows import does, shows
from web.admin.scopes.pages import may_define
from web.admin.scopes.tabs import RESOURCES, tabs_of
from web.foreign_text import MAX_NAME_LENGTH, plain
from web.localization import mark

if TYPE_CHECKING:
    from server.endpoints.wire import WireResponse
    from web.admin.visit import ConsoleVisit

EVENTS = ("resource.created", "resource.updated", "resource.removed")
UNFIT = mark("Another resource or the issuer has this address, perhaps in another spelling.")


async def resources(visit: ConsoleVisit) -> WireResponse:
    """What tokens are for."""
    asked = read_list(visit)
    found = await acts.page(visit.operator, visit.tenant, asked.paging, asked.search)
    page = ResourcesPage(
        resources=tuple(resource_entry(visit, resource) for resource in found.items),
        list=asked.frame(found.next_cursor),
        tabs=tabs_of(visit, RESOURCES),
        create_uri=visit.uri("resources", "new") if may_define(visit) else None,
        api_path=visit.api("resources"),
    )
    return draw(visit, "admin/resources/list.html", page, headers=asked.headers)


async def ask(visit: ConsoleVisit) -> WireResponse:
    """The form of a new resource."""
    form = NewResourceForm(data={"token_format": TokenFormat.JWT.value})
    await _offer_scopes(visit, form)
    return _draw_new(visit, form, 200)


async def define(visit: ConsoleVisit) -> WireResponse:
    """Define a resource."""
    form = NewResourceForm(visit.form)
    await _offer_scopes(visit, form)
    if not form.validate():
        return _draw_new(visit, form, 422)
    resource = form.made(visit.operator.origin)
    try:
        await acts.define(visit.operator, visit.tenant, resource, visit.now)
    except (AlreadyExists, InvalidResource):
        form.blame("identifier", UNFIT)
        return _draw_new(visit, form, 422)
    return done(visit, visit.uri("resources", resource.id), "created")


async def resource(visit: ConsoleVisit) -> WireResponse:
    """One resource."""
    found = await _resource(visit)
    return await _draw(visit, found, _filled(found), 200)


async def save(visit: ConsoleVisit) -> WireResponse:
    """Change what its tokens are like."""
    found, form = await _resource(visit), ResourceForm(visit.form)
    await _offer_scopes(visit, form)
    if not form.validate():
        return await _draw(visit, found, form, 422)
    version = form.version.data or ""
    try:
        await acts.change(visit.operator, visit.tenant, found.id, form.edited, visit.now, version=version)
    except Conflict as conflict:
        current = resource_form(conflict.current) if isinstance(conflict.current, Resource) else {}
        return conflicting(visit, conflict, found.identifier, visit.path, versions(form, current))
    return done(visit, visit.path, "saved")


async def remove(visit: ConsoleVisit) -> WireResponse:
    """Remove a resource; its identifier has to be typed."""
    found, form = await _resource(visit), ConfirmForm(visit.form)
    if not form.is_for(found.identifier):
        return await _draw(visit, found, _filled(found), 422, confirm_error=NOT_THE_NAME)
    await acts.discard(visit.operator, visit.tenant, found.id, visit.now)
    return done(visit, visit.uri("resources"), "removed")


async def _resource(visit: ConsoleVisit) -> Resource:
    return await acts.get(visit.operator, visit.tenant, visit.identifier("resource"))


def _filled(resource: Resource) -> ResourceForm:
    return ResourceForm(data={**resource_form(resource), "version": version_of(resource)})


async def _offer_scopes(visit: ConsoleVisit, form: ResourceForm) -> None:
    defined = await scope_acts.page(visit.operator, visit.tenant, Paging(MAX_LIMIT))
    # What somebody is here, APIs may be told as well.
    form.scopes.choices = named(dict.fromkeys([*(scope.name for scope in defined.items), *AFFILIATION_SCOPES]))


def _draw_new(visit: ConsoleVisit, form: NewResourceForm, status: int) -> WireResponse:
    page = NewResourcePage(form, visit.uri("resources"), visit.api("resources"))
    return draw(visit, "admin/resources/new.html", page, status=status)


async def _draw(
    visit: ConsoleVisit, resource: Resource, form: ResourceForm, status: int, *, confirm_error: str = ""
) -> WireResponse:
    await _offer_scopes(visit, form)
    page = ResourcePage(
        name=plain(resource.display_name, MAX_NAME_LENGTH),
        identifier=resource.identifier,
        issuer=visit.tenant.issuer,
        uri=visit.uri("resources", resource.id),
        list_uri=visit.uri("resources"),
        api_path=visit.api("resources", str(resource.id)),
        form=form,
        may_manage=may_define(visit) and resource.origin is not Origin.BUILT_IN,
        history=await last_changes(visit, About(events=EVENTS, detail=("identifier", resource.identifier))),
        confirm=ConfirmForm(),
        confirm_error=confirm_error,
    )
    return draw(visit, "admin/resources/resource.html", page, status=status)


ALL = "/t/<tenant>/resources"
MANAGE = Permission.MANAGE_CLIENTS
ROWS = (
    shows(ALL, resources),
    shows(f"{ALL}/new", ask, MANAGE),
    does(f"{ALL}/new", define, MANAGE),
    shows(f"{ALL}/<resource>", resource),
    does(f"{ALL}/<resource>", save, MANAGE),
    does(f"{ALL}/<resource>/remove", remove, MANAGE),
)
