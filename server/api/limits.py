"""How often one address may ask the API and the console, which belong to no tenant's endpoints.

The system tenant's `rate_limits` says how often, or else `tenants.PLATFORM_RATE_LIMITS`.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from server import tenants
from server.kernel import hosts, rate_limits
from server.protocol.errors import TooManyRequests

if TYPE_CHECKING:
    from server.kernel.rate_limits import RateVerdict


class Surface(StrEnum):
    """What is asked; the names are those of `tenants.PLATFORM_RATE_LIMITS`."""

    API = "api"
    CONSOLE = "admin"


async def count(surface: Surface, remote_address: str, public_url: str) -> RateVerdict | None:
    """Count a request of an address; None where nothing is limited. Raises Unavailable."""
    system = await tenants.find_by_slug(tenants.SYSTEM_SLUG, public_url)
    set_limits = system.settings.rate_limits if system else {}
    per_minute = set_limits.get(surface.value, tenants.PLATFORM_RATE_LIMITS[surface.value])
    if per_minute is None:
        return None
    return await rate_limits.hit(surface.value, hosts.address_block(remote_address), rate_limits.per_minute(per_minute))


def check(verdict: RateVerdict | None) -> None:
    """Raise TooManyRequests for one request too many."""
    if verdict is not None and not verdict.allowed:
        raise TooManyRequests(f"more than {verdict.limit} requests a minute from one address", verdict.reset_seconds)
