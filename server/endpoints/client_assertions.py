"""private_key_jwt: a client that signs a statement for us, once. RFC 7523 §2.2 and §3.

It may be addressed to the issuer or to the token endpoint, at every endpoint alike: clients in use do either.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from server import clients
from server.kernel import digests
from server.kernel.clock import SECOND
from server.kernel.shared_state import shared_state
from server.protocol.client_assertions import LEEWAY_SECONDS, is_of_unknown_key, verify_assertion
from server.protocol.errors import InvalidClient

if TYPE_CHECKING:
    from server.clients import Client
    from server.protocol.client_assertions import UnverifiedAssertion

    from .wire import WireRequest


async def check_assertion(request: WireRequest, client: Client, assertion: UnverifiedAssertion) -> None:
    """Raise InvalidClient unless this client signed the assertion, for this issuer, and presents it the first time."""
    tenant, metadata, now = request.tenant, client.metadata, request.now
    if metadata.token_endpoint_auth_signing_alg not in {None, assertion.algorithm}:
        raise InvalidClient("client_assertion is signed with another algorithm than the client registered")
    keys = await clients.find_keys(tenant.id, metadata, now)
    if is_of_unknown_key(assertion, keys):
        await clients.renew_keys(tenant.id, metadata, now)
        keys = await clients.find_keys(tenant.id, metadata, now)
    audiences = {tenant.issuer, f"{tenant.issuer}/token"}
    verified = verify_assertion(assertion, keys, audiences=audiences, now_seconds=now / SECOND)
    remembered_as = f"assertion:{tenant.id.hex}:{client.id.hex}:{digests.sha256(verified.id).hex()}"
    # As long as it could be presented again.
    lifetime = int((verified.expires_at + LEEWAY_SECONDS) * SECOND) - now
    if not await shared_state().claim(remembered_as, lifetime):
        raise InvalidClient("client_assertion was presented before")
