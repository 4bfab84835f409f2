"""What operators do to the platform as a whole, and what they tried without the right to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .records import Outcome
from .registry import event

if TYPE_CHECKING:
    from uuid import UUID


@event("permission.refused", outcome=Outcome.FAILURE)
@dataclass(frozen=True, slots=True)
class PermissionRefused:
    """An operator tried what their roles do not allow; told once an hour for each right that they lack."""

    permission: str


@event("secrets.rewrapped")
@dataclass(frozen=True, slots=True)
class SecretsRewrapped:
    """What was encrypted under the former master secret is under the current one."""

    sealed: int
    client_secrets_left: int


@event("job.revived")
@dataclass(frozen=True, slots=True)
class JobRevived:
    """An operator had a job tried again that had been given up; `tenant_id` is the tenant that it is for."""

    job_id: UUID
    kind: str
    tenant_id: UUID
