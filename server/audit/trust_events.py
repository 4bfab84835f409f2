"""What is decided about places that people are sent to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .registry import event

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from server.kernel.json import JsonValue


@event("trust_policy.saved")
@dataclass(frozen=True, slots=True)
class TrustPolicySaved:
    """An operator put a version of the trust policy in force; `policy` is all of it."""

    version: int
    policy: Mapping[str, JsonValue]


@event("trust_verdict.set")
@dataclass(frozen=True, slots=True)
class TrustVerdictSet:
    """An operator trusted or blocked a host, or a client at one redirect URI."""

    judgement: str
    host: str | None
    client_id: str | None
    redirect_uri: str | None
    origin: str
    note: str | None
    expires_at: int | None


@event("trust_verdict.removed")
@dataclass(frozen=True, slots=True)
class TrustVerdictRemoved:
    """An operator took a verdict back."""

    judgement: str
    host: str | None
    client_id: str | None
    redirect_uri: str | None
    origin: str


@event("trust_hold.settled")
@dataclass(frozen=True, slots=True)
class TrustHoldSettled:
    """A client at an origin waits no longer: an operator let people go there, or blocked it for all of them."""

    hold_id: UUID
    client_pk: UUID
    client_id: str
    origin: str
    state: str
    people: int  # who waited
    score: int
    signals: tuple[str, ...]
    policy_version: int
    rule: int | None


@event("trust_domain.claimed")
@dataclass(frozen=True, slots=True)
class TrustDomainClaimed:
    """An operator said that a domain is the tenant's own; it counts once it is verified."""

    domain: str


@event("trust_domain.verified")
@dataclass(frozen=True, slots=True)
class TrustDomainVerified:
    """A domain counts as the tenant's own: by its TXT record (`dns`), or because an operator answers for it."""

    domain: str
    method: str


@event("trust_domain.removed")
@dataclass(frozen=True, slots=True)
class TrustDomainRemoved:
    """A domain no longer counts as the tenant's own."""

    domain: str
