"""What an operator may do to the clients of a tenant."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server import clients, grants
from server.audit import administration_events as events

from .act import act, changes
from .authorise import Permission

if TYPE_CHECKING:
    from server.clients import Client
    from server.kernel.clock import Instant
    from server.tenants import Tenant

    from .authorise import Operator


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
        if not after.is_confidential:
            await clients.remove_secrets(tenant.id, before.id)
        if before.enabled and not after.enabled:
            await grants.revoke_for_client(tenant.id, before.id, now)


async def remove(operator: Operator, tenant: Tenant, client: Client, now: Instant) -> None:
    """Remove a client with its secrets; its grants end."""
    event = events.ClientRemoved(client.id, client.client_id)
    async with act(operator, Permission.MANAGE_CLIENTS, tenant.id, event, now):
        await grants.revoke_for_client(tenant.id, client.id, now)
        await grants.forget_for_client(tenant.id, client.id)
        await clients.delete(tenant.id, client.id)


async def replace_secrets(operator: Operator, tenant: Tenant, client: Client, secret: str, now: Instant) -> None:
    """Make this the client's only secret; raises InvalidClientDefinition for one that is too easy."""
    clients.check_secret_strength(secret)
    kind = events.ClientSecretReplaced if client.secrets else events.ClientSecretAdded
    async with act(operator, Permission.MANAGE_CLIENTS, tenant.id, kind(client.id, client.client_id), now):
        await clients.remove_secrets(tenant.id, client.id)
        await clients.add_secret(tenant.id, client.id, secret=secret, now=now)
