"""The header fields that tell a client how much of its rate limit is left.

RateLimit and RateLimit-Policy, as the IETF draft "RateLimit header fields for HTTP" has them.
"""

from __future__ import annotations

from typing import Protocol


class Quota(Protocol):
    """The state of one rate limit for one client."""

    @property
    def limit(self) -> int:
        """How many requests there may be."""

    @property
    def remaining(self) -> int:
        """How many are left."""

    @property
    def reset_seconds(self) -> int:
        """When the quota is whole again, in seconds from now."""


def rate_limit_headers(policy: str, quota: Quota) -> tuple[tuple[bytes, bytes], ...]:
    """Names and values; `policy` is the name of the limit, of letters, digits, hyphens and underscores."""
    return (
        (b"ratelimit-policy", f'"{policy}";q={quota.limit}'.encode()),
        (b"ratelimit", f'"{policy}";r={quota.remaining};t={quota.reset_seconds}'.encode()),
    )
