"""Recognizing a browser in which a person has signed in before.

Guessing at a password is slowed down for browsers that nobody knows, so that an attacker who exhausts
the tries for a name does not lock its owner out of the browser that they use every day.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.kernel import digests, encryption, ids

if TYPE_CHECKING:
    from uuid import UUID

PURPOSE = "known-device"


def device_token(tenant_id: UUID, user_id: UUID) -> str:
    """The value of the device cookie after this person signed in."""
    return f"{ids.to_short(user_id)}.{digests.b64url(_mac(encryption.derive(PURPOSE), tenant_id, user_id))}"


def is_known_device(token: str | None, tenant_id: UUID, user_id: UUID) -> bool:
    """Whether this person has signed in at this tenant in this browser before."""
    short, _, mac = (token or "").partition(".")
    if short != ids.to_short(user_id):
        return False
    keys = encryption.derive_each(PURPOSE)
    return any(digests.equal(mac, digests.b64url(_mac(key, tenant_id, user_id))) for key in keys)


def _mac(key: bytes, tenant_id: UUID, user_id: UUID) -> bytes:
    return digests.hmac_sha256(key, PURPOSE, tenant_id.bytes, user_id.bytes)
