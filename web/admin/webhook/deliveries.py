"""What a webhook was told and how that went, with which secrets it is signed, and a test."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.administration import Permission
from server.administration import webhooks as acts
from server.endpoints.wire import redirect
from server.kernel import ids
from server.kernel.paging import BadCursor
from server.webhooks import DeliveryState
from web.admin.frame import draw
from web.admin.listing import read_list
from web.admin.notices import done
from web.admin.once import keep_once, take_once
from web.admin.rows import does, shows
from web.admin.webhook.contexts import DeliveriesPage, SecretsPage, delivery_entry, head_of
from web.admin.webhook.pages import get_webhook

if TYPE_CHECKING:
    from uuid import UUID

    from server.endpoints.wire import WireResponse
    from web.admin.visit import ConsoleVisit


async def secrets(visit: ConsoleVisit) -> WireResponse:
    """What signs; the text of a secret that was made just now is shown once."""
    webhook = await get_webhook(visit)
    count = await acts.count_secrets(visit.operator, visit.tenant, webhook)
    fresh = await take_once(visit, visit.query.get("fresh"))
    return draw(visit, "admin/webhook/secrets.html", SecretsPage(head_of(visit, webhook, "secrets"), count, fresh))


async def rotate(visit: ConsoleVisit) -> WireResponse:
    """Sign with a new secret, and with the one before."""
    webhook = await get_webhook(visit)
    secret = await acts.rotate_secret(visit.operator, visit.tenant, webhook, visit.now)
    return redirect(visit.uri("webhooks", webhook.id, "secrets", fresh=await keep_once(visit, secret)))


async def retire(visit: ConsoleVisit) -> WireResponse:
    """Sign with the newest secret alone."""
    webhook = await get_webhook(visit)
    await acts.retire_secret(visit.operator, visit.tenant, webhook, visit.now)
    return done(visit, visit.uri("webhooks", webhook.id, "secrets"), "removed")


async def deliveries(visit: ConsoleVisit) -> WireResponse:
    """What it was told, the newest first."""
    webhook, asked = await get_webhook(visit), read_list(visit)
    limit = asked.paging.limit
    listed = await acts.list_deliveries(visit.operator, visit.tenant, webhook, _before(asked.paging.cursor), limit + 1)
    shown = listed[:limit]
    page = DeliveriesPage(
        head=head_of(visit, webhook, "deliveries"),
        deliveries=tuple(delivery_entry(visit, webhook, delivery) for delivery in shown),
        held=any(delivery.state is DeliveryState.HELD for delivery in shown),
        list=asked.frame(ids.to_short(shown[-1].id) if len(listed) > limit else None),
    )
    return draw(visit, "admin/webhook/deliveries.html", page, headers=asked.headers)


async def retry(visit: ConsoleVisit) -> WireResponse:
    """Send one once more."""
    webhook = await get_webhook(visit)
    is_sent = await acts.retry(visit.operator, visit.tenant, webhook, visit.identifier("delivery"), visit.now)
    return done(visit, visit.uri("webhooks", webhook.id, "deliveries"), "begun" if is_sent else "unchanged")


async def retry_held(visit: ConsoleVisit) -> WireResponse:
    """Send all once more that were held."""
    webhook = await get_webhook(visit)
    count = await acts.retry_held(visit.operator, visit.tenant, webhook, visit.now)
    return done(visit, visit.uri("webhooks", webhook.id, "deliveries"), "begun" if count else "unchanged")


async def test(visit: ConsoleVisit) -> WireResponse:
    """Tell it something at once."""
    webhook = await get_webhook(visit)
    await acts.send_test(visit.operator, visit.tenant, webhook, visit.now)
    return done(visit, visit.uri("webhooks", webhook.id, "deliveries"), "begun")


def _before(cursor: str | None) -> UUID | None:
    found = ids.from_short(cursor) if cursor else None
    if cursor and found is None:
        raise BadCursor("no id of a delivery")
    return found


ONE = "/t/<tenant>/webhooks/<webhook>"
MANAGE = Permission.MANAGE_SETTINGS
ROWS = (
    shows(f"{ONE}/secrets", secrets),
    does(f"{ONE}/secrets", rotate, MANAGE),
    does(f"{ONE}/secrets/retire", retire, MANAGE),
    shows(f"{ONE}/deliveries", deliveries),
    does(f"{ONE}/deliveries/held", retry_held, MANAGE),
    does(f"{ONE}/deliveries/<delivery>/retry", retry, MANAGE),
    does(f"{ONE}/test", test, MANAGE),
)
