"""Who calls the API: the bearer of an access token of the system tenant, and what they may do at this moment.

A token says who somebody is and what they limited themselves to; what they may do is looked up at every call.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from server import roles, tenants, tokens
from server.administration import ADMIN_READ_SCOPE, ADMIN_SCOPE, COMMAND_LINE, CONSOLE, Operator, api_of
from server.protocol.challenges import bearer_challenge, bearer_token
from server.protocol.errors import InsufficientScope, InvalidToken, OAuthError
from server.tenants import Origin

from .problems import Problem

if TYPE_CHECKING:
    from collections.abc import Mapping

    from server.kernel.clock import Instant
    from server.tenants import Tenant
    from server.tokens import AccessToken

_UNAUTHENTICATED = Problem(
    401,
    "unauthenticated",
    "This needs an access token of an administrator.",
    ((b"www-authenticate", bearer_challenge(scope=(ADMIN_SCOPE,)).encode("ascii")),),
)


async def authenticate(
    system: Tenant, public_url: str, headers: Mapping[str, str], query: bytes, now: Instant
) -> Operator:
    """The operator; raises Problem without a token, InvalidToken, InsufficientScope, InvalidRequest."""
    field = headers.get("authorization")
    text = bearer_token([] if field is None else [field], query)
    if text is None:
        raise _UNAUTHENTICATED
    token = await tokens.find_access_token(system, text, now)
    if token is None:
        raise InvalidToken("unknown, expired or revoked, or its administrator is disabled")
    if token.audience != (api_of(public_url),):
        raise InvalidToken("a token for something else")
    operator = await _operator(system, token)
    if not operator.memberships:
        raise InsufficientScope("whoever holds this token administers nothing")
    return await _limited(operator, token.scope, public_url)


async def authenticate_again(
    system: Tenant, public_url: str, headers: Mapping[str, str], query: bytes, now: Instant
) -> Operator | None:
    """The operator of a request that goes on; None when it would be refused by now."""
    try:
        return await authenticate(system, public_url, headers, query, now)
    except (Problem, OAuthError):
        return None


async def _operator(system: Tenant, token: AccessToken) -> Operator:
    if token.user is not None:
        if token.client.origin is not Origin.BUILT_IN or token.client.client_id not in {CONSOLE, COMMAND_LINE}:
            raise InvalidToken("administrators' tokens come from Latchkey's own clients only")
        return Operator.administrator(token.user.id, await roles.memberships_of(system.id, token.user.id))
    return Operator.service_account(token.client.id, await roles.memberships_of(system.id, token.client.id))


async def _limited(operator: Operator, scope: tuple[str, ...], public_url: str) -> Operator:
    """The operator with no more than the token's scope: `admin`, `admin.read`, and either with `:<slug>`."""
    if ADMIN_SCOPE in scope:
        return operator
    if ADMIN_READ_SCOPE in scope:
        return replace(operator, reads_only=True)
    for name in scope:
        right, _, slug = name.partition(":")
        if right in {ADMIN_SCOPE, ADMIN_READ_SCOPE} and slug:
            tenant = await tenants.find_by_slug(slug, public_url)
            if tenant is not None:
                return replace(operator, limit=tenant.id, reads_only=right == ADMIN_READ_SCOPE)
    raise InsufficientScope("a token without an admin scope, or for a tenant that is gone")
