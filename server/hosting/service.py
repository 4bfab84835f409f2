"""One request to one endpoint: limited, answered, its refusal put into words and into the log, once for all.

Both the dispatcher and Quart's routes answer through here.
"""

from __future__ import annotations

from dataclasses import dataclass
from time import perf_counter
from typing import TYPE_CHECKING

from server import measures
from server.api import limits, problem_response
from server.endpoints import errors
from server.endpoints.wire import ErrorPage, WireRequest, WireResponse
from server.kernel import clock, hosts, logs, rate_limits
from server.kernel.faults import Unavailable
from server.kernel.passwords import Overloaded
from server.protocol.errors import (
    MethodNotAllowed,
    NotFound,
    OAuthError,
    ServerError,
    TemporarilyUnavailable,
)
from server.protocol.rate_limit_fields import rate_limit_headers

from . import cors

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from server.endpoints.wire import Headers
    from server.kernel.rate_limits import RateVerdict
    from server.settings import Settings
    from server.tenants import Tenant

    from .head import Head
    from .resolution import TenantPath
    from .table import Endpoint

log = logs.get_logger(__name__)

# What a failing dependency raises: the request can be tried again, and nothing was half done.
FAULTS = (Unavailable, Overloaded)


@dataclass(frozen=True, slots=True)
class Service:
    """How endpoints answer: the settings, and who draws the pages that refuse."""

    settings: Settings
    render_error: Callable[[ErrorPage, Tenant | None, Mapping[str, str], str], WireResponse]

    async def respond(self, head: Head, endpoint: Endpoint, where: TenantPath, body: bytes) -> WireResponse:
        """The response to a request whose body was read; preflights are never limited."""
        if head.method == "OPTIONS" and endpoint.cross_origin:
            return cors.preflight(endpoint)
        began_at = perf_counter()
        method = "GET" if head.method == "HEAD" and endpoint.reads else head.method
        request = self.request_of(head, where.tenant, method, endpoint.segment(where.path), body)
        response = await self.answer(endpoint, request, head.correlation_id)
        measures.answered(endpoint.name, where.tenant, response.status, began_at)
        return cors.open_to_browsers(endpoint, response)

    def request_of(self, head: Head, tenant: Tenant, method: str, segment: str = "", body: bytes = b"") -> WireRequest:
        """What endpoints and pages are told of a request."""
        return WireRequest(
            method=method,
            tenant=tenant,
            segment=segment,
            query=head.query,
            headers=head.headers,
            body=body,
            now=clock.now(),
            remote_address=head.remote_address,
            secure=head.secure,
            limited=self.settings.lockout,
        )

    async def answer(self, endpoint: Endpoint, request: WireRequest, correlation_id: str) -> WireResponse:
        """The complete response; never raises for what a client or a dependency did."""
        counted: Headers = ()
        try:
            if verdict := await self._count(endpoint, request):
                counted = rate_limit_headers(endpoint.name, verdict)
            check_allowed(endpoint, request, verdict)
            outcome = await endpoint.action(request)
        except OAuthError as error:
            outcome = self.refuse(error, endpoint, request.tenant)
        except FAULTS as fault:
            outcome = self.refuse(as_refusal(fault), endpoint, request.tenant)
        except Exception:
            log.exception("endpoint failed", endpoint=endpoint.name, tenant=str(request.tenant.id))
            outcome = self.refuse(ServerError("an unforeseen failure, logged above"), endpoint, request.tenant)
        response = self._drawn(outcome, request.tenant, request.headers, correlation_id)
        return WireResponse(response.status, response.headers + counted, response.body)

    def unread(self, head: Head, endpoint: Endpoint, tenant: Tenant, error: OAuthError) -> WireResponse:
        """The answer to a body that was not read to its end: the connection cannot be used again."""
        refusal = self.refuse(error, endpoint, tenant)
        response = self._drawn(refusal, tenant, head.headers, head.correlation_id)
        closed = WireResponse(response.status, (*response.headers, (b"connection", b"close")), response.body)
        return cors.open_to_browsers(endpoint, closed)

    def refuse(self, error: OAuthError, endpoint: Endpoint, tenant: Tenant) -> WireResponse | ErrorPage:
        """Log a refusal in one line and give it the form its readers understand."""
        _log_refusal(error, endpoint=endpoint.name, tenant=str(tenant.id))
        if endpoint.page and not isinstance(error, MethodNotAllowed):
            return errors.error_page(error)
        return errors.error_response(error)

    def refuse_unplaced(self, head: Head, refusal: OAuthError) -> WireResponse:
        """The answer when nobody knows yet which tenant and endpoint the request is for."""
        if head.path.startswith("/api/"):
            return problem_response(refusal)
        _log_refusal(refusal)
        if "text/html" in head.headers.get("accept", ""):
            return self.render_error(errors.error_page(refusal), None, head.headers, head.correlation_id)
        return errors.error_response(refusal)

    def _drawn(
        self, outcome: WireResponse | ErrorPage, tenant: Tenant, headers: Mapping[str, str], correlation_id: str
    ) -> WireResponse:
        if isinstance(outcome, ErrorPage):
            return self.render_error(outcome, tenant, headers, correlation_id)
        return outcome

    async def _count(self, endpoint: Endpoint, request: WireRequest) -> RateVerdict | None:
        """Count the request against what its address may ask for; None where nothing is limited."""
        per_minute = request.tenant.settings.rate_limits.get(endpoint.name, endpoint.per_minute)
        if per_minute is None or not self.settings.rate_limits:
            return None
        key = f"{request.tenant.id.int:x}:{hosts.address_block(request.remote_address)}"
        return await rate_limits.hit(endpoint.name, key, rate_limits.per_minute(per_minute))


def check_allowed(endpoint: Endpoint, request: WireRequest, verdict: RateVerdict | None) -> None:
    """Raise TooManyRequests or MethodNotAllowed for what the endpoint need not even look at."""
    limits.check(verdict)
    if request.method not in endpoint.methods:
        raise MethodNotAllowed(f"{request.method} at {endpoint.name}", endpoint.allow)


def as_refusal(fault: Exception) -> OAuthError:
    """What a client is told when a dependency fails."""
    return TemporarilyUnavailable(f"{type(fault).__name__}: {fault}")


def not_found(why: str) -> WireResponse:
    """The answer where nothing is served; JSON, which programs that probe for metadata rely on."""
    refusal = NotFound(why)
    _log_refusal(refusal)
    return errors.error_response(refusal)


def _log_refusal(error: OAuthError, **where: str) -> None:
    measures.refused(where.get("endpoint", "none"), error.code)
    log.info("refused", error=error.code, status=error.status, why=error.why, **where)
