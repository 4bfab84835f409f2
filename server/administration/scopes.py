"""What an operator may do to the scopes of a tenant."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server import grants, scopes
from server.audit import administration_events as events
from server.kernel.paging import page_of
from server.protocol.scopes import AFFILIATION_SCOPES

from .act import act, changes
from .authorise import Permission, check_permitted
from .finding import check_not_built_in, check_not_system, check_version, found, turn

if TYPE_CHECKING:
    from collections.abc import Callable

    from server.kernel.clock import Instant
    from server.kernel.paging import Page, Paging
    from server.scopes import Scope
    from server.tenants import Tenant

    from .authorise import Operator


async def page(operator: Operator, tenant: Tenant, paging: Paging, search: str = "") -> Page[Scope]:
    """A page of the scopes that the tenant defines, by name or description; raises NotPermitted, BadCursor."""
    check_permitted(operator, Permission.READ, tenant.id)
    defined = (scope for scope in (await scopes.list_scopes(tenant.id)).values() if not scope.is_identity)
    shown = (scope for scope in defined if search.lower() in f"{scope.name}\n{scope.description}".lower())
    return page_of(shown, lambda scope: scope.name, paging)


async def get(operator: Operator, tenant: Tenant, name: str) -> Scope:
    """One scope; raises NotPermitted, Unknown."""
    check_permitted(operator, Permission.READ, tenant.id)
    return found((await scopes.list_scopes(tenant.id)).get(name))


async def define(operator: Operator, tenant: Tenant, scope: Scope, now: Instant) -> None:
    """Define a scope; raises NotPermitted, Reserved, InvalidScope, AlreadyExists."""
    check_permitted(operator, Permission.MANAGE_CLIENTS, tenant.id)
    check_not_system(tenant)
    async with turn(tenant.id):
        await create(operator, tenant, scope, now)


async def change(
    operator: Operator,
    tenant: Tenant,
    name: str,
    edit: Callable[[Scope], Scope],
    now: Instant,
    *,
    version: str | None = None,
) -> Scope:
    """Let `edit` change a scope, unless somebody did since `version`; the scope as it is now.

    Raises NotPermitted, Unknown, Conflict, Reserved, InvalidScope.
    """
    check_permitted(operator, Permission.MANAGE_CLIENTS, tenant.id)
    async with turn(tenant.id):
        before = await _get_changeable(operator, tenant, name)
        check_version(version, before)
        after = edit(before)
        if after != before:
            await update(operator, tenant, before, after, now)
        return await get(operator, tenant, name)


async def discard(operator: Operator, tenant: Tenant, name: str, now: Instant, *, version: str | None = None) -> None:
    """Remove a scope; raises NotPermitted, Unknown, Conflict, Reserved."""
    check_permitted(operator, Permission.MANAGE_CLIENTS, tenant.id)
    async with turn(tenant.id):
        scope = await _get_changeable(operator, tenant, name)
        check_version(version, scope)
        await remove(operator, tenant, scope, now)


async def create(operator: Operator, tenant: Tenant, scope: Scope, now: Instant) -> None:
    """Define a scope; raises InvalidScope, AlreadyExists."""
    scopes.check_definition(scope)
    async with act(operator, Permission.MANAGE_CLIENTS, tenant.id, events.ScopeCreated(scope.name), now):
        await scopes.create(tenant.id, scope, now)


async def update(operator: Operator, tenant: Tenant, before: Scope, after: Scope, now: Instant) -> None:
    """Change a scope's definition; raises InvalidScope."""
    scopes.check_definition(after)
    event = events.ScopeUpdated(before.name, changes(before, after))
    async with act(operator, Permission.MANAGE_CLIENTS, tenant.id, event, now):
        await scopes.update(tenant.id, before, after, now)


async def remove(operator: Operator, tenant: Tenant, scope: Scope, now: Instant) -> None:
    """Remove a scope; clients that were given it keep it until their tokens expire.

    Not so where the name is one of ours from now on: nobody allowed what it means now.
    """
    async with act(operator, Permission.MANAGE_CLIENTS, tenant.id, events.ScopeRemoved(scope.name), now):
        await scopes.delete(tenant.id, scope.name)
        if scope.name in AFFILIATION_SCOPES:
            await grants.forget_scope(tenant.id, scope.name)
            await grants.revoke_with_scope(tenant.id, scope.name, now)


async def _get_changeable(operator: Operator, tenant: Tenant, name: str) -> Scope:
    scope = await get(operator, tenant, name)
    check_not_built_in(scope.origin)
    return scope
