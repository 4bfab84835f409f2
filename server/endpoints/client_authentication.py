"""Client authentication. RFC 6749 §2.3, OAuth 2.1 §2.4.

A client with a secret may send it either way, in the Authorization field or in the form: that it is sent where it was
not registered for gives nobody anything, and clients in use do so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from server import audit, clients
from server.clients import ClientSource
from server.grant_types import AuthenticatedClient
from server.protocol.client_credentials import read_credentials
from server.protocol.client_metadata import ClientMetadata
from server.protocol.errors import InvalidClient
from server.protocol.vocabulary import ApplicationType, TokenEndpointAuthMethod
from server.tenants import Origin

if TYPE_CHECKING:
    from server.clients import Client
    from server.protocol.client_credentials import PresentedCredentials
    from server.protocol.parameters import Parameters

    from .wire import WireRequest

# An instant before every secret's end: expired ones count as well.
_ALWAYS = 0
_UNKNOWN = "unknown client_id"
_EXPIRED = "a secret that has expired"
_NO_METADATA = ClientMetadata(
    redirect_uris=(),
    token_endpoint_auth_method=TokenEndpointAuthMethod.CLIENT_SECRET_BASIC,
    grant_types=(),
    response_types=(),
    application_type=ApplicationType.WEB,
)


async def authenticate(request: WireRequest, parameters: Parameters) -> AuthenticatedClient:
    """The enabled client behind a request; a public one has only its client_id to show.

    Raises InvalidClient, and InvalidRequest for two credentials that disagree.
    """
    presented = read_credentials(request.headers.get("authorization"), parameters)
    client = await clients.find(request.tenant.id, presented.client_id)
    why = _why_refused(request, client, presented)
    if client is None or why is not None:
        await _audit_failure(request, client, presented, expired=why == _EXPIRED)
        raise InvalidClient(why or _UNKNOWN)
    await clients.bring_over(request.tenant.id, client, presented.secrets)
    return AuthenticatedClient(client, presented.method)


async def authenticate_confidential(request: WireRequest, parameters: Parameters) -> AuthenticatedClient:
    """The same for what only clients with a credential may do."""
    authenticated = await authenticate(request, parameters)
    if not authenticated.client.is_confidential:
        raise InvalidClient("a public client where a confidential one is needed")
    return authenticated


def _why_refused(request: WireRequest, client: Client | None, presented: PresentedCredentials) -> str | None:
    """Why these credentials are not good, for the log; an unknown client costs the same work as a known one."""
    compared = client or _nobody(request)
    matches = clients.has_secret(compared, presented.secrets, request.now)
    matched_once = matches or clients.has_secret(compared, presented.secrets, _ALWAYS)
    if client is None:
        return _UNKNOWN
    if not client.enabled:
        return "a client that is disabled"
    if not client.is_confidential:
        return "a secret of a client that has none" if presented.secrets else None
    if matches:
        return None
    if not presented.secrets:
        return "no secret of a client that has one"
    return _EXPIRED if matched_once else "a wrong secret"


def _nobody(request: WireRequest) -> Client:
    return clients.new_client(
        request.tenant.id,
        "",
        _NO_METADATA,
        source=ClientSource.DYNAMIC,
        origin=Origin.REGISTRATION,
        scope=(),
        now=request.now,
    )


async def _audit_failure(
    request: WireRequest, client: Client | None, presented: PresentedCredentials, *, expired: bool
) -> None:
    event = audit.ClientAuthenticationFailed(client.id if client else None, presented.method, expired=expired)
    await audit.record(event, tenant_id=request.tenant.id, now=request.now)
