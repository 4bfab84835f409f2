"""Pure rules of rotation: how long a key is in which state."""

from __future__ import annotations

from server.kernel.clock import DAY, MINUTE

from .records import Algorithm

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
