"""Short requests to endpoints, answered as a whole: without the messages of ASGI, which cost as much as many answers.

What is not short, or not for an endpoint, is left to the dispatcher, and so is what cannot be read. ADR 0036.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from server.kernel import logs
from server.protocol.errors import OAuthError

from .head import check_target, read_head
from .resolution import Address, Nowhere, find, locate
from .service import FAULTS, as_refusal, not_found
from .table import find_endpoint

if TYPE_CHECKING:
    from server.endpoints.wire import WireResponse

    from .asgi import Scope
    from .head import Head
    from .service import Service
    from .table import Endpoint

# As long as the forms of token requests are, assertions included. So much is kept of each connection that dawdles.
SHORT_BODY = 8 * 1024
_LENGTH_DIGITS = 4


@dataclass(frozen=True, slots=True)
class ShortRequest:
    """The head of a request whose body, if any, is short, and the endpoint that it is for."""

    head: Head
    endpoint: Endpoint
    address: Address

    def again(self) -> ShortRequest:
        """The same head, come once more: another request."""
        return ShortRequest(self.head.again(), self.endpoint, self.address)


class ShortRequests:
    """Reads and answers them, for one application."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def read(self, scope: Scope) -> ShortRequest | None:
        """The request of an ASGI scope; None where it is to be served as ASGI says."""
        settings = self._service.settings
        head = read_head(settings, scope)
        address = locate(settings, head.host, head.path)
        if not isinstance(address, Address):
            return None
        endpoint = find_endpoint(address.path)
        if endpoint is None or not _has_short_body(head, endpoint):
            return None
        try:
            check_target(head)
        except OAuthError:
            return None
        return ShortRequest(head, endpoint, address)

    async def respond(self, request: ShortRequest, body: bytes) -> WireResponse:
        """The response; never raises for what a client or a dependency did."""
        head = request.head
        mark = logs.begin_request(head.correlation_id, head.remote_address, head.headers.get("user-agent"))
        try:
            where = await find(self._service.settings, request.address)
        except FAULTS as fault:
            return self._service.refuse_unplaced(head, as_refusal(fault))
        if isinstance(where, Nowhere):
            return not_found("no such host or tenant")
        mark.tenant_id = where.tenant.id
        return await self._service.respond(head, request.endpoint, where, body)


def _has_short_body(head: Head, endpoint: Endpoint) -> bool:
    length = head.headers.get("content-length", "0")
    is_number = length.isascii() and length.isdecimal() and len(length) <= _LENGTH_DIGITS
    return is_number and int(length) <= min(SHORT_BODY, endpoint.max_body) and "transfer-encoding" not in head.headers
