"""Roles and groups of people, and what administrators may do where."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from uuid import UUID

    from server.tenants import Origin


@dataclass(frozen=True, slots=True)
class Role:
    """A role that a tenant defines for its own applications."""

    id: UUID
    name: str
    origin: Origin
    description: str = ""  # for administrators


@dataclass(frozen=True, slots=True)
class Group:
    """People of a tenant under one name; whoever is in it has its roles. Groups are not in groups."""

    id: UUID
    name: str
    origin: Origin
    description: str = ""  # for administrators
    roles: tuple[str, ...] = ()  # by name, sorted


@dataclass(frozen=True, slots=True)
class Affiliations:
    """What somebody is here, by name, sorted: the roles are their own and those of their groups."""

    roles: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()


class AdminRole(StrEnum):
    """What an administrator is: of the platform, or of one tenant."""

    PLATFORM_OWNER = "platform-owner"
    TENANT_OWNER = "tenant-owner"
    TENANT_ADMIN = "tenant-admin"
    CLIENT_MANAGER = "client-manager"
    USER_MANAGER = "user-manager"
    AUDITOR = "auditor"


@dataclass(frozen=True, slots=True)
class Membership:
    """One role of one administrator, who is a person of the system tenant."""

    user_id: UUID
    role: AdminRole
    scope_tenant: UUID | None  # the tenant administered; None: the platform
