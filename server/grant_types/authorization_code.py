"""The authorization_code grant type. RFC 6749 §4.1.3, RFC 7636 §4.6."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server import audit, grants, scopes, tokens
from server.protocol.errors import InvalidGrant
from server.protocol.vocabulary import GrantType
from server.tokens.references import Purpose

from . import policy
from .people import holder_of
from .revocation import revoke_replayed

if TYPE_CHECKING:
    from server.grants import Grant
    from server.kernel.clock import Instant
    from server.protocol.token_response import TokenResponse
    from server.tokens import GrantHolder, Issued, Order

    from .records import TokenRequest


async def redeem(request: TokenRequest) -> TokenResponse:
    """Trade an authorization code for tokens, exactly once; a second try ends all that came of the first.

    Raises InvalidGrant, InvalidTarget.
    """
    code = request.parameters.require("code")
    grant = (await tokens.get_presented(request.tenant.id, code, Purpose.CODE)).grant
    policy.check_redeemable(grant, request.client, request.parameters)
    holder = await holder_of(request, grant)
    order = await _order(request, grant)
    issued = await tokens.issue(request.tenant, holder, order, request.now)
    if await _claim(request, holder, order, issued):
        return issued.response

    # Lost: expired, revoked, or redeemed by somebody else a moment or a month ago.
    current = await grants.find(request.tenant.id, grant.id)
    if current is None or current.redeemed_at is None:
        raise InvalidGrant("code expired, or its grant was revoked before")
    replay = audit.CodeReplayed(grant.id, grant.client_pk, grant.user_id)
    await revoke_replayed(request, grant, replay, "authorization code replayed")
    raise InvalidGrant("code replayed; grant revoked")


async def _order(request: TokenRequest, grant: Grant) -> Order:
    presented = request.parameters.get_all("resource")
    scope = tokens.remaining_scope(grant.scope, request.client, await scopes.list_scopes(request.tenant.id))
    entitlement = await tokens.entitle_grant(request.tenant, grant, scope, presented)
    return tokens.Order(entitlement, scope, policy.first_generation(request.client), grant.nonce)


async def _claim(request: TokenRequest, holder: GrantHolder, order: Order, issued: Issued) -> bool:
    tenant_id, now, grant = request.tenant.id, request.now, holder.grant
    event = audit.TokenIssued(
        grant_type=GrantType.AUTHORIZATION_CODE,
        client_pk=request.client.id,
        scope=" ".join(order.scope),
        audience=order.entitlement.audience,
        token_id=issued.access_token.token_id,
        grant_id=grant.id,
        subject_id=grant.user_id,
    )
    return await grants.claim_code(
        tenant_id,
        grant.id,
        *tokens.rows_of(tenant_id, issued.access_token),
        audit.entry(event, tenant_id=tenant_id, now=now, actor=audit.Actor.client(request.client.id)),
        generation=order.generation,
        expires_at=_expiry(request, grant, order.generation),
        now=now,
    )


def _expiry(request: TokenRequest, grant: Grant, generation: int) -> Instant:
    """How long the grant lives on: as long as its refresh token, or its only access token."""
    settings = request.tenant.settings
    if generation == 0:
        return request.now + settings.access_token_lifetime
    return policy.refresh_expiry(grant, settings.refresh_token_lifetime, request.now)
