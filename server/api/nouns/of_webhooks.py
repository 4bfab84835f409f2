"""Webhooks: whoever is told of audit events, and how that went."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

from server import webhooks
from server.administration import Permission
from server.administration import webhooks as acts
from server.administration.finding import found
from server.api.documents import Time, document, fill
from server.api.problems import Problem
from server.api.routes import Answer, Call, Route, listed, shown
from server.api.shapes import Text
from server.kernel.paging import Page, decode_id, encode_cursor, page_of
from server.webhooks import DeliveryState, Webhook, WebhookState

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

    from server.webhooks import Delivery

Address = Annotated[str, Text(1, 2000, "https://hooks.acme.test/latchkey")]
EventName = Annotated[str, Text(1, 100, "login.*")]
Secret = Annotated[str, Text(1, 200)]


class WebhookSwitch(StrEnum):
    """What somebody may set; that a webhook fails, only Latchkey says."""

    ACTIVE = "active"
    PAUSED = "paused"


@document
@dataclass(frozen=True, slots=True)
class WebhookDocument:
    """A webhook. It is told of every event when none is named."""

    id: UUID
    url: Address
    events: tuple[EventName, ...]
    state: WebhookState
    failing_since: Time | None
    created_at: Time


@document
@dataclass(frozen=True, slots=True)
class NewWebhook:
    """A webhook to be made: names of events, or `login.*` for all of a kind; none for all that there are."""

    url: Address
    events: tuple[EventName, ...] = ()


@document
@dataclass(frozen=True, slots=True)
class CreatedWebhook:
    """A webhook that was just made, with the only copy of the secret that it signs with."""

    webhook: WebhookDocument
    secret: Secret


@document
@dataclass(frozen=True, slots=True)
class WebhookSettings:
    """All that can be said of a webhook. One that is paused is told later of what happens meanwhile."""

    url: Address
    state: WebhookSwitch
    events: tuple[EventName, ...] = ()


@document
@dataclass(frozen=True, slots=True)
class WebhookSecret:
    """A secret that was just made: the only copy of its text."""

    secret: Secret


@document
@dataclass(frozen=True, slots=True)
class WebhookAttempt:
    """One request: the status that came back, or why none did."""

    at: Time
    status: int | None
    error: Annotated[str, Text(0, 200)] | None


@document
@dataclass(frozen=True, slots=True)
class WebhookDelivery:
    """An event for a webhook. Its id is the message's, the same at each attempt."""

    id: UUID
    event_id: UUID
    event: EventName
    state: DeliveryState
    attempts: tuple[WebhookAttempt, ...]


async def list_webhooks(call: Call) -> Answer:
    """The webhooks of a tenant, the oldest first."""
    everything = await acts.list_webhooks(call.operator, call.tenant)
    return listed(page_of(everything, lambda webhook: str(webhook.id), call.paging), show)


async def get_webhook(call: Call) -> Answer:
    """One webhook."""
    webhook = await _find(call)
    return shown(webhook, show(webhook))


async def create_webhook(call: Call) -> Answer:
    """Have somebody told of events from now on. The secret is shown this once."""
    body, allow_http = call.body(NewWebhook), call.surroundings.allow_http
    new = webhooks.new_webhook(call.tenant.id, body.url, body.events, call.now)
    secret = await acts.create(call.operator, call.tenant, new, call.now, allow_http=allow_http)
    location = f"/tenants/{call.tenant.slug}/webhooks/{new.id}"
    return replace(shown(new, CreatedWebhook(show(new), secret)), location=location)


async def change_webhook(call: Call) -> Answer:
    """Change where and of what a webhook is told, pause it, or let it go on with what was held."""
    body = call.body(WebhookSettings)
    webhook = await acts.change(
        call.operator,
        call.tenant,
        call.identifier("webhook"),
        lambda before: replace(before, url=body.url, events=body.events, state=WebhookState(body.state)),
        call.now,
        allow_http=call.surroundings.allow_http,
        version=call.version,
    )
    return shown(webhook, show(webhook))


async def delete_webhook(call: Call) -> Answer:
    """Remove a webhook with its log."""
    await acts.discard(call.operator, call.tenant, call.identifier("webhook"), call.now, version=call.version)
    return Answer()


async def rotate_secret(call: Call) -> Answer:
    """Sign with a new secret; messages carry a signature under the former one, too, until that is retired."""
    secret = await acts.rotate_secret(call.operator, call.tenant, await _find(call), call.now)
    return Answer(WebhookSecret(secret))


async def retire_secret(call: Call) -> Answer:
    """Let only the newest secret count."""
    await acts.retire_secret(call.operator, call.tenant, await _find(call), call.now)
    return Answer()


async def list_deliveries(call: Call) -> Answer:
    """What a webhook was told or is to be told, and how that went, the newest first."""
    paging, webhook = call.paging, await _find(call)
    before = decode_id(paging.cursor)
    # A page that is full may be the last one: the next is empty then, which costs nothing but itself.
    read = await acts.list_deliveries(call.operator, call.tenant, webhook, before, paging.limit)
    following = encode_cursor((read[-1].id,)) if len(read) == paging.limit else None
    return listed(Page(tuple(read), following), _show_delivery)


async def retry_delivery(call: Call) -> Answer:
    """Send once more what failed or was held."""
    webhook, delivery = await _find(call), call.identifier("delivery")
    if not await acts.retry(call.operator, call.tenant, webhook, delivery, call.now):
        raise Problem(409, "nothing_to_retry", "The delivery is on its way, has arrived, or is not there.")
    return Answer()


def show(webhook: DataclassInstance) -> WebhookDocument:
    """The document of a webhook."""
    return fill(WebhookDocument, webhook)


def _show_delivery(delivery: Delivery) -> WebhookDelivery:
    return fill(WebhookDelivery, delivery, attempts=tuple(fill(WebhookAttempt, one) for one in delivery.attempts))


async def _find(call: Call) -> Webhook:
    return found(await acts.find(call.operator, call.tenant, call.identifier("webhook")))


ALL, ONE = "/tenants/{tenant}/webhooks", "/tenants/{tenant}/webhooks/{webhook}"
READ, MANAGE = Permission.READ, Permission.MANAGE_SETTINGS
ROUTES = (
    Route("GET", ALL, "listWebhooks", list_webhooks, READ, WebhookDocument, paged=True),
    Route("POST", ALL, "createWebhook", create_webhook, MANAGE, CreatedWebhook, NewWebhook, status=201),
    Route("GET", ONE, "getWebhook", get_webhook, READ, WebhookDocument),
    Route("PUT", ONE, "changeWebhook", change_webhook, MANAGE, WebhookDocument, WebhookSettings, shows=show),
    Route("DELETE", ONE, "deleteWebhook", delete_webhook, MANAGE, shows=show),
    Route("POST", f"{ONE}/secrets", "rotateWebhookSecret", rotate_secret, MANAGE, WebhookSecret, status=201),
    Route("DELETE", f"{ONE}/secrets/former", "retireWebhookSecret", retire_secret, MANAGE),
    Route("GET", f"{ONE}/deliveries", "listWebhookDeliveries", list_deliveries, READ, WebhookDelivery, paged=True),
    Route(
        "POST", f"{ONE}/deliveries/{{delivery}}/retry", "retryWebhookDelivery", retry_delivery, MANAGE,
        refusals=(409,),
    ),
)  # fmt: skip
