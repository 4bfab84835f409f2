"""Scopes, resources and roles: what clients may ask for, where, and what people are."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from server import scopes
from server.administration import Permission
from server.administration import resources as resource_acts
from server.administration import roles as role_acts
from server.administration import scopes as scope_acts
from server.api.documents import Absent, fill, given
from server.api.problems import InvalidMembers
from server.api.routes import Answer, Call, Route, listed, shown
from server.kernel import ids
from server.resources import Resource
from server.roles import Role
from server.scopes import Scope

from .permission_documents import (
    NewResource,
    NewRole,
    NewScope,
    ResourceChange,
    ResourceDocument,
    RoleChange,
    RoleDocument,
    ScopeChange,
    ScopeDocument,
)

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

    from server.tenants import Tenant


def show_scope(scope: DataclassInstance) -> ScopeDocument:
    """The document of a scope."""
    return fill(ScopeDocument, scope)


def show_resource(resource: DataclassInstance) -> ResourceDocument:
    """The document of a resource."""
    return fill(ResourceDocument, resource)


def show_role(role: DataclassInstance) -> RoleDocument:
    """The document of a role."""
    return fill(RoleDocument, role)


async def list_scopes(call: Call) -> Answer:
    """The scopes that a tenant defines, by name."""
    return listed(await scope_acts.page(call.operator, call.tenant, call.paging), show_scope)


async def get_scope(call: Call) -> Answer:
    """One scope."""
    scope = await scope_acts.get(call.operator, call.tenant, call.parameters["scope"])
    return shown(scope, show_scope(scope))


async def define_scope(call: Call) -> Answer:
    """Define a scope. Clients that registered by themselves may have it, unless it is sensitive or not dynamic."""
    body = call.body(NewScope)
    dynamic = not body.sensitive if isinstance(body.dynamic, Absent) else body.dynamic
    scope = Scope(body.name, body.description, body.optional, body.sensitive, dynamic, call.operator.origin)
    await scope_acts.define(call.operator, call.tenant, scope, call.now)
    place = f"/tenants/{call.tenant.slug}/scopes/{quote(scope.name, safe='')}"
    return shown(scope, show_scope(scope), location=place)


async def change_scope(call: Call) -> Answer:
    """Change a scope; its name stays."""
    # Any: each member was read by the shape of its field.
    changed: dict[str, Any] = given(call.body(ScopeChange))
    scope = await scope_acts.change(
        call.operator,
        call.tenant,
        call.parameters["scope"],
        lambda before: replace(before, **changed),
        call.now,
        version=call.version,
    )
    return shown(scope, show_scope(scope))


async def delete_scope(call: Call) -> Answer:
    """Remove a scope; what was granted stays until it expires."""
    name = call.parameters["scope"]
    await scope_acts.discard(call.operator, call.tenant, name, call.now, version=call.version)
    return Answer()


async def list_resources(call: Call) -> Answer:
    """The resources that a tenant issues tokens for, by identifier."""
    return listed(await resource_acts.page(call.operator, call.tenant, call.paging), show_resource)


async def get_resource(call: Call) -> Answer:
    """One resource."""
    resource = await resource_acts.get(call.operator, call.tenant, call.identifier("resource"))
    return shown(resource, show_resource(resource))


async def define_resource(call: Call) -> Answer:
    """Define a resource."""
    # Any: as in change_scope.
    members: dict[str, Any] = given(call.body(NewResource))
    resource = Resource(ids.uuid7(), origin=call.operator.origin, **members)
    await _check_scopes(call.tenant, resource)
    await resource_acts.define(call.operator, call.tenant, resource, call.now)
    place = f"/tenants/{call.tenant.slug}/resources/{resource.id}"
    return shown(resource, show_resource(resource), location=place)


async def change_resource(call: Call) -> Answer:
    """Change a resource; its identifier stays."""
    # Any: as in change_scope.
    changed: dict[str, Any] = given(call.body(ResourceChange))
    resource_id = call.identifier("resource")
    before = await resource_acts.get(call.operator, call.tenant, resource_id)
    await _check_scopes(call.tenant, replace(before, **changed))
    resource = await resource_acts.change(
        call.operator,
        call.tenant,
        resource_id,
        lambda now: replace(now, **changed),
        call.now,
        version=call.version,
    )
    return shown(resource, show_resource(resource))


async def delete_resource(call: Call) -> Answer:
    """Remove a resource; tokens for it live until they expire."""
    resource_id = call.identifier("resource")
    await resource_acts.discard(call.operator, call.tenant, resource_id, call.now, version=call.version)
    return Answer()


async def list_roles(call: Call) -> Answer:
    """The roles that a tenant defines, by name."""
    return listed(await role_acts.page(call.operator, call.tenant, call.paging), show_role)


async def get_role(call: Call) -> Answer:
    """One role."""
    role = await role_acts.get(call.operator, call.tenant, call.parameters["role"])
    return shown(role, show_role(role))


async def define_role(call: Call) -> Answer:
    """Define a role."""
    body = call.body(NewRole)
    role = Role(ids.uuid7(), body.name, call.operator.origin, body.description)
    await role_acts.define(call.operator, call.tenant, role, call.now)
    place = f"/tenants/{call.tenant.slug}/roles/{quote(role.name, safe='')}"
    return shown(role, show_role(role), location=place)


async def change_role(call: Call) -> Answer:
    """Change a role; with another name it is found there, and who has it keeps it."""
    # Any: as in change_scope.
    changed: dict[str, Any] = given(call.body(RoleChange))
    role = await role_acts.change(
        call.operator,
        call.tenant,
        call.parameters["role"],
        lambda before: replace(before, **changed),
        call.now,
        version=call.version,
    )
    return shown(role, show_role(role))


async def delete_role(call: Call) -> Answer:
    """Remove a role, from everybody who has it too."""
    await role_acts.discard(call.operator, call.tenant, call.parameters["role"], call.now)
    return Answer()


async def _check_scopes(tenant: Tenant, resource: Resource) -> None:
    known = await scopes.list_scopes(tenant.id)
    unknown = [name for name in resource.scopes if name not in known]
    if unknown:
        raise InvalidMembers(f"scopes names what the tenant does not define: {unknown[0][:100]}")


TENANT = "/tenants/{tenant}"
SCOPE, RESOURCE, ROLE = f"{TENANT}/scopes/{{scope}}", f"{TENANT}/resources/{{resource}}", f"{TENANT}/roles/{{role}}"
READ, CLIENTS, USERS = Permission.READ, Permission.MANAGE_CLIENTS, Permission.MANAGE_USERS
ROUTES = (
    Route("GET", f"{TENANT}/scopes", "listScopes", list_scopes, READ, ScopeDocument, paged=True),
    Route(
        "POST", f"{TENANT}/scopes", "defineScope", define_scope, CLIENTS, ScopeDocument, NewScope,
        status=201, refusals=(409,),
    ),
    Route("GET", SCOPE, "getScope", get_scope, READ, ScopeDocument),
    Route(
        "PATCH", SCOPE, "changeScope", change_scope, CLIENTS, ScopeDocument, ScopeChange,
        shows=show_scope, refusals=(409,),
    ),
    Route("DELETE", SCOPE, "deleteScope", delete_scope, CLIENTS, shows=show_scope, refusals=(409,)),
    Route("GET", f"{TENANT}/resources", "listResources", list_resources, READ, ResourceDocument, paged=True),
    Route(
        "POST", f"{TENANT}/resources", "defineResource", define_resource, CLIENTS, ResourceDocument, NewResource,
        status=201, refusals=(409,),
    ),
    Route("GET", RESOURCE, "getResource", get_resource, READ, ResourceDocument),
    Route(
        "PATCH", RESOURCE, "changeResource", change_resource, CLIENTS, ResourceDocument, ResourceChange,
        shows=show_resource, refusals=(409,),
    ),
    Route("DELETE", RESOURCE, "deleteResource", delete_resource, CLIENTS, shows=show_resource, refusals=(409,)),
    Route("GET", f"{TENANT}/roles", "listRoles", list_roles, READ, RoleDocument, paged=True),
    Route(
        "POST", f"{TENANT}/roles", "defineRole", define_role, USERS, RoleDocument, NewRole, status=201, refusals=(409,)
    ),
    Route("GET", ROLE, "getRole", get_role, READ, RoleDocument),
    Route(
        "PATCH", ROLE, "changeRole", change_role, USERS, RoleDocument, RoleChange, shows=show_role, refusals=(409,)
    ),
    Route("DELETE", ROLE, "deleteRole", delete_role, USERS),
)  # fmt: skip
