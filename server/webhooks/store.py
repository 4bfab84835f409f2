"""Queries over webhooks and deliveries."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from server.kernel import database, encryption, expiry, ids
from server.kernel.database import Statement
from server.kernel.json import dump_json, load_json
from server.kernel.resealing import reseal

from .policy import KEPT_FOR
from .records import Attempt, Delivery, DeliveryState, Webhook, WebhookState

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from server.audit import AuditEntry
    from server.kernel.clock import Instant
    from server.kernel.rows import Row

PURPOSE = "webhook-secrets"

_COLUMNS = "id, tenant_id, url, events, state, seal_number, failing_since, created_at"
_LIST = f"SELECT {_COLUMNS} FROM webhook WHERE tenant_id = $1 ORDER BY id"  # noqa: S608 - constants only
_FIND = f"SELECT {_COLUMNS} FROM webhook WHERE tenant_id = $1 AND id = $2"  # noqa: S608 - constants only
_INSERT = """
INSERT INTO webhook (id, tenant_id, url, events, state, sealed_secrets, seal_number, created_at, updated_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8)
"""
_UPDATE = """
UPDATE webhook SET url = $3, events = $4, state = $5, failing_since = $6, updated_at = $7
WHERE tenant_id = $1 AND id = $2
"""
_DELETE = "DELETE FROM webhook WHERE tenant_id = $1 AND id = $2"
_DELETE_DELIVERIES = "DELETE FROM webhook_delivery WHERE tenant_id = $1 AND webhook_id = $2"
_SECRETS = "SELECT sealed_secrets FROM webhook WHERE tenant_id = $1 AND id = $2"
_SET_SECRETS = "UPDATE webhook SET sealed_secrets = $3, updated_at = $4 WHERE tenant_id = $1 AND id = $2"
_SEALED = "SELECT tenant_id, id, sealed_secrets AS sealed FROM webhook"
_RESEAL = "UPDATE webhook SET sealed_secrets = $4 WHERE tenant_id = $1 AND id = $2 AND sealed_secrets = $3"
_ADVANCE = "UPDATE webhook SET seal_number = $4 WHERE tenant_id = $1 AND id = $2 AND seal_number = $3"
_DELIVERY = "id, webhook_id, event_id, event, state, attempts"
_INSERT_DELIVERY = """
INSERT INTO webhook_delivery (id, tenant_id, webhook_id, event_id, event, state, attempts, expires_at)
VALUES ($1, $2, $3, $4, $5, 'waiting', '[]', $6)
"""
_FIND_DELIVERY = f"SELECT {_DELIVERY} FROM webhook_delivery WHERE tenant_id = $1 AND id = $2"  # noqa: S608 - constants
_LIST_DELIVERIES = f"""
SELECT {_DELIVERY} FROM webhook_delivery WHERE tenant_id = $1 AND webhook_id = $2 AND id < $3 ORDER BY id DESC LIMIT $4
"""  # noqa: S608 - constants only
_SETTLE = "UPDATE webhook_delivery SET state = $3, attempts = $4 WHERE tenant_id = $1 AND id = $2"
_RETRY_HELD = """
UPDATE webhook_delivery SET state = 'waiting' WHERE tenant_id = $1 AND webhook_id = $2 AND state = 'held' RETURNING id
"""
_RETRY = """
UPDATE webhook_delivery SET state = 'waiting' WHERE tenant_id = $1 AND id = $3 AND webhook_id = $2
 AND state IN ('held', 'failed')
"""
_NOTE_SUCCESS = "UPDATE webhook SET failing_since = NULL WHERE tenant_id = $1 AND id = $2 AND failing_since IS NOT NULL"
_NOTE_FAILURE = "UPDATE webhook SET failing_since = $3 WHERE tenant_id = $1 AND id = $2 AND failing_since IS NULL"
_PAUSE = "UPDATE webhook SET state = 'failing' WHERE tenant_id = $1 AND id = $2 AND state = 'active'"


async def list_webhooks(tenant_id: UUID) -> list[Webhook]:
    """The webhooks of a tenant, oldest first; never many."""
    return [_webhook(row) for row in await database.rows(_LIST, tenant_id)]


async def find(tenant_id: UUID, webhook_id: UUID) -> Webhook | None:
    """One webhook."""
    row = await database.row(_FIND, tenant_id, webhook_id)
    return None if row is None else _webhook(row)


async def create(tenant_id: UUID, webhook: Webhook, secret: str, now: Instant) -> None:
    """Store a new webhook."""
    described = (webhook.url, dump_json(webhook.events), webhook.state.value)
    sealed = _seal(tenant_id, webhook.id, (secret,))
    await database.execute(_INSERT, webhook.id, tenant_id, *described, sealed, webhook.seal_number, now)


async def update(tenant_id: UUID, webhook: Webhook, now: Instant) -> None:
    """Write a webhook's address, events and state."""
    changed = (webhook.url, dump_json(webhook.events), webhook.state.value, webhook.failing_since)
    await database.execute(_UPDATE, tenant_id, webhook.id, *changed, now)


async def delete(tenant_id: UUID, webhook_id: UUID) -> None:
    """Remove a webhook with its log; what waits in the outbox finds nothing to do."""
    await database.execute(_DELETE_DELIVERIES, tenant_id, webhook_id)
    await database.execute(_DELETE, tenant_id, webhook_id)


