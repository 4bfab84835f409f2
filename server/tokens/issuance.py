"""From a grant to the token response. RFC 6749 §5.1."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from server import keys
from server.protocol.scopes import OPENID
from server.protocol.token_response import TokenResponse
from server.protocol.vocabulary import GrantType

from . import access_tokens, id_tokens, references

if TYPE_CHECKING:
    from server.kernel.clock import Instant
    from server.tenants import Tenant

    from .records import Entitlement, GrantHolder


@dataclass(frozen=True, slots=True)
class Issue:
    """What is to be issued from a grant: the scope of this request, and the generation of the refresh token."""

    entitlement: Entitlement
    scope: tuple[str, ...]
    generation: int  # 0: no refresh token
    nonce: str | None


@dataclass(frozen=True, slots=True)
class Issued:
    """A token response, and the access token's name for the audit."""

    response: TokenResponse
    token_id: str


async def issue(tenant: Tenant, holder: GrantHolder, order: Issue, now: Instant) -> Issued:
    """Every token that belongs in the answer; what is stored of them joins the surrounding transaction."""
    access = await access_tokens.issue_for_grant(tenant, holder, order.entitlement, now)
    id_token = None
    if OPENID in order.scope:
        id_token = await id_tokens.issue(tenant, holder, access.text, order.scope, nonce=order.nonce, now=now)
    response = TokenResponse(
        access_token=access.text,
        expires_in=access.expires_in,
        scope=order.entitlement.scope,
        refresh_token=await refresh_token(tenant, holder, order.generation),
        id_token=id_token,
    )
    return Issued(response, access.token_id)


async def refresh_token(tenant: Tenant, holder: GrantHolder, generation: int) -> str | None:
    """The refresh token of a generation of a grant, which can be computed at any time; none for generation 0."""
    if generation == 0:
        return None
    mac_key = await keys.mac_key(tenant.id)
    return references.issue(references.Purpose.REFRESH, tenant.id, mac_key, holder.grant.id, generation)


def first_generation(holder: GrantHolder) -> int:
    """1 for clients that may refresh; others get no refresh token."""
    return int(GrantType.REFRESH_TOKEN in holder.client.metadata.grant_types)
