"""Digests, message authentication codes and random secrets, and comparing them without telling by time."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode

_LENGTH_BYTES = 8


def sha256(value: str | bytes) -> bytes:
    """SHA-256; text counts as UTF-8."""
    return hashlib.sha256(_bytes(value)).digest()


def hmac_sha256(key: bytes, *parts: str | bytes) -> bytes:
    """HMAC-SHA-256 over parts whose lengths are part of the message: moving a border changes the result."""
    message = bytearray()
    for part in map(_bytes, parts):
        message += len(part).to_bytes(_LENGTH_BYTES, "big")
        message += part
    # Not `hmac.digest`, which lets another thread run and waits for it, for what takes a microsecond.
    return hmac.new(key, message, "sha256").digest()


def b64url(value: bytes) -> str:
    """Base64url without padding (RFC 7515 §2)."""
    return urlsafe_b64encode(value).rstrip(b"=").decode("ascii")


def from_b64url(text: str) -> bytes | None:
    """The bytes that `b64url` wrote; None for every other spelling."""
    try:
        raw = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError:
        return None
    return raw if b64url(raw) == text else None


def equal(left: str | bytes, right: str | bytes) -> bool:
    """Whether two secrets are the same, in a time that depends on their length only."""
    return hmac.compare_digest(_bytes(left), _bytes(right))


def random_token(bits: int = 256) -> str:
    """A new secret of so many random bits (a multiple of 8), base64url."""
    return secrets.token_urlsafe(bits // 8)


def _bytes(value: str | bytes) -> bytes:
    # Lone surrogates cannot come from any wire format; encoding them must not fail inside a comparison.
    return value.encode("utf-8", "surrogatepass") if isinstance(value, str) else value
