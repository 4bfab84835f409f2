"""Identifiers: of rows, UUIDs that sort by the time they were made (RFC 9562 §5.7); of requests. None is a secret."""

from __future__ import annotations

import io
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

# The system is asked for randomness in pieces: to ask means to let another thread run, and to wait for it.
_RANDOM_PIECE = 4096

_last = 0
_random = io.BytesIO()


def uuid7() -> UUID:
    """A new UUIDv7, greater than every one that this process made before."""
    global _last  # noqa: PLW0603  the clock may stand still between two calls; the order must not
    milliseconds, rest = divmod(time.time_ns(), 1_000_000)
    _last = max(_last + 1, milliseconds << _FRACTION_BITS | (rest << _FRACTION_BITS) // 1_000_000)
    milliseconds, fraction = _last >> _FRACTION_BITS, _last & 0xFFF
    chance = int.from_bytes(_random_bytes(8), "big") >> 2
    return UUID(int=milliseconds << 80 | _VERSION_7 | fraction << 64 | _VARIANT | chance)


def correlation_id() -> str:
    """What tells a request from every other in the log and in the audit: 16 characters."""
    return b64url(_random_bytes(12))


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


def _random_bytes(count: int) -> bytes:
    """Random bytes for what may be told to anybody, since more of them lie in memory than were asked for.

    What must stay secret is made by `digests.random_token`.
    """
    global _random  # noqa: PLW0603  one piece a process
    taken = _random.read(count)
    if len(taken) < count:
        _random = io.BytesIO(os.urandom(_RANDOM_PIECE))
        taken = _random.read(count)
    return taken


# A process that comes of this one must not take the same.
os.register_at_fork(after_in_child=lambda: _random.seek(0, io.SEEK_END))
