"""What an operator may do to the webhooks of a tenant."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from uuid import UUID

from server import audit, webhooks
from server.kernel import outbox
from server.webhooks import DELIVERY_JOB, WebhookState

from .act import act, changes
from .authorise import Permission, check_permitted
from .finding import check_version, found, turn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from server.kernel.clock import Instant
    from server.tenants import Tenant
    from server.webhooks import Delivery, Webhook

    from .authorise import Operator

MOST_WEBHOOKS = 20
LARGEST_PAGE = 200
_NEWEST = UUID(int=(1 << 128) - 1)


async def list_webhooks(operator: Operator, tenant: Tenant) -> list[Webhook]:
    """The webhooks of a tenant, oldest first; never their secrets."""
    check_permitted(operator, Permission.READ, tenant.id)
    return await webhooks.list_webhooks(tenant.id)


async def find(operator: Operator, tenant: Tenant, webhook_id: UUID) -> Webhook | None:
    """One webhook."""
    check_permitted(operator, Permission.READ, tenant.id)
    return await webhooks.find(tenant.id, webhook_id)


async def list_deliveries(
    operator: Operator, tenant: Tenant, webhook: Webhook, before: UUID | None, limit: int
) -> list[Delivery]:
    """A page of what was told, newest first, in one query."""
    check_permitted(operator, Permission.READ, tenant.id)
    return await webhooks.list_deliveries(tenant.id, webhook.id, before or _NEWEST, max(1, min(limit, LARGEST_PAGE)))


async def create(operator: Operator, tenant: Tenant, webhook: Webhook, now: Instant, *, allow_http: bool) -> str:
    """Make a webhook; its secret, which is shown this once. Raises InvalidWebhook."""
    webhooks.check_webhook(webhook, allow_http=allow_http)
    event = audit.WebhookCreated(webhook.id, webhook.url)
    async with act(operator, Permission.MANAGE_SETTINGS, tenant.id, event, now):
        if len(await webhooks.list_webhooks(tenant.id)) >= MOST_WEBHOOKS:
            raise webhooks.InvalidWebhook(f"a tenant has at most {MOST_WEBHOOKS} webhooks")
        secret = webhooks.new_secret()
        # What happened before is not told; what is not sealed yet, is.
        begun = replace(webhook, seal_number=await audit.last_seal(tenant.id))
        await webhooks.create(tenant.id, begun, secret, now)
    return secret


async def change(
    operator: Operator,
    tenant: Tenant,
    webhook_id: UUID,
    edit: Callable[[Webhook], Webhook],
    now: Instant,
    *,
    allow_http: bool,
    version: str | None = None,
) -> Webhook:
    """Let `edit` change a webhook, unless somebody did since `version`; the webhook as it is now.

    Raises Unknown, NotPermitted, Conflict, InvalidWebhook.
    """
    check_permitted(operator, Permission.MANAGE_SETTINGS, tenant.id)
    async with turn(tenant.id):
        before = found(await webhooks.find(tenant.id, webhook_id))
        check_version(version, before)
        after = edit(before)
        if after != before:
            await update(operator, tenant, before, after, now, allow_http=allow_http)
        return found(await webhooks.find(tenant.id, webhook_id))


async def update(
    operator: Operator, tenant: Tenant, before: Webhook, after: Webhook, now: Instant, *, allow_http: bool
) -> None:
    """Change a webhook; raises InvalidWebhook. One that is active again is told what was held and what came since."""
    webhooks.check_webhook(after, allow_http=allow_http)
    event = audit.WebhookUpdated(before.id, changes(before, after))
    async with act(operator, Permission.MANAGE_SETTINGS, tenant.id, event, now):
        resumes = before.state is not WebhookState.ACTIVE and after.state is WebhookState.ACTIVE
        await webhooks.update(tenant.id, replace(after, failing_since=None) if resumes else after, now)
        if resumes:
            await _enqueue(tenant, await webhooks.retry_held(tenant.id, before.id), now)


async def discard(
    operator: Operator, tenant: Tenant, webhook_id: UUID, now: Instant, *, version: str | None = None
) -> None:
    """Remove a webhook with its log, unless somebody changed it since `version`.

    Raises Unknown, NotPermitted, Conflict.
    """
    check_permitted(operator, Permission.MANAGE_SETTINGS, tenant.id)
    async with turn(tenant.id):
        webhook = found(await webhooks.find(tenant.id, webhook_id))
        check_version(version, webhook)
        await remove(operator, tenant, webhook, now)


async def remove(operator: Operator, tenant: Tenant, webhook: Webhook, now: Instant) -> None:
    """Remove a webhook with its log."""
    event = audit.WebhookRemoved(webhook.id, webhook.url)
    async with act(operator, Permission.MANAGE_SETTINGS, tenant.id, event, now):
        await webhooks.delete(tenant.id, webhook.id)


async def rotate_secret(operator: Operator, tenant: Tenant, webhook: Webhook, now: Instant) -> str:
    """A new secret, shown this once; the one before counts, too, until `retire_secret`."""
    event = audit.WebhookSecretRotated(webhook.id)
    async with act(operator, Permission.MANAGE_SETTINGS, tenant.id, event, now):
        secret = webhooks.new_secret()
        former = await webhooks.secrets_of(tenant.id, webhook.id)
        await webhooks.set_secrets(tenant.id, webhook.id, (secret, *former[:1]), now)
    return secret


async def count_secrets(operator: Operator, tenant: Tenant, webhook: Webhook) -> int:
    """How many secrets count: two while one is replaced."""
    check_permitted(operator, Permission.READ, tenant.id)
    return len(await webhooks.secrets_of(tenant.id, webhook.id))


async def retire_secret(operator: Operator, tenant: Tenant, webhook: Webhook, now: Instant) -> None:
    """Let only the newest secret count."""
    event = audit.WebhookSecretRetired(webhook.id)
    async with act(operator, Permission.MANAGE_SETTINGS, tenant.id, event, now):
        secrets = await webhooks.secrets_of(tenant.id, webhook.id)
        await webhooks.set_secrets(tenant.id, webhook.id, secrets[:1], now)


async def retry(operator: Operator, tenant: Tenant, webhook: Webhook, delivery_id: UUID, now: Instant) -> bool:
    """Send once more what failed or was held; false for what is on its way, has arrived, or is not there."""
    check_permitted(operator, Permission.MANAGE_SETTINGS, tenant.id)
    async with turn(tenant.id):
        if not await webhooks.retry(tenant.id, webhook.id, delivery_id):
            return False
        async with act(operator, Permission.MANAGE_SETTINGS, tenant.id, _retried(webhook, 1), now):
            await _enqueue(tenant, [delivery_id], now)
    return True


async def retry_held(operator: Operator, tenant: Tenant, webhook: Webhook, now: Instant) -> int:
    """Send once more all that was held; how much that was."""
    check_permitted(operator, Permission.MANAGE_SETTINGS, tenant.id)
    async with turn(tenant.id):
        held = await webhooks.retry_held(tenant.id, webhook.id)
        if held:
            async with act(operator, Permission.MANAGE_SETTINGS, tenant.id, _retried(webhook, len(held)), now):
                await _enqueue(tenant, held, now)
    return len(held)


async def send_test(operator: Operator, tenant: Tenant, webhook: Webhook, now: Instant) -> UUID:
    """Tell a webhook at once of `webhook.tested`, whatever it wants to be told of; the id of the delivery."""
    check_permitted(operator, Permission.MANAGE_SETTINGS, tenant.id)
    async with turn(tenant.id):
        event = audit.WebhookTested(webhook.id)
        event_id = await audit.record(event, tenant_id=tenant.id, now=now, actor=operator.actor)
        entry = found(await audit.find(tenant.id, event_id))
        delivery_id = await webhooks.begin_delivery(tenant.id, webhook.id, entry, now)
        await _enqueue(tenant, [delivery_id], now)
    return delivery_id


async def _enqueue(tenant: Tenant, delivery_ids: Iterable[UUID], now: Instant) -> None:
    for delivery_id in delivery_ids:
        await outbox.enqueue(DELIVERY_JOB, {"delivery": str(delivery_id)}, tenant_id=tenant.id, now=now)


def _retried(webhook: Webhook, deliveries: int) -> audit.WebhookDeliveriesRetried:
    return audit.WebhookDeliveriesRetried(webhook.id, deliveries)
