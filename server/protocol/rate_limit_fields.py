"""The header fields that tell a client about its rate limit.

RateLimit and RateLimit-Policy as in the IETF draft "RateLimit header fields for HTTP"; Retry-After, RFC 9110 §10.2.3.
"""

from __future__ import annotations

_POLICY = "requests"


def rate_limit_headers(
    *, limit: int, remaining: int, reset_seconds: int, allowed: bool
) -> tuple[tuple[bytes, bytes], ...]:
    """Names and values; `reset_seconds` is when the quota is whole again. Retry-After only for a refusal."""
    fields = (
        (b"ratelimit-policy", f'"{_POLICY}";q={limit}'.encode("ascii")),
        (b"ratelimit", f'"{_POLICY}";r={remaining};t={reset_seconds}'.encode("ascii")),
    )
    if allowed:
        return fields
    return (*fields, (b"retry-after", str(reset_seconds).encode("ascii")))
