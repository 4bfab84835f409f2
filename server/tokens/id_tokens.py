"""ID tokens, issued and recognized again. OpenID Connect Core §2, §3.1.3.6 and §12.2."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from server import keys
from server.kernel import digests
from server.kernel.clock import to_seconds
from server.protocol.errors import InvalidRequest

from . import jws
from .affiliations import fitting
from .person_claims import id_token_claims
from .records import IdTokenHint

if TYPE_CHECKING:
    from server.kernel.clock import Instant
    from server.tenants import Tenant

    from .affiliations import Claims
    from .records import GrantHolder, Order

TYPE = "JWT"


async def issue(
    tenant: Tenant, holder: GrantHolder, order: Order, affiliations: Claims, *, access_token: str, now: Instant
) -> str:
    """An ID token for the client that holds the grant; a refreshed one has no nonce (§12.2).

    Its audience is the client alone, which is why it needs no `azp`.
    """
    grant, alg = holder.grant, holder.client.metadata.id_token_signed_response_alg.value
    claims: dict[str, object] = {
        **id_token_claims(holder.user, grant, order.scope),
        "iss": tenant.issuer,
        "sub": holder.user.sub,
        "aud": holder.client.client_id,
        "iat": to_seconds(now),
        "exp": to_seconds(now + tenant.settings.id_token_lifetime),
        "auth_time": to_seconds(grant.auth_time),
        "acr": grant.acr,
        "amr": list(grant.amr),
        "at_hash": at_hash(access_token, alg),
    }
    if order.nonce is not None:
        claims["nonce"] = order.nonce
    claims |= fitting(affiliations, order.scope, claims)
    return jws.sign(await keys.signing_key(tenant.id, alg), alg, TYPE, claims)


def at_hash(access_token: str, alg: str) -> str:
    """The left half of the digest that goes with the signature's algorithm (§3.1.3.6); SHA-512 for Ed25519."""
    size = 256 if alg.endswith("256") else 512
    digest = hashlib.new(f"sha{size}", access_token.encode("ascii")).digest()
    return digests.b64url(digest[: len(digest) // 2])


async def read_id_token_hint(tenant: Tenant, text: str) -> IdTokenHint:
    """Recognize an ID token that this tenant once issued, expired or not, whatever became of its key.

    Raises InvalidRequest. OpenID Connect RP-Initiated Logout §2.
    """
    signed = await jws.find_signed(tenant.id, text)
    if signed is None or signed.header.get("typ") != TYPE:
        raise InvalidRequest("id_token_hint is not an ID token of this tenant")
    subject, client_id = signed.claims.get("sub"), signed.claims.get("aud")
    if signed.claims.get("iss") != tenant.issuer or not isinstance(subject, str) or not isinstance(client_id, str):
        raise InvalidRequest("id_token_hint was issued by another issuer")
    return IdTokenHint(subject, client_id)
