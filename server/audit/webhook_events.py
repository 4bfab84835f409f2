"""How the audit log itself leaves, taken along by operators and told to webhooks, and whether its chain holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .records import Outcome
from .registry import event

if TYPE_CHECKING:
    from uuid import UUID

    from .administration_events import Changes


@event("audit.exported")
@dataclass(frozen=True, slots=True)
class AuditExported:
    """Somebody began to take the audit log along; `since` and `until` in microseconds."""

    format: str
    event: str | None
    since: int | None
    until: int | None


@event("webhook.created")
@dataclass(frozen=True, slots=True)
class WebhookCreated:
    """Events are told to an address from now on."""

    webhook_id: UUID
    url: str


@event("webhook.updated")
@dataclass(frozen=True, slots=True)
class WebhookUpdated:
    """A webhook's address, events or state changed."""

    webhook_id: UUID
    changes: Changes


@event("webhook.removed")
@dataclass(frozen=True, slots=True)
class WebhookRemoved:
    """A webhook is gone, with its log."""

    webhook_id: UUID
    url: str


@event("webhook_secret.rotated")
@dataclass(frozen=True, slots=True)
class WebhookSecretRotated:
    """A webhook signs with a new secret; with the former one, too, until it is retired."""

    webhook_id: UUID


@event("webhook_secret.retired")
@dataclass(frozen=True, slots=True)
class WebhookSecretRetired:
    """A webhook's former secret counts no longer."""

    webhook_id: UUID


@event("webhook.paused", outcome=Outcome.FAILURE)
@dataclass(frozen=True, slots=True)
class WebhookPaused:
    """Latchkey paused a webhook that had failed for too long."""

    webhook_id: UUID
    failing_since: int


@event("webhook.tested")
@dataclass(frozen=True, slots=True)
class WebhookTested:
    """Somebody had a webhook told of this, to see whether it arrives."""

    webhook_id: UUID


@event("webhook_deliveries.retried")
@dataclass(frozen=True, slots=True)
class WebhookDeliveriesRetried:
    """What a webhook did not take is sent once more."""

    webhook_id: UUID
    deliveries: int


@event("audit_chain.verified")
@dataclass(frozen=True, slots=True)
class AuditChainVerified:
    """The whole chain was checked, and holds."""

    events: int
    seals: int
    unsealed: int


@event("audit_chain.broken", outcome=Outcome.FAILURE)
@dataclass(frozen=True, slots=True)
class AuditChainBroken:
    """The chain was checked, and does not hold; `why` names the first broken link."""

    why: str
