"""Who an operator is, and what their roles allow. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Self

from server.audit import Actor
from server.roles import AdminRole
from server.tenants import Origin

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID

    from server.roles import Membership


class Permission(StrEnum):
    """What an act needs."""

    READ = "read"
    MANAGE_TENANTS = "manage_tenants"  # make, enable and disable them
    MANAGE_ADMINISTRATORS = "manage_administrators"
    MANAGE_SETTINGS = "manage_settings"
    MANAGE_CLIENTS = "manage_clients"  # with scopes and resources
    MANAGE_USERS = "manage_users"  # with roles and groups
    MANAGE_KEYS = "manage_keys"


class NotPermitted(Exception):
    """The operator's roles do not allow this act; nothing was changed."""

    def __init__(self, actor: Actor, permission: Permission, tenant_id: UUID) -> None:
        super().__init__(f"{permission.value} is not among the rights in this tenant")
        self.actor = actor
        self.permission = permission
        self.tenant_id = tenant_id


@dataclass(frozen=True, slots=True)
class Operator:
    """Somebody who administers. `origin` marks the rows that they make."""

    actor: Actor
    origin: Origin
    owns_platform: bool = False
    memberships: tuple[Membership, ...] = ()
    limit: UUID | None = None  # the only tenant where anything is allowed, whatever the memberships say
    reads_only: bool = False

    @classmethod
    def latchkey(cls) -> Self:
        """Latchkey itself, when it sets up what is built in."""
        return cls(Actor.system(), Origin.BUILT_IN, owns_platform=True)

    @classmethod
    def at_the_command_line(cls, name: str, origin: Origin = Origin.CLI) -> Self:
        """Whoever can run the program on the database may do everything; `name` is the operating-system user."""
        return cls(Actor.system(name), origin, owns_platform=True)

    @classmethod
    def administrator(cls, user_id: UUID, memberships: Iterable[Membership]) -> Self:
        """An administrator who signed in, with the memberships of this very moment."""
        return cls._holding(Actor.administrator(user_id), memberships)

    @classmethod
    def service_account(cls, client_pk: UUID, memberships: Iterable[Membership]) -> Self:
        """A program that acts for itself, with the memberships of this very moment."""
        return cls._holding(Actor.client(client_pk), memberships)

    @classmethod
    def _holding(cls, actor: Actor, memberships: Iterable[Membership]) -> Self:
        held = tuple(memberships)
        owns = any(membership.role is AdminRole.PLATFORM_OWNER for membership in held)
        return cls(actor, Origin.CONSOLE, owns_platform=owns, memberships=held)

    @property
    def administered(self) -> tuple[UUID, ...] | None:
        """The tenants that they may know of; None: all."""
        if self.owns_platform:
            return None if self.limit is None else (self.limit,)
        held = {membership.scope_tenant for membership in self.memberships}
        return tuple(found for found in held if found is not None and self.limit in {None, found})


_OF_CLIENTS = frozenset({Permission.READ, Permission.MANAGE_CLIENTS})
_OF_USERS = frozenset({Permission.READ, Permission.MANAGE_USERS})
_OF_ADMINS = _OF_CLIENTS | _OF_USERS | {Permission.MANAGE_SETTINGS, Permission.MANAGE_KEYS}

# What a role allows in its tenant. Platform owners are asked nothing.
_ALLOWED = {
    AdminRole.TENANT_OWNER: _OF_ADMINS | {Permission.MANAGE_ADMINISTRATORS},
    AdminRole.TENANT_ADMIN: _OF_ADMINS,
    AdminRole.CLIENT_MANAGER: _OF_CLIENTS,
    AdminRole.USER_MANAGER: _OF_USERS,
    AdminRole.AUDITOR: frozenset({Permission.READ}),
}


def is_permitted(operator: Operator, permission: Permission, tenant_id: UUID) -> bool:
    """Whether an operator may do this in a tenant."""
    if operator.limit not in {None, tenant_id} or (operator.reads_only and permission is not Permission.READ):
        return False
    return operator.owns_platform or any(
        permission in _ALLOWED[membership.role]
        for membership in operator.memberships
        if membership.scope_tenant == tenant_id
    )


def check_permitted(operator: Operator, permission: Permission, tenant_id: UUID) -> None:
    """Raise NotPermitted unless an operator may do this in a tenant."""
    if not is_permitted(operator, permission, tenant_id):
        raise NotPermitted(operator.actor, permission, tenant_id)
