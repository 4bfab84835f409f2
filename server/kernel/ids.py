"""Identifiers of rows: UUIDs that sort by the time they were made, and a short form for URLs. RFC 9562 §5.7."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING
from uuid import UUID

from .digests import b64url, from_b64url

if TYPE_CHECKING:
    from .clock import Instant

_VERSION_7 = 0x7 << 76
_VARIANT = 0b10 << 62
_SHORT_LENGTH = 22
_FRACTION_BITS = 12  # of a millisecond, in rand_a (RFC 9562 §6.2, method 3)

_last = 0


def uuid7() -> UUID:
    """A new UUIDv7, greater than every one that this process made before."""
    global _last  # noqa: PLW0603  the clock may stand still between two calls; the order must not
    milliseconds, rest = divmod(time.time_ns(), 1_000_000)
    _last = max(_last + 1, milliseconds << _FRACTION_BITS | (rest << _FRACTION_BITS) // 1_000_000)
    milliseconds, fraction = _last >> _FRACTION_BITS, _last & 0xFFF
    chance = int.from_bytes(os.urandom(8), "big") >> 2
    return UUID(int=milliseconds << 80 | _VERSION_7 | fraction << 64 | _VARIANT | chance)


def first_at(instant: Instant) -> UUID:
    """The lowest UUIDv7 of an instant's millisecond: what was made before is less."""
    return UUID(int=instant // 1_000 << 80 | _VERSION_7 | _VARIANT)


def made_at(identifier: UUID) -> Instant:
    """When a UUIDv7 was made, to the millisecond."""
    return (identifier.int >> 80) * 1_000


def to_short(identifier: UUID) -> str:
    """22 characters that are safe in URLs and cookies."""
    return b64url(identifier.bytes)


def from_short(text: str) -> UUID | None:
    """The UUID that `to_short` wrote; None for anything else."""
    raw = from_b64url(text) if len(text) == _SHORT_LENGTH else None
    return UUID(bytes=raw) if raw is not None else None
