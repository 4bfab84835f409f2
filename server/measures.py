"""What is measured of requests, by the names under which it is told. ADR 0027.

No label says which tenant, client or person: there may be any number of them. A tenant counts by its tier.
"""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING, TypeAlias

from server.kernel.metrics import Counter, Histogram
from server.protocol.errors import OAuthError
from server.tenants import SYSTEM_SLUG

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from server.tenants import Tenant

# From what a cache answers to what somebody gave up waiting for, in seconds.
BOUNDS = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
# Where a tenant belongs where tenants are counted together: the platform's own, with its administrators, stands apart.
# Plain text: the labels are hashed for each request, which takes an enum five times as long.
SYSTEM_TIER, TENANT_TIER, NO_TIER = "system", "tenant", "none"
STATUS_CLASSES = ("0xx", "1xx", "2xx", "3xx", "4xx", "5xx")

_requests = Histogram(
    "latchkey_request_duration_seconds",
    "Requests to endpoints and pages, from the body's last byte to the response.",
    ("endpoint", "status", "tier"),
    BOUNDS,
)
_grants = Histogram(
    "latchkey_grant_duration_seconds",
    "Token requests of authenticated clients; the outcome is ok, an OAuth error code, or failed.",
    ("grant_type", "outcome", "tier"),
    BOUNDS,
)
_refusals = Counter(
    "latchkey_refusals_total",
    "Refused requests by OAuth error code; too_many_requests are those beyond a rate limit.",
    ("endpoint", "error"),
)
_logins = Counter("latchkey_logins_total", "Passwords that were tried: succeeded, wrong or slowed_down.", ("outcome",))

Listener: TypeAlias = "Callable[[str, Tenant | None, int], None]"
_listener: Listener | None = None


def answered(endpoint: str, tenant: Tenant | None, status: int, began_at: float) -> None:
    """Count a response; `began_at` is what `perf_counter` said when the request was complete."""
    _requests.observe((endpoint, STATUS_CLASSES[status // 100], tier_of(tenant)), perf_counter() - began_at)
    if _listener is not None:
        _listener(endpoint, tenant, status)


def tier_of(tenant: Tenant | None) -> str:
    """The tier that a tenant counts by."""
    if tenant is None:
        return NO_TIER
    return SYSTEM_TIER if tenant.slug == SYSTEM_SLUG else TENANT_TIER


def refused(endpoint: str, error: str) -> None:
    """Count a refusal, by its OAuth error code."""
    _refusals.add((endpoint, error))


def login_ended(outcome: str) -> None:
    """Count a password that somebody tried."""
    _logins.add((outcome,))


class TimedGrant:
    """`with`: measures what a grant type does, and how that ends."""

    __slots__ = ("_began_at", "_grant_type", "_tier")

    def __init__(self, grant_type: str, tenant: Tenant) -> None:
        self._grant_type = grant_type
        self._tier = tier_of(tenant)

    def __enter__(self) -> None:
        self._began_at = perf_counter()

    def __exit__(self, _: type[BaseException] | None, error: BaseException | None, __: TracebackType | None) -> None:
        outcome = "ok" if error is None else error.code if isinstance(error, OAuthError) else "failed"
        _grants.observe((self._grant_type, outcome, self._tier), perf_counter() - self._began_at)


def listen(listener: Listener | None) -> None:
    """Call this for each response, too; None: nobody listens any more."""
    global _listener  # noqa: PLW0603  one listener a process: whoever traces its requests
    _listener = listener
