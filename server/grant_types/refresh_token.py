"""The refresh_token grant type, with rotation. RFC 6749 §6, RFC 9700 §4.14.2.

Clients refresh in parallel, and answers get lost: for a short while the refresh token before the current one still
works, for the same client, and everybody is given the same current one. Later it is a replay and ends the grant.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from server import audit, grants, keys, tokens
from server.kernel import database
from server.protocol.errors import InvalidGrant
from server.tokens import references

from . import policy
from .people import holder_of
from .policy import LostRefresh
from .revocation import revoke_replayed

if TYPE_CHECKING:
    from server.grants import Grant
    from server.protocol.token_response import TokenResponse
    from server.tokens import Issued, Order
    from server.tokens.references import Reference

    from .records import TokenRequest


async def refresh(request: TokenRequest) -> TokenResponse:
    """Trade a refresh token for new tokens.

    Raises InvalidGrant, InvalidScope, InvalidTarget.
    """
    reference = await _read_reference(request)
    grant = await grants.find(request.tenant.id, reference.grant_id)
    if grant is None:
        raise InvalidGrant("refresh token of a grant that is gone")
    if grant.client_pk != request.client.id:
        raise InvalidGrant("refresh token of another client")
    if reference.generation >= grant.generation - 1:
        holder = await holder_of(request, grant)
        order = await _order(request, grant, reference)
        issued = await tokens.issue(request.tenant, holder, order, request.now)
        if await _claim(request, grant, order, issued):
            return issued.response
    await _refuse(request, reference)


async def _read_reference(request: TokenRequest) -> Reference:
    tenant_id = request.tenant.id
    text, known = request.parameters.require("refresh_token"), await keys.mac_keys(tenant_id)
    return references.parse(text, references.Purpose.REFRESH, tenant_id, known)


async def _order(request: TokenRequest, grant: Grant, reference: Reference) -> Order:
    scope = policy.narrowed_scope(grant.scope, request.parameters.get("scope"))
    presented = request.parameters.get_all("resource")
    entitlement = await tokens.entitle_grant(request.tenant, grant, scope, presented)
    # Whether this rotates or has grace, the refresh token in the answer is the one after the presented one.
    return tokens.Order(entitlement, scope, reference.generation + 1)


async def _claim(request: TokenRequest, grant: Grant, order: Order, issued: Issued) -> bool:
    tenant_id, now, presented = request.tenant.id, request.now, order.generation - 1
    settings = request.tenant.settings
    expires_at = policy.refresh_expiry(grant, settings.refresh_token_lifetime, now)
    async with database.transaction():
        rotated = await grants.rotate(tenant_id, grant.id, presented, expires_at=expires_at, now=now)
        if not rotated and not await grants.use_grace(
            tenant_id, grant.id, presented, rotated_after=now - settings.refresh_grace, now=now
        ):
            return False
        await tokens.keep(tenant_id, issued.access_token)
        event = audit.TokenRefreshed(
            grant_id=grant.id,
            client_pk=grant.client_pk,
            subject_id=grant.user_id,
            scope=" ".join(order.scope),
            audience=order.entitlement.audience,
            token_id=issued.access_token.token_id,
            generation=order.generation,
            grace=not rotated,
        )
        await audit.record(event, tenant_id=tenant_id, now=now, actor=audit.Actor.client(grant.client_pk))
    return True


async def _refuse(request: TokenRequest, reference: Reference) -> NoReturn:
    """Raise InvalidGrant; a replay ends the grant first."""
    current = await grants.find(request.tenant.id, reference.grant_id)
    if current is None:
        raise InvalidGrant("refresh token of a grant that is gone")
    rotated_after = request.now - request.tenant.settings.refresh_grace
    lost = policy.why_lost(current, reference.generation, rotated_after=rotated_after, now=request.now)
    if lost is LostRefresh.REPLAYED:
        replay = audit.RefreshReplayed(
            grant_id=current.id,
            client_pk=current.client_pk,
            subject_id=current.user_id,
            generation=reference.generation,
            current_generation=current.generation,
        )
        await revoke_replayed(request, current, replay, "refresh token replayed")
    raise InvalidGrant(f"refresh token {lost.value}")
