"""One delivery: the event as it is now, signed, sent, and the attempt noted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol
from uuid import UUID

from server import audit
from server.kernel import clock, database
from server.kernel.json import dump_json

from . import store
from .policy import has_failed_for_too_long
from .records import Attempt, DeliveryState, WebhookState
from .signing import signature_headers

if TYPE_CHECKING:
    from collections.abc import Mapping

    from server.audit import AuditEntry
    from server.kernel.clock import Instant
    from server.kernel.outbox import Job

    from .records import Delivery, Webhook

MOST_ATTEMPTS = 12  # as the outbox tries a job
_SUCCESS = range(200, 300)


class Refused(Exception):
    """A webhook was not told, and will be tried again."""


class Sender(Protocol):
    """Whoever posts to addresses that strangers chose, without being turned against what is inside."""

    async def __call__(self, tenant_id: UUID, url: str, headers: Mapping[str, str], body: bytes) -> int:
        """POST once, within seconds, following no redirect; the status. Raises anything when there was no answer."""
        ...


async def deliver(job: Job, send: Sender) -> None:
    """Do a job from the outbox; raises Refused, so that it is tried again. Bears being done twice.

    After the last attempt the delivery has failed, for good: the job is over, and its log says why.
    """
    delivery = await store.find_delivery(job.tenant_id, UUID(str(job.payload["delivery"])))
    if delivery is None or delivery.state is not DeliveryState.WAITING:
        return
    webhook = await store.find(job.tenant_id, delivery.webhook_id)
    entry = await audit.find(job.tenant_id, delivery.event_id)
    if webhook is None or entry is None:
        await store.settle(job.tenant_id, delivery, DeliveryState.FAILED, delivery.attempts)
    elif webhook.state is not WebhookState.ACTIVE:
        await store.settle(job.tenant_id, delivery, DeliveryState.HELD, delivery.attempts)
    else:
        await _attempt(webhook, delivery, entry, send, is_last=job.attempt >= MOST_ATTEMPTS)


async def _attempt(webhook: Webhook, delivery: Delivery, entry: AuditEntry, send: Sender, *, is_last: bool) -> None:
    now, body = clock.now(), body_of(entry)
    secrets = await store.secrets_of(webhook.tenant_id, webhook.id)
    headers = signature_headers(secrets, str(delivery.id), now, body)
    try:
        attempt = Attempt(now, await send(webhook.tenant_id, webhook.url, headers, body), None)
    except Exception as error:  # noqa: BLE001 - whatever kept it from arriving is noted, and it is tried again
        attempt = Attempt(now, None, type(error).__name__)
    attempts = (*delivery.attempts, attempt)
    if attempt.status in _SUCCESS:
        await store.settle(webhook.tenant_id, delivery, DeliveryState.DELIVERED, attempts)
        await store.note_success(webhook.tenant_id, webhook.id)
        return
    state = DeliveryState.FAILED if is_last else DeliveryState.WAITING
    await store.settle(webhook.tenant_id, delivery, state, attempts)
    await _note_failure(webhook, now)
    if not is_last:
        raise Refused(attempt.error or str(attempt.status))


async def _note_failure(webhook: Webhook, now: Instant) -> None:
    await store.note_failure(webhook.tenant_id, webhook.id, now)
    if webhook.failing_since is None or not has_failed_for_too_long(webhook.failing_since, now):
        return
    async with database.transaction():
        if await store.pause_failing(webhook.tenant_id, webhook.id):
            event = audit.WebhookPaused(webhook.id, webhook.failing_since)
            await audit.record(event, tenant_id=webhook.tenant_id, now=now)


def body_of(entry: AuditEntry) -> bytes:
    """What is sent of an event; `type`, `timestamp` and `data` as Standard Webhooks has them."""
    message = {"type": entry.event, "timestamp": audit.as_time(entry.occurred_at), "data": audit.as_json(entry)}
    return dump_json(message).encode()
