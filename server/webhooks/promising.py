"""From the chain to the outbox: what has been sealed is promised to the webhook that wants it.

By the chain and not by the clock: what is committed late is sealed late, and so told, too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from server import audit
from server.kernel import ids, outbox

from . import store
from .records import DELIVERY_JOB

if TYPE_CHECKING:
    from uuid import UUID

    from server.audit import AuditEntry
    from server.kernel.clock import Instant

EVENTS = 500  # that are looked at together, and at most so many more as there are in a seal


async def promise(tenant_id: UUID, webhook_id: UUID, now: Instant) -> bool:
    """Promise a webhook some of what it has not been told of; false when somebody else does, or it is gone."""
    webhook = await store.find(tenant_id, webhook_id)
    if webhook is None:
        return False
    up_to, event_ids = await audit.list_sealed(tenant_id, webhook.seal_number, EVENTS)
    rows = []
    for entry in await audit.list_of(tenant_id, event_ids):
        if webhook.wants(entry.event) and not _is_own_test(entry, webhook_id):
            delivery_id = ids.uuid7()
            rows.append(store.delivery_row(tenant_id, webhook_id, delivery_id, entry, now))
            payload = {"delivery": str(delivery_id)}
            rows.append(outbox.job_row(DELIVERY_JOB, payload, tenant_id=tenant_id, now=now)[1])
    is_ours = await store.promise(tenant_id, webhook, up_to, rows)
    outbox.tell()
    return is_ours


def _is_own_test(entry: AuditEntry, webhook_id: UUID) -> bool:
    """Whether the webhook was told of it at once, when it was tested."""
    return entry.event == "webhook.tested" and entry.details.get("webhook_id") == str(webhook_id)
