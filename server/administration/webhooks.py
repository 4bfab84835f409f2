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

if TYPE_CHECKING:
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
            for delivery_id in await webhooks.retry_held(tenant.id, before.id):
                payload = {"delivery": str(delivery_id)}
                await outbox.enqueue(DELIVERY_JOB, payload, tenant_id=tenant.id, now=now)


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


async def retire_secret(operator: Operator, tenant: Tenant, webhook: Webhook, now: Instant) -> None:
    """Let only the newest secret count."""
    event = audit.WebhookSecretRetired(webhook.id)
    async with act(operator, Permission.MANAGE_SETTINGS, tenant.id, event, now):
        secrets = await webhooks.secrets_of(tenant.id, webhook.id)
        await webhooks.set_secrets(tenant.id, webhook.id, secrets[:1], now)
