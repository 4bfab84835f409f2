"""One webhook: its settings, whether it is told anything, and removing it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from server.administration import Permission, audit_log
from server.administration import webhooks as acts
from server.administration.finding import Conflict, found, version_of
from server.audit import Filters
from server.webhooks import InvalidWebhook, Webhook, WebhookState
from web.admin.conflict import conflicting
from web.admin.forms import NOT_THE_NAME, ConfirmForm
from web.admin.frame import draw
from web.admin.history import AT_MOST, entries_of, happening_of
from web.admin.notices import done
from web.admin.rows import does, shows
from web.admin.webhook.contexts import SettingsPage, head_of, host_of
from web.admin.webhook.forms import BAD_URL, WebhookForm, event_names, webhook_form

if TYPE_CHECKING:
    from collections.abc import Mapping

    from server.endpoints.wire import WireResponse
    from web.admin.history import HistoryEntry
    from web.admin.visit import ConsoleVisit

MOST_LOOKED_AT = 100


async def settings(visit: ConsoleVisit) -> WireResponse:
    """Where it is and what it is told of."""
    webhook = await get_webhook(visit)
    return await _draw(visit, webhook, _form(webhook))


async def save(visit: ConsoleVisit) -> WireResponse:
    """Change where it is or what it is told of."""
    webhook, form = await get_webhook(visit), WebhookForm(visit.form)
    if not form.validate():
        return await _draw(visit, webhook, form, 422)
    version, allow_http = form.version.data or "", not visit.site.secure
    try:
        await acts.change(
            visit.operator, visit.tenant, webhook.id, form.edited, visit.now, allow_http=allow_http, version=version
        )
    except Conflict as conflict:
        return conflicting(visit, conflict, host_of(webhook), visit.path, _both(form, conflict))
    except InvalidWebhook:
        form.blame("url", BAD_URL)
        return await _draw(visit, webhook, form, 422)
    return done(visit, visit.path, "saved")


async def switch(visit: ConsoleVisit) -> WireResponse:
    """Pause it, or resume it with all that was held meanwhile."""
    webhook, resumes = await get_webhook(visit), visit.form.get("active") == "y"
    state = WebhookState.ACTIVE if resumes else WebhookState.PAUSED
    await acts.change(
        visit.operator,
        visit.tenant,
        webhook.id,
        lambda before: replace(before, state=state),
        visit.now,
        allow_http=not visit.site.secure,
    )
    return done(visit, visit.uri("webhooks", webhook.id), "resumed" if resumes else "paused")


async def remove(visit: ConsoleVisit) -> WireResponse:
    """Remove it with its log; its host has to be typed."""
    webhook = await get_webhook(visit)
    if not ConfirmForm(visit.form).is_for(host_of(webhook)):
        return await _draw(visit, webhook, _form(webhook), 422, confirm_error=NOT_THE_NAME)
    await acts.discard(visit.operator, visit.tenant, webhook.id, visit.now)
    return done(visit, visit.uri("webhooks"), "removed")


async def get_webhook(visit: ConsoleVisit) -> Webhook:
    """The webhook that the path names; raises Unknown."""
    return found(await acts.find(visit.operator, visit.tenant, visit.identifier("webhook")))


def _form(webhook: Webhook) -> WebhookForm:
    return WebhookForm(data={**webhook_form(webhook), "version": version_of(webhook)})


async def _draw(
    visit: ConsoleVisit, webhook: Webhook, form: WebhookForm, status: int = 200, *, confirm_error: str = ""
) -> WireResponse:
    page = SettingsPage(
        head=head_of(visit, webhook),
        form=form,
        event_names=event_names(),
        history=await _history(visit, webhook),
        confirm_error=confirm_error,
    )
    return draw(visit, "admin/webhook/settings.html", page, status=status)


async def _history(visit: ConsoleVisit, webhook: Webhook) -> tuple[HistoryEntry, ...]:
    """What was done to it lately: events name webhooks in their details only, and there are few of them."""
    recent = await audit_log.search(visit.operator, visit.tenant, Filters(event="webhook.*"), None, MOST_LOOKED_AT)
    own = [entry for entry in recent.entries if entry.details.get("webhook_id") == str(webhook.id)]
    return await entries_of(visit, tuple(happening_of(entry) for entry in own[: AT_MOST.limit]))


def _both(form: WebhookForm, conflict: Conflict) -> Mapping[str, tuple[str, str]]:
    current = webhook_form(conflict.current) if isinstance(conflict.current, Webhook) else {}
    return {form[name].label.text: (str(value), str(form[name].data or "")) for name, value in current.items()}


ONE = "/t/<tenant>/webhooks/<webhook>"
MANAGE = Permission.MANAGE_SETTINGS
ROWS = (
    shows(ONE, settings),
    does(ONE, save, MANAGE),
    does(f"{ONE}/active", switch, MANAGE),
    does(f"{ONE}/remove", remove, MANAGE),
)
