"""What operators do to roles, and who has them."""

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
