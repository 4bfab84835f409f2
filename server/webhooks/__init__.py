"""The webhooks slice: whoever wants to be told of audit events, over HTTP, signed.

A job reads what has been sealed, once for each webhook, and promises a delivery for each event that fits; nothing is
done for webhooks where events are written. Delivered at least once, in no promised order.
"""

from .delivering import Refused, Sender, deliver
from .policy import InvalidWebhook, check_webhook, new_secret, new_webhook
from .promising import promise
from .records import DELIVERY_JOB, Attempt, Delivery, DeliveryState, Webhook, WebhookState
from .sending import send
from .signing import sign, signature_headers
from .store import (
    begin_delivery,
    create,
    delete,
    find,
    list_deliveries,
    list_webhooks,
    retry,
    retry_held,
    rewrap,
    secrets_of,
    set_secrets,
    sweep,
    update,
)

__all__ = [
    "DELIVERY_JOB",
    "Attempt",
    "Delivery",
    "DeliveryState",
    "InvalidWebhook",
    "Refused",
    "Sender",
    "Webhook",
    "WebhookState",
    "begin_delivery",
    "check_webhook",
    "create",
    "delete",
    "deliver",
    "find",
    "list_deliveries",
    "list_webhooks",
    "new_secret",
    "new_webhook",
    "promise",
    "retry",
    "retry_held",
    "rewrap",
    "secrets_of",
    "send",
    "set_secrets",
    "sign",
    "signature_headers",
    "sweep",
    "update",
]
