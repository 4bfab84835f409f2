"""The revocation endpoint. RFC 7009.

A refresh token ends its grant with every token from it; an access token ends alone. What is unknown or over already is
answered like what was just ended (§2.2). A token of another client is refused and left as it is (§2.1).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from server import audit, grants, tokens
from server.protocol.errors import InvalidGrant
from server.protocol.parameters import parse_form
from server.tokens.references import Purpose

from .client_authentication import authenticate
from .wire import empty_response

if TYPE_CHECKING:
    from server.clients import Client
    from server.grants import Grant

    from .wire import WireRequest, WireResponse


async def revoke(request: WireRequest) -> WireResponse:
    """End a token of the asking client; what kind it is, the token itself says, so the hint is not needed."""
    parameters = parse_form(request.body, request.headers.get("content-type"))
    client = (await authenticate(request, parameters)).client
    text = parameters.require("token")
    try:
        presented = await tokens.get_presented(request.tenant.id, text, Purpose.REFRESH)
    except InvalidGrant:
        await _end_access_token(request, client, text)
    else:
        await _end_grant(request, client, presented.grant)
    return empty_response()


async def _end_grant(request: WireRequest, client: Client, grant: Grant) -> None:
    if grant.client_pk != client.id:
        raise InvalidGrant("refresh token of another client")
    event = audit.GrantRevoked(grant.id, client.id, grant.user_id, "revoked by the client")
    entry = audit.entry(event, tenant_id=request.tenant.id, now=request.now, actor=audit.Actor.client(client.id))
    await grants.revoke(request.tenant.id, grant.id, request.now, entry)


async def _end_access_token(request: WireRequest, client: Client, text: str) -> None:
    token = await tokens.find_access_token(request.tenant, text, request.now)
    if token is None:
        return
    if token.client.id != client.id:
        raise InvalidGrant("access token of another client")
    event = audit.TokenRevoked(client.id, token.token_id, token.grant.id if token.grant else None)
    entry = audit.entry(event, tenant_id=request.tenant.id, now=request.now)
    await tokens.revoke(request.tenant, token, request.now, entry)
