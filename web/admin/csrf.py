"""Proof that a form comes from a page of the console that was drawn for this sign-in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.kernel import digests, encryption

if TYPE_CHECKING:
    from web.admin.visit import Seat

PURPOSE = "console-csrf"


def csrf_token(seat: Seat) -> str:
    """What every form of the console carries in its field `csrf`."""
    return _token(encryption.derive(PURPOSE), seat)


def is_csrf_token(presented: str, seat: Seat) -> bool:
    """Whether a form was drawn for this sign-in; tokens of the former master secret still count."""
    return any(digests.equal(presented, _token(key, seat)) for key in encryption.derive_each(PURPOSE))


def _token(key: bytes, seat: Seat) -> str:
    return digests.b64url(digests.hmac_sha256(key, seat.token))
