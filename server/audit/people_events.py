"""What operators do to what people are signed in to and have allowed, and to other operators."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .registry import event

if TYPE_CHECKING:
    from uuid import UUID


@event("user.password_set")
@dataclass(frozen=True, slots=True)
class UserPasswordSet:
    """An operator gave a person a password; their sessions and grants ended."""

    subject_id: UUID


@event("user.signed_out")
@dataclass(frozen=True, slots=True)
class UserSignedOut:
    """An operator ended everything that a person is signed in to."""

    subject_id: UUID
    sessions: int
    grants: int


@event("session.terminated")
@dataclass(frozen=True, slots=True)
class SessionTerminated:
    """An operator ended one of a person's sessions."""

    subject_id: UUID
    session_id: UUID


@event("grant.withdrawn")
@dataclass(frozen=True, slots=True)
class GrantWithdrawn:
    """An operator ended what a person allowed a client."""

    subject_id: UUID
    client_pk: UUID
    grant_id: UUID


@event("consent.withdrawn")
@dataclass(frozen=True, slots=True)
class ConsentWithdrawn:
    """An operator forgot what a person allowed a client, and ended the grants that hung on it."""

    subject_id: UUID
    client_pk: UUID
    permissions: int
    grants: int


@event("membership.removed")
@dataclass(frozen=True, slots=True)
class MembershipRemoved:
    """Somebody is no longer an administrator; without a tenant, of the whole platform."""

    subject_id: UUID
    role: str
    tenant: str | None


@event("administrator.removed")
@dataclass(frozen=True, slots=True)
class AdministratorRemoved:
    """An administrator is gone, with everything that they might do."""

    subject_id: UUID


@event("membership.added")
@dataclass(frozen=True, slots=True)
class MembershipAdded:
    """Somebody became an administrator; without a tenant, of the whole platform."""

    subject_id: UUID
    role: str
    tenant: str | None


@event("administrator_token.issued")
@dataclass(frozen=True, slots=True)
class AdministratorTokenIssued:
    """A bearer token for the administration API was printed; without a tenant, for all that they administer."""

    subject_id: UUID
    tenant: str | None
