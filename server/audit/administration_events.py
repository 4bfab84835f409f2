"""What operators do.

`changes` maps a field to what it was and what it is; of people only the names of the fields are kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .registry import event

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from server.kernel.json import JsonValue

    Changes = Mapping[str, JsonValue]


@event("tenant.created")
@dataclass(frozen=True, slots=True)
class TenantCreated:
    """A tenant was made."""

    slug: str


@event("tenant.updated")
@dataclass(frozen=True, slots=True)
class TenantUpdated:
    """A tenant's name, domain, settings or look changed."""

    slug: str
    changes: Changes


@event("tenant.removed")
@dataclass(frozen=True, slots=True)
class TenantRemoved:
    """A tenant is gone, with everything in it but its audit log."""

    slug: str


@event("scope.created")
@dataclass(frozen=True, slots=True)
class ScopeCreated:
    """A scope was defined."""

    name: str


@event("scope.updated")
@dataclass(frozen=True, slots=True)
class ScopeUpdated:
    """A scope's definition changed."""

    name: str
    changes: Changes


@event("scope.removed")
@dataclass(frozen=True, slots=True)
class ScopeRemoved:
    """A scope is gone."""

    name: str


@event("resource.created")
@dataclass(frozen=True, slots=True)
class ResourceCreated:
    """A resource was defined."""

    identifier: str


@event("resource.updated")
@dataclass(frozen=True, slots=True)
class ResourceUpdated:
    """A resource's definition changed."""

    identifier: str
    changes: Changes


@event("resource.removed")
@dataclass(frozen=True, slots=True)
class ResourceRemoved:
    """A resource is gone."""

    identifier: str


@event("client.created")
@dataclass(frozen=True, slots=True)
class ClientCreated:
    """An operator registered a client."""

    client_pk: UUID
    client_id: str


@event("client.updated")
@dataclass(frozen=True, slots=True)
class ClientUpdated:
    """A client's metadata, scope or standing changed."""

    client_pk: UUID
    client_id: str
    changes: Changes


@event("client.removed")
@dataclass(frozen=True, slots=True)
class ClientRemoved:
    """A client is gone, and its grants are revoked."""

    client_pk: UUID
    client_id: str


@event("client_state.changed")
@dataclass(frozen=True, slots=True)
class ClientStateChanged:
    """An operator quarantined, blocked, promoted or released a client that registered itself."""

    client_pk: UUID
    client_id: str
    before: str
    after: str
    reason: str


@event("initial_access_token.created")
@dataclass(frozen=True, slots=True)
class InitialAccessTokenCreated:
    """An operator made a token that lets its holder register clients."""

    token_id: UUID
    name: str
    max_uses: int


@event("initial_access_token.revoked")
@dataclass(frozen=True, slots=True)
class InitialAccessTokenRevoked:
    """Nobody can register with this token any more."""

    token_id: UUID
    name: str


@event("client_secret.added")
@dataclass(frozen=True, slots=True)
class ClientSecretAdded:
    """A client was given a secret."""

    client_pk: UUID
    client_id: str


@event("client_secret.replaced")
@dataclass(frozen=True, slots=True)
class ClientSecretReplaced:
    """A client was given a secret instead of those that it had."""

    client_pk: UUID
    client_id: str


@event("client_secret.removed")
@dataclass(frozen=True, slots=True)
class ClientSecretRemoved:
    """One of a client's secrets no longer counts."""

    client_pk: UUID
    client_id: str


@event("user.created")
@dataclass(frozen=True, slots=True)
class UserCreated:
    """A person was made."""

    subject_id: UUID
    has_password: bool


@event("user.updated")
@dataclass(frozen=True, slots=True)
class UserUpdated:
    """What is known of a person changed."""

    subject_id: UUID
    fields: tuple[str, ...]


@event("user.removed")
@dataclass(frozen=True, slots=True)
class UserRemoved:
    """A person is gone; their sessions and grants ended."""

    subject_id: UUID


@event("manifest.applied")
@dataclass(frozen=True, slots=True)
class ManifestApplied:
    """A manifest was applied. The single changes stand in events of their own."""

    file: str
    created: int
    changed: int
    removed: int