async def secrets_of(tenant_id: UUID, webhook_id: UUID) -> tuple[str, ...]:
    """The secrets that count, the newest first; none for a webhook that is gone. Raises Unsealable."""
    row = await database.row(_SECRETS, tenant_id, webhook_id)
    if row is None:
        return ()
    secrets = load_json(encryption.unseal(PURPOSE, tenant_id, webhook_id, str(row["sealed_secrets"])))
    return tuple(map(str, secrets)) if isinstance(secrets, list) else ()


async def set_secrets(tenant_id: UUID, webhook_id: UUID, secrets: Sequence[str], now: Instant) -> None:
    """Let exactly these secrets count."""
    await database.execute(_SET_SECRETS, tenant_id, webhook_id, _seal(tenant_id, webhook_id, secrets), now)


async def rewrap() -> int:
    """Bring secrets under the current master secret, in every tenant; how many webhooks that was."""
    return await reseal(PURPOSE, _SEALED, _RESEAL)


async def promise(tenant_id: UUID, webhook: Webhook, up_to: int, rows: Sequence[Statement]) -> bool:
    """Write what promises to tell of all up to a seal; false, and nothing is written, when somebody else did."""
    return await database.write(*rows, claim=Statement(_ADVANCE, (tenant_id, webhook.id, webhook.seal_number, up_to)))


def delivery_row(tenant_id: UUID, webhook_id: UUID, delivery_id: UUID, entry: AuditEntry, now: Instant) -> Statement:
    """The beginning of a delivery's log."""
    return Statement(_INSERT_DELIVERY, (delivery_id, tenant_id, webhook_id, entry.id, entry.event, now + KEPT_FOR))


async def begin_delivery(tenant_id: UUID, webhook_id: UUID, entry: AuditEntry, now: Instant) -> UUID:
    """Begin the log of a delivery that nothing sealed has promised; its id."""
    delivery_id = ids.uuid7()
    await database.write(delivery_row(tenant_id, webhook_id, delivery_id, entry, now))
    return delivery_id


async def find_delivery(tenant_id: UUID, delivery_id: UUID) -> Delivery | None:
    """One delivery."""
    row = await database.row(_FIND_DELIVERY, tenant_id, delivery_id)
    return None if row is None else _delivery(row)


async def list_deliveries(tenant_id: UUID, webhook_id: UUID, before: UUID, limit: int) -> list[Delivery]:
    """A webhook's deliveries older than one, newest first."""
    return [_delivery(row) for row in await database.rows(_LIST_DELIVERIES, tenant_id, webhook_id, before, limit)]


async def settle(tenant_id: UUID, delivery: Delivery, state: DeliveryState, attempts: Sequence[Attempt]) -> None:
    """Write how a delivery went."""
    written = dump_json([asdict(attempt) for attempt in attempts])
    await database.execute(_SETTLE, tenant_id, delivery.id, state.value, written)


async def retry_held(tenant_id: UUID, webhook_id: UUID) -> list[UUID]:
    """Let what was held wait to be sent again; the ids of the deliveries."""
    return [database.as_uuid(row["id"]) for row in await database.rows(_RETRY_HELD, tenant_id, webhook_id)]


async def retry(tenant_id: UUID, webhook_id: UUID, delivery_id: UUID) -> bool:
    """Let what failed or was held wait to be sent again; false for anything else."""
    return await database.execute(_RETRY, tenant_id, webhook_id, delivery_id) == 1


async def note_success(tenant_id: UUID, webhook_id: UUID) -> None:
    """A webhook that took a message fails no longer."""
    await database.execute(_NOTE_SUCCESS, tenant_id, webhook_id)


async def note_failure(tenant_id: UUID, webhook_id: UUID, now: Instant) -> None:
    """Remember since when a webhook has taken nothing."""
    await database.execute(_NOTE_FAILURE, tenant_id, webhook_id, now)


async def pause_failing(tenant_id: UUID, webhook_id: UUID) -> bool:
    """Pause a webhook that has failed for too long; false when it is paused already."""
    return await database.execute(_PAUSE, tenant_id, webhook_id) == 1


async def sweep(before: Instant, limit: int) -> int:
    """Delete at most so many deliveries of any tenant that expired before an instant; how many there were."""
    return await expiry.delete_expired("webhook_delivery", before, limit)


def _seal(tenant_id: UUID, webhook_id: UUID, secrets: Sequence[str]) -> str:
    return encryption.seal(PURPOSE, tenant_id, webhook_id, dump_json(secrets).encode())


def _webhook(row: Row) -> Webhook:
    events = load_json(str(row["events"]))
    return Webhook(
        id=database.as_uuid(row["id"]),
        tenant_id=database.as_uuid(row["tenant_id"]),
        url=str(row["url"]),
        events=tuple(map(str, events)) if isinstance(events, list) else (),
        state=WebhookState(str(row["state"])),
        seal_number=database.as_int(row["seal_number"]),
        failing_since=database.as_optional_int(row["failing_since"]),
        created_at=database.as_int(row["created_at"]),
    )


def _delivery(row: Row) -> Delivery:
    attempts = load_json(str(row["attempts"]))
    return Delivery(
        id=database.as_uuid(row["id"]),
        webhook_id=database.as_uuid(row["webhook_id"]),
        event_id=database.as_uuid(row["event_id"]),
        event=str(row["event"]),
        state=DeliveryState(str(row["state"])),
        attempts=tuple(map(_attempt, attempts)) if isinstance(attempts, list) else (),
    )


def _attempt(members: object) -> Attempt:
    if not isinstance(members, dict):
        raise TypeError("a stored attempt is an object")
    return Attempt(**members)
