"""A manifest as it was written: what it says, and where."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Mapping

    from server.kernel.clock import Instant
    from server.protocol.client_metadata import ClientMetadata
    from server.resources import Resource
    from server.scopes import Scope
    from server.trust import Judgement, TrustPolicy

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Place:
    """A key in a file; lines count from 1."""

    file: str
    line: int
    key: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.key}"


class ManifestError(ValueError):
    """A manifest cannot be applied; the message names file, line and key, and repeats nothing secret."""

    def __init__(self, place: Place, why: str) -> None:
        super().__init__(f"{place}: {why}")


@dataclass(frozen=True, slots=True)
class Placed(Generic[T]):
    """Something that a manifest says."""

    place: Place
    value: T


@dataclass(frozen=True, slots=True)
class ClientEntry:
    """One client."""

    client_id: str
    metadata: ClientMetadata
    first_party: bool
    require_pkce: bool
    enabled: bool
    secret: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class RoleEntry:
    """One role. A description that is None was not written: it stays as it is."""

    name: str
    description: str | None = None


@dataclass(frozen=True, slots=True)
class GroupEntry:
    """One group. What is None was not written: it stays as it is."""

    name: str
    description: str | None = None
    roles: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class UserEntry:
    """One person. `changes` holds only what the manifest says; the rest stays as it is."""

    username: str
    changes: Mapping[str, object] = field(repr=False)
    password: str | None = field(default=None, repr=False)
    roles: tuple[str, ...] | None = None
    groups: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class VerdictEntry:
    """One verdict."""

    judgement: Judgement
    host: str | None
    client_id: str | None
    redirect_uri: str | None
    note: str | None
    expires_at: Instant | None


@dataclass(frozen=True, slots=True)
class TrustEntry:
    """The trust policy. Verdicts that are None were not written."""

    policy: TrustPolicy
    verdicts: tuple[Placed[VerdictEntry], ...] | None = None


@dataclass(frozen=True, slots=True)
class Manifest:
    """One tenant. A section that is None was not written: what it is about is left alone."""

    place: Place
    slug: str
    tenant: Mapping[str, object]  # fields of the tenant that are written
    settings: Mapping[str, object]
    branding: Mapping[str, object]
    scopes: tuple[Placed[Scope], ...] | None = None
    resources: tuple[Placed[Resource], ...] | None = None
    roles: tuple[Placed[RoleEntry], ...] | None = None
    groups: tuple[Placed[GroupEntry], ...] | None = None
    clients: tuple[Placed[ClientEntry], ...] | None = None
    users: tuple[Placed[UserEntry], ...] | None = None
    trust: TrustEntry | None = None
