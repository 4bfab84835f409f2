"""Service accounts: clients of the system tenant that act for themselves, with memberships of their own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from server import clients, grants, roles
from server.audit import administration_events as events
from server.audit import people_events
from server.clients import ClientSource
from server.protocol.client_metadata import ClientMetadata
from server.protocol.vocabulary import ApplicationType, GrantType, TokenEndpointAuthMethod
from server.roles import InvalidRole, Membership
from server.tenants import SYSTEM_SLUG, Origin

from .act import note
from .authorise import Permission, check_permitted, is_permitted
from .finding import Unknown, turn
from .platform import ADMIN_READ_SCOPE, ADMIN_SCOPE

if TYPE_CHECKING:
    from uuid import UUID

    from server.clients import Client
    from server.kernel.clock import Instant
    from server.roles import AdminRole
    from server.tenants import Tenant

    from .authorise import Operator


@dataclass(frozen=True, slots=True)
class NewServiceAccount:
    """A program to be let in: to one tenant, or to the platform."""

    name: str
    role: AdminRole
    tenant: Tenant | None
    reads_only: bool = False


async def create(operator: Operator, system: Tenant, new: NewServiceAccount, now: Instant) -> tuple[Client, str]:
    """Make a service account; its client and its secret, which is kept nowhere.

    Raises NotPermitted, InvalidRole, InvalidClientDefinition.
    """
    check_permitted(operator, Permission.MANAGE_ADMINISTRATORS, new.tenant.id if new.tenant else system.id)
    client = _new_client(operator, system, new, now)
    if new.tenant is not None and new.tenant.slug == SYSTEM_SLUG:
        raise InvalidRole("the system tenant is administered by those who own the platform")
    membership = Membership(client.id, new.role, new.tenant.id if new.tenant else None)
    roles.check_membership(membership)
    clients.check_definition(client)
    slug = new.tenant.slug if new.tenant else None
    async with turn(system.id):
        await clients.create(system.id, client, now=now)
        secret = await clients.add_secret(system.id, client.id, now=now)
        await roles.add_membership(system.id, membership, now)
        await note(operator, system.id, events.ClientCreated(client.id, client.client_id), now)
        await note(operator, system.id, people_events.MembershipAdded(client.id, new.role.value, slug), now)
    return client, secret


async def get(operator: Operator, system: Tenant, pk: UUID) -> Client:
    """One service account; raises Unknown, also when the operator does not manage all that it may do."""
    client = await clients.find_by_pk(system.id, pk)
    if client is None or client.origin is Origin.BUILT_IN:
        raise Unknown
    held = await roles.memberships_of(system.id, pk)
    where = {membership.scope_tenant or system.id for membership in held} or {system.id}
    if not all(is_permitted(operator, Permission.MANAGE_ADMINISTRATORS, tenant_id) for tenant_id in where):
        raise Unknown
    return client


async def add_secret(operator: Operator, system: Tenant, pk: UUID, now: Instant) -> str:
    """Give a service account one more secret; raises Unknown, TooManySecrets."""
    async with turn(system.id):
        client = await get(operator, system, pk)
        secret = await clients.add_secret(system.id, pk, now=now)
        await note(operator, system.id, events.ClientSecretAdded(pk, client.client_id), now)
    return secret


async def remove_secret(operator: Operator, system: Tenant, pk: UUID, secret_id: UUID, now: Instant) -> None:
    """Let a secret no longer count; raises Unknown."""
    async with turn(system.id):
        client = await get(operator, system, pk)
        if not await clients.remove_secret(system.id, pk, secret_id):
            raise Unknown
        await note(operator, system.id, events.ClientSecretRemoved(pk, client.client_id), now)


async def discard(operator: Operator, system: Tenant, pk: UUID, now: Instant) -> None:
    """Remove a service account, whose tokens end; raises Unknown."""
    async with turn(system.id):
        client = await get(operator, system, pk)
        await roles.remove_memberships_of(system.id, pk)
        await grants.revoke_for_client(system.id, pk, now)
        await clients.delete(system.id, pk)
        await note(operator, system.id, events.ClientRemoved(pk, client.client_id), now)


def _new_client(operator: Operator, system: Tenant, new: NewServiceAccount, now: Instant) -> Client:
    metadata = ClientMetadata(
        redirect_uris=(),
        token_endpoint_auth_method=TokenEndpointAuthMethod.CLIENT_SECRET_BASIC,
        grant_types=(GrantType.CLIENT_CREDENTIALS,),
        response_types=(),
        application_type=ApplicationType.WEB,
        client_name=new.name,
    )
    return clients.new_client(
        system.id,
        f"service-{clients.random_client_id()}",
        metadata,
        source=ClientSource.ADMIN,
        origin=operator.origin,
        scope=(ADMIN_READ_SCOPE,) if new.reads_only else (ADMIN_SCOPE, ADMIN_READ_SCOPE),
        now=now,
    )
