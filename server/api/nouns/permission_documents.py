"""The documents of scopes, resources and roles."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from server.api.documents import ABSENT, Absent, Name, document
from server.api.shapes import Text
from server.resources import TokenFormat
from server.tenants import Origin

from .of_users import RoleName

ScopeName = Annotated[str, Text(1, 200, "notes:read")]
Description = Annotated[str, Text(0, 500, "Read your notes")]
ResourceUri = Annotated[str, Text(1, 500, "https://api.acme.test/mcp")]
RoleDescription = Annotated[str, Text(0, 500, "May change every text")]
ClientId = Annotated[str, Text(1, 500)]


@document
@dataclass(frozen=True, slots=True)
class ScopeDocument:
    """A scope: one permission that a client may be given."""

    name: ScopeName
    description: Description
    optional: bool
    sensitive: bool
    dynamic: bool
    origin: Origin


@document
@dataclass(frozen=True, slots=True)
class NewScope:
    """A scope to be defined."""

    name: ScopeName
    description: Description
    optional: bool = False
    sensitive: bool = False
    dynamic: bool | Absent = ABSENT


@document
@dataclass(frozen=True, slots=True)
class ScopeChange:
    """What changes of a scope; what is left out stays."""

    description: Description | Absent = ABSENT
    optional: bool | Absent = ABSENT
    sensitive: bool | Absent = ABSENT
    dynamic: bool | Absent = ABSENT


@document
@dataclass(frozen=True, slots=True)
class ResourceDocument:
    """A resource: an MCP server or an API that tokens are issued for."""

    id: UUID
    identifier: ResourceUri
    display_name: Name
    scopes: tuple[ScopeName, ...]
    token_format: TokenFormat
    introspection_clients: tuple[ClientId, ...]
    origin: Origin


@document
@dataclass(frozen=True, slots=True)
class NewResource:
    """A resource to be defined."""

    identifier: ResourceUri
    display_name: Name
    scopes: tuple[ScopeName, ...] = ()
    token_format: TokenFormat = TokenFormat.JWT
    introspection_clients: tuple[ClientId, ...] = ()


@document
@dataclass(frozen=True, slots=True)
class ResourceChange:
    """What changes of a resource; what is left out stays."""

    display_name: Name | Absent = ABSENT
    scopes: tuple[ScopeName, ...] | Absent = ABSENT
    token_format: TokenFormat | Absent = ABSENT
    introspection_clients: tuple[ClientId, ...] | Absent = ABSENT


@document
@dataclass(frozen=True, slots=True)
class RoleDocument:
    """A role that a tenant defines for its own applications. Who has it: the list of users, by `role`."""

    name: RoleName
    description: RoleDescription
    origin: Origin


@document
@dataclass(frozen=True, slots=True)
class NewRole:
    """A role to be defined."""

    name: RoleName
    description: RoleDescription = ""


@document
@dataclass(frozen=True, slots=True)
class RoleChange:
    """What changes of a role; what is left out stays, and who has it keeps it."""

    name: RoleName | Absent = ABSENT
    description: RoleDescription | Absent = ABSENT
