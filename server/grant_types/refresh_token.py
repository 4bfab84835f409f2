"""The refresh_token grant type, with rotation. RFC 6749 §6, RFC 9700 §4.14.2.

Clients refresh in parallel, and answers get lost: for a short while the refresh token before the current one still
works, for the same client, and everybody is given the same current one. Later it is a replay and ends the grant.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from server import audit, grants, scopes, tokens
from server.protocol.errors import InvalidGrant
from server.tokens.references import Purpose

from . import policy
from .people import holder_of
from .policy import LostRefresh
from .revocation import revoke_replayed

if TYPE_CHECKING:
    from server.grants import Grant
    from server.kernel.database import Statement
    from server.protocol.token_response import TokenResponse
    from server.tokens import Issued, Order, PresentedReference

    from .records import TokenRequest


async def refresh(request: TokenRequest) -> TokenResponse:
    """Trade a refresh token for new tokens.

    Raises InvalidGrant, InvalidScope, InvalidTarget.
    """
    text = request.parameters.require("refresh_token")
    presented = await tokens.get_presented(request.tenant.id, text, Purpose.REFRESH)
    grant = presented.grant
    if grant.client_pk != request.client.id:
        raise InvalidGrant("refresh token of another client")
    if grant.revoked_at is not None:
        raise InvalidGrant("refresh token of a grant that was revoked")
    holder = await holder_of(request, grant)
    order = await _order(request, presented)
    issued = await tokens.issue(request.tenant, holder, order, request.now)
    if not await _claim(request, grant, order, issued):
        raise await _refusal(request, presented)
    return issued.response


async def _order(request: TokenRequest, presented: PresentedReference) -> Order:
    grant = presented.grant
    remaining = tokens.remaining_scope(grant.scope, request.client, await scopes.list_scopes(request.tenant.id))
    scope = policy.narrowed_scope(remaining, request.parameters.get("scope"))
    targets = request.parameters.get_all("resource")
    entitlement = await tokens.entitle_grant(request.tenant, grant, scope, targets)
    # Whether this rotates or has grace, the refresh token in the answer is the one after the presented one.
    return tokens.Order(entitlement, scope, presented.generation + 1)


async def _claim(request: TokenRequest, grant: Grant, order: Order, issued: Issued) -> bool:
    """Rotate, or have grace; what was issued is written with whichever it was."""
    tenant_id, now, generation = request.tenant.id, request.now, order.generation - 1
    settings = request.tenant.settings
    expires_at = policy.refresh_expiry(grant, settings.refresh_token_lifetime, now)
    rows = _rows(request, grant, order, issued, grace=False)
    if await grants.rotate(tenant_id, grant.id, generation, *rows, expires_at=expires_at, now=now):
        return True
    rows = _rows(request, grant, order, issued, grace=True)
    since = now - settings.refresh_grace
    return await grants.use_grace(tenant_id, grant.id, generation, *rows, rotated_after=since, now=now)


def _rows(request: TokenRequest, grant: Grant, order: Order, issued: Issued, *, grace: bool) -> tuple[Statement, ...]:
    tenant_id, access = request.tenant.id, issued.access_token
    event = audit.TokenRefreshed(
        grant_id=grant.id,
        client_pk=grant.client_pk,
        subject_id=grant.user_id,
        scope=" ".join(order.scope),
        audience=order.entitlement.audience,
        token_id=access.token_id,
        generation=order.generation,
        grace=grace,
    )
    entry = audit.entry(event, tenant_id=tenant_id, now=request.now, actor=audit.Actor.client(grant.client_pk))
    return (*tokens.rows_of(tenant_id, access), entry)


async def _refusal(request: TokenRequest, presented: PresentedReference) -> InvalidGrant:
    """Why nothing was issued, by the grant as it is now; a replay has ended it first."""
    # A grant that was swept meanwhile had expired as it was read.
    current = await grants.find(request.tenant.id, presented.grant.id) or presented.grant
    rotated_after = request.now - request.tenant.settings.refresh_grace
    lost = policy.why_lost(current, presented.generation, rotated_after=rotated_after, now=request.now)
    if lost is LostRefresh.REPLAYED:
        replay = audit.RefreshReplayed(
            grant_id=current.id,
            client_pk=current.client_pk,
            subject_id=current.user_id,
            generation=presented.generation,
            current_generation=current.generation,
        )
        await revoke_replayed(request, current, replay, "refresh token replayed")
    return InvalidGrant(f"refresh token {lost.value}")
