"""What operators do to roles and groups, and who has or is in them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .registry import event

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from server.kernel.json import JsonValue


@event("role.created")
@dataclass(frozen=True, slots=True)
class RoleCreated:
    """A role was defined."""

    name: str


@event("role.updated")
@dataclass(frozen=True, slots=True)
class RoleUpdated:
    """A role has another name or description; `name` is the one that it has now."""

    name: str
    changes: Mapping[str, JsonValue]  # field to what it was and what it is


@event("role.removed")
@dataclass(frozen=True, slots=True)
class RoleRemoved:
    """A role is gone, from everybody who had it."""

    name: str


@event("user.roles_changed")
@dataclass(frozen=True, slots=True)
class UserRolesChanged:
    """A person has other roles than before."""

    subject_id: UUID
    before: tuple[str, ...]
    after: tuple[str, ...]


@event("group.created")
@dataclass(frozen=True, slots=True)
class GroupCreated:
    """There is a group that gives these roles."""

    group_id: UUID
    name: str
    roles: tuple[str, ...]


@event("group.updated")
@dataclass(frozen=True, slots=True)
class GroupUpdated:
    """A group has another name or description, or gives other roles; `name` is the one that it has now."""

    group_id: UUID
    name: str
    changes: Mapping[str, JsonValue]  # field to what it was and what it is


@event("group.removed")
@dataclass(frozen=True, slots=True)
class GroupRemoved:
    """A group is gone, and nobody has a role by it any more."""

    group_id: UUID
    name: str


@event("group.member_added")
@dataclass(frozen=True, slots=True)
class GroupMemberAdded:
    """Somebody is in a group, and has its roles."""

    subject_id: UUID
    group_id: UUID
    name: str


@event("group.member_removed")
@dataclass(frozen=True, slots=True)
class GroupMemberRemoved:
    """Somebody is no longer in a group."""

    subject_id: UUID
    group_id: UUID
    name: str
