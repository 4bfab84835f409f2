"""Client authentication. RFC 6749 §2.3, OAuth 2.1 §2.4, RFC 7523 §2.2.

A client with a secret may send it either way, in the Authorization field or in the form: that it is sent where it was
not registered for gives nobody anything, and clients in use do so. Who registered keys shows them, and nothing else.
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

from .client_assertions import check_assertion

if TYPE_CHECKING:
    from server.clients import Client
    from server.protocol.client_assertions import UnverifiedAssertion
    from server.protocol.client_credentials import PresentedCredentials
    from server.protocol.parameters import Parameters

    from .wire import WireRequest

# An instant before every secret's end: expired ones count as well.
_ALWAYS = 0
_UNKNOWN = "unknown client_id, or a document that is out of reach for too long"
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
    client = await _find(request, presented.client_id)
    why = _why_refused(request, client, presented)
    if client is not None and why is None and presented.assertion is not None:
        why = await _why_not_signed(request, client, presented.assertion)
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


async def _find(request: WireRequest, client_id: str) -> Client | None:
    """The client, by the last good copy of its document where it has one. Nothing is fetched here.

    None when nobody has been able to read the document for so long that it is not relied on any more.
    """
    client = await clients.find(request.tenant.id, client_id)
    if client is None or client.source is not ClientSource.METADATA_DOCUMENT:
        return client
    document = await clients.find_document(client_id)
    if document is None or not document.is_reliable(request.now):
        return None
    return clients.as_described(client, document)


async def _why_not_signed(request: WireRequest, client: Client, assertion: UnverifiedAssertion) -> str | None:
    try:
        await check_assertion(request, client, assertion)
    except InvalidClient as error:
        return error.why
    return None


def _why_refused(request: WireRequest, client: Client | None, presented: PresentedCredentials) -> str | None:
    """Why these credentials are not good, for the log; an unknown client costs the same work as a known one."""
    compared = client or _nobody(request)
    matches = clients.has_secret(compared, presented.secrets, request.now)
    matched_once = matches or clients.has_secret(compared, presented.secrets, _ALWAYS)
    if client is None:
        return _UNKNOWN
    if not client.enabled:
        return "a client that is disabled"
    wrong_kind = _why_of_wrong_kind(client, presented)
    if wrong_kind is not None or matches or presented.assertion is not None or not client.is_confidential:
        return wrong_kind
    if not presented.secrets:
        return "no secret of a client that has one"
    return _EXPIRED if matched_once else "a wrong secret"


def _why_of_wrong_kind(client: Client, presented: PresentedCredentials) -> str | None:
    if not client.is_confidential:
        return "credentials of a client that has none" if presented.secrets or presented.assertion else None
    signs = client.metadata.token_endpoint_auth_method is TokenEndpointAuthMethod.PRIVATE_KEY_JWT
    return None if signs == (presented.assertion is not None) else "other credentials than the client registered"


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
