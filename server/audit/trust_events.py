"""What is decided about places that people are sent to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .registry import event

if TYPE_CHECKING:
    from collections.abc import Mapping

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
