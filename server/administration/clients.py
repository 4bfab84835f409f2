"""What an operator may do to the clients of a tenant."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server import clients, grants, projections, trust
from server.audit import administration_events as events

from .act import act, changes
from .authorise import Permission, check_permitted
from .finding import check_not_built_in, check_not_system, check_version, found, turn

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from server.clients import Client
    from server.kernel.clock import Instant
    from server.kernel.paging import Page, Paging
    from server.projections import ClientFilter, ClientLine
    from server.tenants import Tenant

    from .authorise import Operator


async def page(operator: Operator, tenant: Tenant, shown: ClientFilter, paging: Paging) -> Page[ClientLine]:
    """A page of clients, the newest first; raises NotPermitted, BadCursor."""
    check_permitted(operator, Permission.READ, tenant.id)
    return await projections.list_registrations(tenant.id, shown, paging)


async def get(operator: Operator, tenant: Tenant, pk: UUID) -> Client:
    """One client; raises NotPermitted, Unknown."""
    check_permitted(operator, Permission.READ, tenant.id)
    return found(await clients.find_by_pk(tenant.id, pk))


async def register(operator: Operator, tenant: Tenant, client: Client, now: Instant) -> str | None:
    """Register a client; the text of its first secret, kept nowhere, or None for a public one.

    Raises NotPermitted, Reserved, InvalidClientDefinition, AlreadyExists.
    """
    check_permitted(operator, Permission.MANAGE_CLIENTS, tenant.id)
    check_not_system(tenant)
    async with turn(tenant.id):
        await create(operator, tenant, client, now)
        return await _add_secret(operator, tenant, client, None, now) if client.has_secret_method else None


async def change(
    operator: Operator,
    tenant: Tenant,
    pk: UUID,
    edit: Callable[[Client], Client],
    now: Instant,
    *,
    version: str | None = None,
) -> Client:
    """Let `edit` change a client, unless somebody did since `version`; the client as it is now.

    Raises NotPermitted, Unknown, Conflict, Reserved, InvalidClientDefinition.
    """
    check_permitted(operator, Permission.MANAGE_CLIENTS, tenant.id)
    async with turn(tenant.id):
        before = await _get_changeable(operator, tenant, pk)
        check_version(version, before)
        after = edit(before)
        if after != before:
            await update(operator, tenant, before, after, now)
        return await get(operator, tenant, pk)


async def discard(operator: Operator, tenant: Tenant, pk: UUID, now: Instant, *, version: str | None = None) -> None:
    """Remove a client; raises NotPermitted, Unknown, Conflict, Reserved."""
    check_permitted(operator, Permission.MANAGE_CLIENTS, tenant.id)
    async with turn(tenant.id):
        client = await _get_changeable(operator, tenant, pk)
        check_version(version, client)
        await remove(operator, tenant, client, now)


async def add_secret(
    operator: Operator, tenant: Tenant, pk: UUID, now: Instant, *, expires_at: Instant | None = None
) -> str:
    """Give a client one more secret and return its text, which is kept nowhere.

    Raises NotPermitted, Unknown, Reserved, TooManySecrets, and InvalidClientDefinition for a public client.
    """
    check_permitted(operator, Permission.MANAGE_CLIENTS, tenant.id)
    async with turn(tenant.id):
        client = await _get_changeable(operator, tenant, pk)
        if not client.has_secret_method:
            raise clients.InvalidClientDefinition("a public client has no secrets")
        return await _add_secret(operator, tenant, client, expires_at, now)


async def remove_secret(operator: Operator, tenant: Tenant, pk: UUID, secret_id: UUID, now: Instant) -> None:
    """Let a secret no longer count; raises NotPermitted, Unknown, Reserved."""
    check_permitted(operator, Permission.MANAGE_CLIENTS, tenant.id)
    async with turn(tenant.id):
        client = await _get_changeable(operator, tenant, pk)
        found(next((secret for secret in client.secrets if secret.id == secret_id), None))
        event = events.ClientSecretRemoved(pk, client.client_id)
        async with act(operator, Permission.MANAGE_CLIENTS, tenant.id, event, now):
            await clients.remove_secret(tenant.id, pk, secret_id)


async def create(operator: Operator, tenant: Tenant, client: Client, now: Instant) -> None:
    """Register a client, without secrets; raises InvalidClientDefinition, AlreadyExists."""
    clients.check_definition(client)
    event = events.ClientCreated(client.id, client.client_id)
    async with act(operator, Permission.MANAGE_CLIENTS, tenant.id, event, now):
        await clients.create(tenant.id, client, now=now)


async def update(operator: Operator, tenant: Tenant, before: Client, after: Client, now: Instant) -> None:
    """Change a client; raises InvalidClientDefinition. A public client loses its secrets, a disabled one its grants."""
    clients.check_definition(after)
    event = events.ClientUpdated(before.id, before.client_id, changes(before, after))
    async with act(operator, Permission.MANAGE_CLIENTS, tenant.id, event, now):
        await clients.update(tenant.id, before, after, now)
        if not after.has_secret_method:
            await clients.remove_secrets(tenant.id, before.id)
        if before.enabled and not after.enabled:
            await grants.revoke_for_client(tenant.id, before.id, now)


async def remove(operator: Operator, tenant: Tenant, client: Client, now: Instant) -> None:
    """Remove a client with its secrets; its grants end."""
    event = events.ClientRemoved(client.id, client.client_id)
    async with act(operator, Permission.MANAGE_CLIENTS, tenant.id, event, now):
        await grants.revoke_for_client(tenant.id, client.id, now)
        await grants.forget_for_client(tenant.id, client.id)
        await trust.forget_clients(tenant.id, {client.id})
        await clients.delete(tenant.id, client.id)


async def replace_secrets(operator: Operator, tenant: Tenant, client: Client, secret: str, now: Instant) -> None:
    """Make this the client's only secret; raises InvalidClientDefinition for one that is too easy."""
    clients.check_secret_strength(secret)
    kind = events.ClientSecretReplaced if client.secrets else events.ClientSecretAdded
    async with act(operator, Permission.MANAGE_CLIENTS, tenant.id, kind(client.id, client.client_id), now):
        await clients.remove_secrets(tenant.id, client.id)
        await clients.add_secret(tenant.id, client.id, secret=secret, now=now)


async def _get_changeable(operator: Operator, tenant: Tenant, pk: UUID) -> Client:
    client = await get(operator, tenant, pk)
    check_not_built_in(client.origin)
    check_not_system(tenant)
    return client


async def _add_secret(
    operator: Operator, tenant: Tenant, client: Client, expires_at: Instant | None, now: Instant
) -> str:
    event = events.ClientSecretAdded(client.id, client.client_id)
    async with act(operator, Permission.MANAGE_CLIENTS, tenant.id, event, now):
        return await clients.add_secret(tenant.id, client.id, now=now, expires_at=expires_at)
