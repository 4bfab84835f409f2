"""What a tenant is made of now, as far as manifests can say it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from server import clients, resources, roles, scopes, tenants, trust, users
from server.clients import ClientSource
from server.trust import TrustPolicy

if TYPE_CHECKING:
    from collections.abc import Mapping

    from server.clients import Client
    from server.resources import Resource
    from server.roles import Group, Role
    from server.scopes import Scope
    from server.tenants import Tenant
    from server.trust import Verdict
    from server.users import User


@dataclass(frozen=True, slots=True)
class Person:
    """A person with the names of their roles and groups. A password is only ever one to be set."""

    user: User
    roles: tuple[str, ...]
    groups: tuple[str, ...] = ()
    password: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class RegisteredClient:
    """A client of an administrator. A secret is only ever one to be set."""

    client: Client
    client_secret: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class State:
    """A tenant with everything in it, by the names that manifests use. Without a tenant it is empty."""

    tenant: Tenant | None = None
    scopes: Mapping[str, Scope] = field(default_factory=dict)  # those of OpenID Connect are not among them
    resources: Mapping[str, Resource] = field(default_factory=dict)
    roles: Mapping[str, Role] = field(default_factory=dict)
    groups: Mapping[str, Group] = field(default_factory=dict)
    clients: Mapping[str, RegisteredClient] = field(default_factory=dict)
    people: Mapping[str, Person] = field(default_factory=dict)  # by `identifier_key` of the username
    policy: TrustPolicy = field(default_factory=TrustPolicy)
    policy_version: int = 0
    verdicts: Mapping[str, Verdict] = field(default_factory=dict)  # by what they are about


async def load_state(slug: str, public_url: str) -> State:
    """The present state of a tenant; an empty one when there is no such tenant."""
    tenant = await tenants.find_by_slug(slug, public_url)
    if tenant is None:
        return State()
    defined = await scopes.list_scopes(tenant.id)
    roles_of = await roles.list_assignments(tenant.id)
    groups_of = await roles.list_groups_by_person(tenant.id)
    standing = await trust.get_standing(tenant.id)
    return State(
        tenant=tenant,
        scopes={name: scope for name, scope in defined.items() if not scope.is_identity},
        resources={resource.identifier: resource for resource in await resources.list_resources(tenant.id)},
        roles={role.name: role for role in await roles.list_roles(tenant.id)},
        groups={group.name: group for group in await roles.list_groups(tenant.id)},
        clients={
            client.client_id: RegisteredClient(client)
            for client in await clients.list_clients(tenant.id, ClientSource.ADMIN)
        },
        people={
            users.identifier_key(user.username): Person(user, roles_of.get(user.id, ()), groups_of.get(user.id, ()))
            for user in await users.list_users(tenant.id)
        },
        policy=standing.policy,
        policy_version=standing.version,
        verdicts={verdict.name: verdict for verdict in await trust.list_verdicts(tenant.id)},
    )
