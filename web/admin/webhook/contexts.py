"""What the pages of one webhook have in common, and what each shows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from server.administration import Permission
from server.administration.finding import version_of
from server.kernel import ids
from server.webhooks import DeliveryState, WebhookState
from web.admin.tabs import tabs_at
from web.admin.webhook import advice
from web.foreign_text import MAX_LINE_LENGTH, plain
from web.localization import mark

if TYPE_CHECKING:
    from server.webhooks import Delivery, Webhook
    from web.admin.history import HistoryEntry
    from web.admin.listing import ListFrame
    from web.admin.visit import ConsoleVisit
    from web.admin.webhook.forms import WebhookForm

TABS = ((mark("Settings"), ""), (mark("Secrets"), "secrets"), (mark("Deliveries"), "deliveries"))
STATES = {
    WebhookState.ACTIVE: mark("active"),
    WebhookState.PAUSED: mark("paused"),
    WebhookState.FAILING: mark("paused by Latchkey"),
}
FAILING = mark("failing")
DELIVERY_STATES = {
    DeliveryState.WAITING: mark("waiting"),
    DeliveryState.DELIVERED: mark("delivered"),
    DeliveryState.FAILED: mark("given up"),
    DeliveryState.HELD: mark("held"),
}
AGAIN = frozenset({DeliveryState.FAILED, DeliveryState.HELD})


@dataclass(frozen=True, slots=True)
class WebhookHead:
    """What stands above every page of a webhook. `state` and `sentence` are in English."""

    host: str
    uri: str
    list_uri: str
    api_path: str
    state: str
    is_well: bool
    is_active: bool
    sentence: str
    failing_since: str | None
    version: str
    may_manage: bool
    tabs: tuple[tuple[str, str, bool], ...]


@dataclass(frozen=True, slots=True)
class SettingsPage:
    """Where it is and what it is told of."""

    head: WebhookHead
    form: WebhookForm
    event_names: tuple[str, ...]
    history: tuple[HistoryEntry, ...]
    confirm_error: str = ""


@dataclass(frozen=True, slots=True)
class SecretsPage:
    """What signs. `fresh` is a secret that was just made, shown once."""

    head: WebhookHead
    count: int
    fresh: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class DeliveryEntry:
    """An event that it was to be told of. `state` and `advice` are in English."""

    id: str
    event: str
    event_uri: str
    state: str
    arrived: bool
    tries: int
    answer: str
    last: str
    advice: str
    may_retry: bool


@dataclass(frozen=True, slots=True)
class DeliveriesPage:
    """The log."""

    head: WebhookHead
    deliveries: tuple[DeliveryEntry, ...]
    held: bool
    list: ListFrame


def head_of(visit: ConsoleVisit, webhook: Webhook, shown: str = "") -> WebhookHead:
    """The head of a page; `shown` is the tab's path."""
    uri = visit.uri("webhooks", webhook.id)
    since, is_active = webhook.failing_since, webhook.state is WebhookState.ACTIVE
    return WebhookHead(
        host=host_of(webhook),
        uri=uri,
        list_uri=visit.uri("webhooks"),
        api_path=visit.api("webhooks", str(webhook.id)),
        state=FAILING if is_active and since is not None else STATES[webhook.state],
        is_well=is_active and since is None,
        is_active=is_active,
        sentence=advice.about(webhook),
        failing_since=None if since is None else visit.language.moment(since),
        version=version_of(webhook),
        may_manage=visit.may(Permission.MANAGE_SETTINGS),
        tabs=tabs_at(uri, TABS, shown),
    )


def host_of(webhook: Webhook) -> str:
    """What a webhook is called: the host that it is told at."""
    return plain(urlsplit(webhook.url).netloc, MAX_LINE_LENGTH)


def delivery_entry(visit: ConsoleVisit, webhook: Webhook, delivery: Delivery) -> DeliveryEntry:
    """One line of the log."""
    last = delivery.attempts[-1] if delivery.attempts else None
    is_active = webhook.state is WebhookState.ACTIVE
    return DeliveryEntry(
        id=ids.to_short(delivery.id),
        event=delivery.event,
        event_uri=visit.uri("audit", "events", delivery.event_id),
        state=DELIVERY_STATES[delivery.state],
        arrived=delivery.state is DeliveryState.DELIVERED,
        tries=len(delivery.attempts),
        answer="" if last is None else str(last.status or last.error or ""),
        last="" if last is None else visit.language.moment(last.at),
        advice=advice.after(last),
        may_retry=is_active and delivery.state in AGAIN and visit.may(Permission.MANAGE_SETTINGS),
    )
