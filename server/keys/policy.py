"""Pure rules of rotation: how long a key is in which state."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.kernel.clock import DAY, MINUTE

from .records import Algorithm, KeyState

if TYPE_CHECKING:
    from server.kernel.clock import Instant

    from .records import KeyTimes

# Longer than anyone may cache a JWKS of ours by its headers, and than most do without looking at them.
ANNOUNCED_FOR = DAY
ACTIVE_FOR = 90 * DAY
# Longer than the longest lifetime that a tenant may give to access and ID tokens (a day), clocks that differ included.
RETIRING_FOR = 2 * DAY

MAC_ACTIVE_FOR = 365 * DAY
# A new MAC key makes nothing before every process has had time to learn of it (a second, by our promise).
MAC_ANNOUNCED_FOR = MINUTE

# What every tenant has: ES256 for access tokens, RS256 for ID tokens by OpenID's default, Ed25519 for who asks for it.
ALGORITHMS = (Algorithm.ES256, Algorithm.RS256, Algorithm.ED25519)


def renewal_of(key: KeyTimes) -> Instant:
    """When the successor of a signing key takes over, if nobody rotates before."""
    return key.activates_at + ACTIVE_FOR


def is_overdue(key: KeyTimes, now: Instant) -> bool:
    """Whether a key still signs though its successor should have for a day: background work stands still."""
    return key.state is KeyState.ACTIVE and renewal_of(key) + DAY < now
