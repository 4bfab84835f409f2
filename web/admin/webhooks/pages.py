"""The list of webhooks, and making one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from server import webhooks
from server.administration import Permission
from server.administration import webhooks as acts
from server.endpoints.wire import redirect
from server.webhooks import InvalidWebhook
from web.admin.frame import draw
from web.admin.once import keep_once
from web.admin.rows import does, shows
from web.admin.webhook.contexts import head_of
from web.admin.webhook.forms import BAD_URL, TOO_MANY, WebhookForm, event_names
from web.foreign_text import MAX_LINE_LENGTH, plain

if TYPE_CHECKING:
    from server.endpoints.wire import WireResponse
    from server.webhooks import Webhook
    from web.admin.visit import ConsoleVisit
    from web.admin.webhook.contexts import WebhookHead


@dataclass(frozen=True, slots=True)
class WebhookEntry:
    """One webhook in the list."""

    head: WebhookHead
    url: str
    events: str


@dataclass(frozen=True, slots=True)
class WebhooksPage:
    """The list; never long."""

    webhooks: tuple[WebhookEntry, ...]
    may_manage: bool
    uri: str
    api_path: str


@dataclass(frozen=True, slots=True)
class NewWebhookPage:
    """The form."""

    form: WebhookForm
    event_names: tuple[str, ...]
    list_uri: str
    api_path: str


async def list_all(visit: ConsoleVisit) -> WireResponse:
    """Who is told of events."""
    listed = await acts.list_webhooks(visit.operator, visit.tenant)
    page = WebhooksPage(
        webhooks=tuple(_entry(visit, webhook) for webhook in listed),
        may_manage=visit.may(Permission.MANAGE_SETTINGS),
        uri=visit.uri("webhooks"),
        api_path=visit.api("webhooks"),
    )
    return draw(visit, "admin/webhooks/list.html", page)


async def ask(visit: ConsoleVisit) -> WireResponse:
    """Who shall be told."""
    return _draw(visit, WebhookForm(), 200)


async def create(visit: ConsoleVisit) -> WireResponse:
    """Make a webhook; its secret is shown once."""
    form = WebhookForm(visit.form)
    if not form.validate():
        return _draw(visit, form, 422)
    webhook = form.edited(webhooks.new_webhook(visit.tenant.id, "", (), visit.now))
    try:
        webhooks.check_webhook(webhook, allow_http=not visit.site.secure)
    except InvalidWebhook:
        form.blame("url", BAD_URL)
        return _draw(visit, form, 422)
    try:
        secret = await acts.create(visit.operator, visit.tenant, webhook, visit.now, allow_http=not visit.site.secure)
    except InvalidWebhook:
        form.blame(None, TOO_MANY)
        return _draw(visit, form, 422)
    return redirect(visit.uri("webhooks", webhook.id, "secrets", fresh=await keep_once(visit, secret)))


def _entry(visit: ConsoleVisit, webhook: Webhook) -> WebhookEntry:
    return WebhookEntry(
        head=head_of(visit, webhook),
        url=plain(webhook.url, MAX_LINE_LENGTH),
        events=plain(", ".join(webhook.events), MAX_LINE_LENGTH),
    )


def _draw(visit: ConsoleVisit, form: WebhookForm, status: int) -> WireResponse:
    page = NewWebhookPage(form, event_names(), visit.uri("webhooks"), visit.api("webhooks"))
    return draw(visit, "admin/webhooks/form.html", page, status=status)


ROWS = (
    shows("/t/<tenant>/webhooks", list_all),
    shows("/t/<tenant>/webhooks/new", ask, Permission.MANAGE_SETTINGS),
    does("/t/<tenant>/webhooks/new", create, Permission.MANAGE_SETTINGS),
)
