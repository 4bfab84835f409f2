"""The token endpoint. RFC 6749 §3.2, OAuth 2.1 §3.2."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server import clients, grant_types, measures
from server.grant_types import TokenRequest
from server.protocol.errors import UnauthorizedClient, UnsupportedGrantType
from server.protocol.parameters import parse_form
from server.protocol.vocabulary import GrantType

from .client_authentication import authenticate
from .wire import json_response

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from server.clients import Client
    from server.protocol.token_response import TokenResponse

    from .wire import WireRequest, WireResponse

_GRANT_TYPES: Mapping[str, Callable[[TokenRequest], Awaitable[TokenResponse]]] = {
    GrantType.AUTHORIZATION_CODE: grant_types.redeem,
    GrantType.REFRESH_TOKEN: grant_types.refresh,
    GrantType.CLIENT_CREDENTIALS: grant_types.issue_own,
}


async def token(request: WireRequest) -> WireResponse:
    """Authenticate the client and let its grant type answer; parameters count only in the body."""
    parameters = parse_form(request.body, request.headers.get("content-type"))
    authenticated = await authenticate(request, parameters)
    grant_type = parameters.require("grant_type")
    answer = _grant_type(authenticated.client, grant_type)
    with measures.TimedGrant(grant_type, request.tenant):
        response = await answer(TokenRequest(request.tenant, authenticated.client, parameters, request.now))
    clients.note_use(authenticated.client, request.tenant.settings.unused_client_lifetime, request.now)
    return json_response(response.to_json())


def _grant_type(client: Client, name: str) -> Callable[[TokenRequest], Awaitable[TokenResponse]]:
    answer = _GRANT_TYPES.get(name)
    if answer is None:
        raise UnsupportedGrantType("a grant type that is not implemented")
    if name not in client.metadata.grant_types:
        raise UnauthorizedClient("a grant type that the client is not registered for")
    return answer
