"""The userinfo endpoint. OpenID Connect Core §5.3, RFC 6750."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server import tokens
from server.protocol.challenges import bearer_challenge, bearer_token
from server.protocol.errors import InsufficientScope, InvalidRequest, InvalidToken
from server.protocol.parameters import parse_form
from server.protocol.scopes import OPENID

from .wire import NO_STORE, WireResponse, json_response

if TYPE_CHECKING:
    from .wire import WireRequest


async def userinfo(request: WireRequest) -> WireResponse:
    """What the access token's scope, and the `claims` parameter within it, say about the person.

    The token has to be for this issuer, not for a resource, and to have `openid`.
    """
    text = _presented_token(request)
    if text is None:
        return WireResponse(401, (*NO_STORE, (b"www-authenticate", bearer_challenge().encode("ascii"))))
    token = await tokens.find_access_token(request.tenant, text, request.now)
    if token is None:
        raise InvalidToken("unknown, expired or revoked")
    if request.tenant.issuer not in token.audience:
        raise InvalidToken("a token for a resource")
    if token.user is None or token.grant is None or OPENID not in token.scope:
        raise InsufficientScope("a token without openid")
    told = await tokens.userinfo_claims(token.user, token.grant, token.scope)
    return json_response({**told, "sub": token.user.sub})


def _presented_token(request: WireRequest) -> str | None:
    """The token in the Authorization field or, of a POST, in the form (RFC 6750 §2.2); never in the URL."""
    field = request.headers.get("authorization")
    in_field = bearer_token([] if field is None else [field], request.query)
    if request.method != "POST" or not request.body:
        return in_field
    in_form = parse_form(request.body, request.headers.get("content-type")).get("access_token")
    if in_field is not None and in_form is not None:
        raise InvalidRequest("the access token is presented twice")
    return in_field or in_form
