"""The registration endpoint. RFC 7591 §3, OpenID Connect Dynamic Client Registration §3.

Installations of one program register the same metadata again and again: anonymous public clients that say the same,
save for the ports of their loopback URIs, share one client.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from server import audit, clients, scopes
from server.clients import ClientSource, new_client
from server.kernel import database
from server.kernel.clock import HOUR, SECOND, to_seconds
from server.kernel.database import AlreadyExists
from server.protocol.client_metadata import fingerprint, parse_client_metadata
from server.protocol.errors import (
    AccessDenied,
    InvalidClientMetadata,
    InvalidRequest,
    InvalidToken,
    TooManyRequests,
)
from server.protocol.json_documents import parse_object
from server.protocol.redirect_uris import origin_of
from server.protocol.vocabulary import GrantType, TokenEndpointAuthMethod
from server.tenants import Origin, PrivateUseSchemes, Registration

from .wire import json_response

if TYPE_CHECKING:
    from server.clients import Client
    from server.protocol.client_metadata import ClientMetadata

    from .wire import WireRequest, WireResponse

_JSON = "application/json"
# When a full tenant may be asked again: nobody knows, but every second is too often.
RETRY_AFTER = HOUR // SECOND


async def register(request: WireRequest) -> WireResponse:
    """Register a client by its own metadata, or find the one that registered the same; 201 either way (§3.2.1)."""
    _check_open(request)
    metadata = await _read_metadata(request)
    if metadata.token_endpoint_auth_method is TokenEndpointAuthMethod.NONE:
        client = await _find_or_create_public(request, metadata)
        # Every installation is told its own redirect URIs, whichever ports the first one had.
        return json_response(_document(client, metadata), status=201)
    client, secret = await _create_confidential(request, metadata)
    return json_response(
        _document(client, metadata) | {"client_secret": secret, "client_secret_expires_at": 0}, status=201
    )


def _check_open(request: WireRequest) -> None:
    registration = request.tenant.settings.registration
    if registration is Registration.OFF:
        raise AccessDenied("registration is off")
    if registration is Registration.TOKEN:
        raise InvalidToken("registration needs an initial access token, and none is known")


async def _read_metadata(request: WireRequest) -> ClientMetadata:
    """The complete metadata that is registered: without scopes and redirect URIs that this tenant does not allow."""
    if (request.headers.get("content-type") or "").partition(";")[0].strip().lower() != _JSON:
        raise InvalidRequest("registration is JSON")
    drop_private_use = request.tenant.settings.private_use_schemes is not PrivateUseSchemes.ALL
    metadata = parse_client_metadata(parse_object(request.body), drop_private_use=drop_private_use)
    known = await scopes.list_scopes(request.tenant.id)
    allowed = tuple(name for name in metadata.scope if name in known and known[name].dynamic)
    return replace(metadata, scope=allowed, grant_types=_grant_types(metadata))


def _grant_types(metadata: ClientMetadata) -> tuple[GrantType, ...]:
    """Only grants that a person has to allow: a stranger who registers here is nobody that a token could be about."""
    if GrantType.AUTHORIZATION_CODE not in metadata.grant_types:
        raise InvalidClientMetadata("no grant type that a client may register for by itself")
    return tuple(name for name in metadata.grant_types if name is not GrantType.CLIENT_CREDENTIALS)


async def _find_or_create_public(request: WireRequest, metadata: ClientMetadata) -> Client:
    tenant_id, digest = request.tenant.id, fingerprint(metadata)
    known = await clients.find_by_fingerprint(tenant_id, digest)
    if known is not None:
        return known
    await _check_quota(request)
    client = _new(request, metadata)
    try:
        async with database.transaction():
            await _create(request, client, digest)
    except AlreadyExists:
        # Somebody registered the same at the same moment.
        known = await clients.find_by_fingerprint(tenant_id, digest)
        if known is None:
            raise
        return known
    return client


async def _create_confidential(request: WireRequest, metadata: ClientMetadata) -> tuple[Client, str]:
    await _check_quota(request)
    client = _new(request, metadata)
    async with database.transaction():
        await _create(request, client, None)
        secret = await clients.add_secret(request.tenant.id, client.id, now=request.now)
    return client, secret


async def _check_quota(request: WireRequest) -> None:
    most = request.tenant.settings.max_dynamic_clients
    if request.limited and await clients.count_dynamic(request.tenant.id) >= most:
        raise TooManyRequests("the tenant has as many dynamic clients as it may", RETRY_AFTER)


def _new(request: WireRequest, metadata: ClientMetadata) -> Client:
    return new_client(
        request.tenant.id,
        clients.random_client_id(),
        metadata,
        source=ClientSource.DYNAMIC,
        origin=Origin.REGISTRATION,
        scope=metadata.scope,
        now=request.now,
    )


async def _create(request: WireRequest, client: Client, digest: str | None) -> None:
    await clients.create(request.tenant.id, client, fingerprint=digest, now=request.now)
    event = audit.ClientRegistered(
        client_pk=client.id,
        client_name=client.metadata.client_name,
        redirect_origins=tuple(dict.fromkeys(map(origin_of, client.metadata.redirect_uris))),
        token_endpoint_auth_method=client.metadata.token_endpoint_auth_method,
    )
    await audit.record(event, tenant_id=request.tenant.id, now=request.now)


def _document(client: Client, metadata: ClientMetadata) -> dict[str, object]:
    """Everything that is registered, `token_endpoint_auth_method` always among it (§3.2.1)."""
    issued_at = to_seconds(client.created_at)
    return {"client_id": client.client_id, "client_id_issued_at": issued_at, **metadata.to_json()}
