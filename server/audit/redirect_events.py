"""Events of the redirect step: what people and the policy said of a place, with all that it followed from.

`decision` is what trust said, with `action`, `score` (0 to 100), `signals`, `reason`, `rule` (from 1) and
`policy_version`; see docs/explanation/trust-policy.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypedDict

from .records import Outcome
from .registry import event

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from server.kernel.json import JsonValue


class Judged(TypedDict):
    """The members that every event about a judged place has in common."""

    redirect_origin: str
    decision: Mapping[str, JsonValue]


@event("redirect.confirmed")
@dataclass(frozen=True, slots=True)
class RedirectConfirmed:
    """A person was shown where they were going and went on."""

    client_pk: UUID
    subject_id: UUID
    client_name: str | None
    redirect_origin: str
    decision: Mapping[str, JsonValue]


@event("redirect.cancelled", outcome=Outcome.FAILURE)
@dataclass(frozen=True, slots=True)
class RedirectCancelled:
    """A person was shown where they were going and stayed."""

    client_pk: UUID
    subject_id: UUID
    client_name: str | None
    redirect_origin: str
    decision: Mapping[str, JsonValue]


@event("redirect.reported", outcome=Outcome.FAILURE)
@dataclass(frozen=True, slots=True)
class RedirectReported:
    """A person was shown where they were going, stayed, and told us that something is wrong there."""

    client_pk: UUID
    subject_id: UUID
    client_name: str | None
    redirect_origin: str
    decision: Mapping[str, JsonValue]


@event("redirect.held", outcome=Outcome.FAILURE)
@dataclass(frozen=True, slots=True)
class RedirectHeld:
    """A person has to wait until an administrator approves of the place."""

    client_pk: UUID
    subject_id: UUID
    client_name: str | None
    redirect_origin: str
    decision: Mapping[str, JsonValue]


@event("redirect.blocked", outcome=Outcome.FAILURE)
@dataclass(frozen=True, slots=True)
class RedirectBlocked:
    """Nobody is sent to the place; without a person when nobody had signed in."""

    client_pk: UUID
    subject_id: UUID | None
    client_name: str | None
    redirect_origin: str
    decision: Mapping[str, JsonValue]


@event("redirect.withheld", outcome=Outcome.FAILURE)
@dataclass(frozen=True, slots=True)
class RedirectWithheld:
    """An error, or the end of a logout, stayed on a page instead of being brought to the client."""

    client_pk: UUID
    subject_id: UUID
    client_name: str | None
    redirect_origin: str
    decision: Mapping[str, JsonValue]
