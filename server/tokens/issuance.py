"""From a grant to the token response. RFC 6749 §5.1."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server import keys
from server.protocol.scopes import OPENID
from server.protocol.token_response import TokenResponse

from . import access_tokens, id_tokens, references
from .affiliations import affiliation_claims
from .records import Issued

if TYPE_CHECKING:
    from server.kernel.clock import Instant
    from server.tenants import Tenant

    from .records import GrantHolder, Order


async def issue(tenant: Tenant, holder: GrantHolder, order: Order, now: Instant) -> Issued:
    """Every token that belongs in the answer, made without writing anything.

    Nothing of it may be sent before the claim on the grant was won and `rows_of` was written, in one transaction.
    """
    claims = await affiliation_claims(tenant.id, holder.user.id, order.scope)
    access = await access_tokens.issue_for_grant(tenant, holder, order.entitlement, claims, now)
    id_token = None
    if OPENID in order.scope:
        id_token = await id_tokens.issue(tenant, holder, order, claims, access_token=access.text, now=now)
    response = TokenResponse(
        access_token=access.text,
        expires_in=access.expires_in,
        scope=order.entitlement.scope,
        refresh_token=await _refresh_token(tenant, holder, order.generation),
        id_token=id_token,
    )
    return Issued(response, access)


async def _refresh_token(tenant: Tenant, holder: GrantHolder, generation: int) -> str | None:
    """The refresh token of a generation of a grant, which can be computed at any time; none for generation 0."""
    if generation == 0:
        return None
    mac_key = await keys.mac_key(tenant.id)
    return references.issue(references.Purpose.REFRESH, tenant.id, mac_key, holder.grant.id, generation)
