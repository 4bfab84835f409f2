"""Webhooks, and what was told to whom."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from uuid import UUID

    from server.kernel.clock import Instant

DELIVERY_JOB = "webhook-delivery"  # the kind of job in the outbox


class WebhookState(StrEnum):
    """Whether a webhook is told of events."""

    ACTIVE = "active"
    PAUSED = "paused"  # by an operator; what happens meanwhile is told later
    FAILING = "failing"  # paused by Latchkey, after it had failed for too long


class DeliveryState(StrEnum):
    """How far a delivery is."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    FAILED = "failed"  # given up
    HELD = "held"  # its webhook is paused


@dataclass(frozen=True, slots=True)
class Webhook:
    """Somebody who wants to be told of events; of all, when none is named."""

    id: UUID
    tenant_id: UUID
    url: str
    events: tuple[str, ...]
    state: WebhookState
    seal_number: int
    failing_since: Instant | None
    created_at: Instant

    def wants(self, event: str) -> bool:
        """Whether it is to be told of events of this name: `login.failed`, or `login.*` for all of the kind."""
        return not self.events or any(
            event == wanted or (wanted.endswith(".*") and event.startswith(wanted[:-1])) for wanted in self.events
        )


@dataclass(frozen=True, slots=True)
class Attempt:
    """One request: the status that came back, or why none did."""

    at: Instant
    status: int | None
    error: str | None


@dataclass(frozen=True, slots=True)
class Delivery:
    """An event for a webhook. Its id is the message's, the same at each attempt."""

    id: UUID
    webhook_id: UUID
    event_id: UUID
    event: str
    state: DeliveryState
    attempts: tuple[Attempt, ...]
