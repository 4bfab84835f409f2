"""Signing what is sent. Standard Webhooks 1.0: https://www.standardwebhooks.com."""

from __future__ import annotations

import hmac
from base64 import b64decode, b64encode
from typing import TYPE_CHECKING

from server.kernel.clock import to_seconds

from .policy import SECRET_PREFIX

if TYPE_CHECKING:
    from collections.abc import Iterable

    from server.kernel.clock import Instant


def sign(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    """The signature under one secret: HMAC-SHA-256 over id, time and body."""
    signed = f"{message_id}.{timestamp}.".encode() + body
    return "v1," + b64encode(hmac.digest(b64decode(secret.removeprefix(SECRET_PREFIX)), signed, "sha256")).decode()


def signature_headers(secrets: Iterable[str], message_id: str, now: Instant, body: bytes) -> dict[str, str]:
    """The header fields of a message, with a signature under each secret that counts."""
    timestamp = to_seconds(now)
    return {
        "content-type": "application/json",
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(sign(secret, message_id, timestamp, body) for secret in secrets),
    }
