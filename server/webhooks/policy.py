"""Pure rules of webhooks."""

from __future__ import annotations

import os
import re
from base64 import b64encode
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from server.kernel import ids
from server.kernel.clock import DAY

from .records import Webhook, WebhookState

if TYPE_CHECKING:
    from uuid import UUID

    from server.kernel.clock import Instant

SECRET_PREFIX = "whsec_"  # noqa: S105 - how secrets begin, https://www.standardwebhooks.com
SECRET_BYTES = 32
MAX_URL = 2_000
MAX_EVENTS = 100
# After so long without one success a webhook is paused.
PATIENCE = 3 * DAY
KEPT_FOR = 30 * DAY  # the log of deliveries

_EVENT = re.compile(r"[a-z_]+\.([a-z_]+|\*)")


class InvalidWebhook(ValueError):
    """A webhook cannot be like this; the message says why, in one line."""


def new_webhook(tenant_id: UUID, url: str, events: tuple[str, ...], now: Instant) -> Webhook:
    """A webhook that is told of everything that is still there, not yet stored."""
    return Webhook(ids.uuid7(), tenant_id, url, events, WebhookState.ACTIVE, 0, None, now)


def new_secret() -> str:
    """A random secret, as Standard Webhooks writes it."""
    return SECRET_PREFIX + b64encode(os.urandom(SECRET_BYTES)).decode("ascii")


def check_webhook(webhook: Webhook, *, allow_http: bool) -> None:
    """Raise InvalidWebhook for an address that cannot be told anything, or for names that are no events."""
    is_plain = webhook.url.isascii() and webhook.url.isprintable() and " " not in webhook.url
    if not is_plain or len(webhook.url) > MAX_URL or not _names_a_host(webhook.url):
        raise InvalidWebhook("url must be the address of a host, without user information or fragment")
    if not webhook.url.startswith(("https://", "http://") if allow_http else "https://"):
        raise InvalidWebhook("url must begin with https://")
    if len(webhook.events) > MAX_EVENTS or not all(map(_EVENT.fullmatch, webhook.events)):
        raise InvalidWebhook("events must be names such as login.failed or login.*")


def _names_a_host(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return bool(parts.hostname) and parts.port != 0 and "@" not in parts.netloc and not parts.fragment
    except ValueError:
        return False


def has_failed_for_too_long(failing_since: Instant | None, now: Instant) -> bool:
    """Whether a webhook is to be paused."""
    return failing_since is not None and now - failing_since >= PATIENCE
