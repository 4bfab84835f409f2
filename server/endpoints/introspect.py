"""The introspection endpoint. RFC 7662, RFC 9470 §6.2.

A confidential client learns about its own tokens, and about access tokens for resources that name it. All else, unknown
or foreign, is answered alike.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from server import resources, tokens, users
from server.kernel.clock import to_seconds
from server.protocol.errors import InvalidGrant
from server.protocol.parameters import parse_form
from server.protocol.scopes import format_scope
from server.tokens.references import Purpose

from .client_authentication import authenticate_confidential
from .wire import json_response

if TYPE_CHECKING:
    from server.clients import Client
    from server.grants import Grant
    from server.tokens import AccessToken

    from .wire import WireRequest, WireResponse

INACTIVE = {"active": False}


async def introspect(request: WireRequest) -> WireResponse:
    """What a token says and whether it counts now."""
    parameters = parse_form(request.body, request.headers.get("content-type"))
    caller = (await authenticate_confidential(request, parameters)).client
    text = parameters.require("token")
    token = await tokens.find_access_token(request.tenant, text, request.now)
    if token is not None:
        document = await _describe_access_token(request, token) if await _may_see(request, caller, token) else INACTIVE
    else:
        document = await _describe_refresh_token(request, caller, text)
    return json_response(document)


async def _may_see(request: WireRequest, caller: Client, token: AccessToken) -> bool:
    if token.client.id == caller.id:
        return True
    known = await resources.list_resources(request.tenant.id)
    return any(
        caller.client_id in resource.introspection_clients
        for resource in known
        if resource.identifier in token.audience
    )


async def _describe_access_token(request: WireRequest, token: AccessToken) -> dict[str, object]:
    document: dict[str, object] = {
        "active": True,
        "iss": request.tenant.issuer,
        "sub": token.subject,
        "aud": token.audience[0] if len(token.audience) == 1 else list(token.audience),
        "client_id": token.client.client_id,
        "scope": format_scope(token.scope),
        "token_type": "Bearer",
        "jti": token.token_id,
        "iat": to_seconds(token.issued_at),
        "exp": to_seconds(token.expires_at),
    }
    if token.user is not None:
        # As they are now, whatever a JWT says that was issued before.
        document |= await tokens.affiliation_claims(request.tenant.id, token.user.id, token.scope)
    return document | _sign_in(token.grant)


async def _describe_refresh_token(request: WireRequest, caller: Client, text: str) -> dict[str, object]:
    grant = await _find_current(request, caller, text)
    user = None if grant is None else await users.find(request.tenant.id, grant.user_id)
    if grant is None or user is None or not user.enabled:
        return dict(INACTIVE)
    document: dict[str, object] = {
        "active": True,
        "iss": request.tenant.issuer,
        "sub": user.sub,
        "client_id": caller.client_id,
        "scope": format_scope(grant.scope),
        "exp": to_seconds(grant.expires_at),
    }
    return document | _sign_in(grant)


async def _find_current(request: WireRequest, caller: Client, text: str) -> Grant | None:
    """The caller's own grant when the text is its current refresh token."""
    try:
        presented = await tokens.get_presented(request.tenant.id, text, Purpose.REFRESH)
    except InvalidGrant:
        return None
    grant = presented.grant
    if grant.client_pk != caller.id or grant.generation != presented.generation:
        return None
    return grant if grant.revoked_at is None and grant.expires_at > request.now else None


def _sign_in(grant: Grant | None) -> dict[str, object]:
    if grant is None:
        return {}
    return {"auth_time": to_seconds(grant.auth_time), "acr": grant.acr, "amr": list(grant.amr)}
