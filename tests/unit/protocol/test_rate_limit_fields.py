"""Rate limit header fields."""

from __future__ import annotations

from dataclasses import dataclass

from server.protocol.rate_limit_fields import rate_limit_headers


@dataclass(frozen=True)
class Verdict:
    limit: int
    remaining: int
    reset_seconds: int


def test_a_client_learns_what_is_left_and_until_when() -> None:
    assert rate_limit_headers("token", Verdict(limit=100, remaining=42, reset_seconds=7)) == (
        (b"ratelimit-policy", b'"token";q=100'),
        (b"ratelimit", b'"token";r=42;t=7'),
    )
