"""The registration endpoint. RFC 7591 §3, OpenID Connect Dynamic Client Registration §3.

Installations of one program register the same metadata again and again: anonymous public clients that say the same,
save for the ports of their loopback URIs, share one client. Whoever has a secret or came with an initial access token
has a client of its own, and a token to manage it with (RFC 7592).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from server import audit, clients, initial_access_tokens
from server.clients import ClientSource, DynamicRegistration, new_client
from server.kernel import database, digests
from server.kernel.database import AlreadyExists
from server.protocol.challenges import bearer_token
from server.protocol.client_digests import fingerprint
from server.protocol.errors import AccessDenied, InvalidToken
from server.protocol.redirect_uris import origin_of
from server.protocol.vocabulary import TokenEndpointAuthMethod
from server.tenants import Origin, Registration

from .client_information import client_information
from .registration_limits import count_new_client
from .registration_metadata import ANYBODY, read_document, read_wish
from .wire import json_response

if TYPE_CHECKING:
    from server.clients import Client
    from server.initial_access_tokens import InitialAccessToken

    from .registration_metadata import Wish
    from .wire import WireRequest, WireResponse


async def register(request: WireRequest) -> WireResponse:
    """Register a client by its own metadata, or find the one that registered the same; 201 either way (§3.2.1)."""
    token = await _find_initial_access_token(request)
    template = token.template if token else ANYBODY
    wish = await read_wish(request.tenant, read_document(request), template, request.now)
    if token is None and wish.metadata.token_endpoint_auth_method is TokenEndpointAuthMethod.NONE:
        client = await _find_or_create_shared(request, wish)
        # Every installation is told its own redirect URIs, whichever ports the first one had.
        return json_response(client_information(request.tenant, client, wish.metadata), status=201)
    return await _create_own(request, wish, token)


async def _find_initial_access_token(request: WireRequest) -> InitialAccessToken | None:
    """The token that was presented; raises InvalidToken for a bad one, and for none where one is needed."""
    registration = request.tenant.settings.registration
    if registration is Registration.OFF:
        raise AccessDenied("registration is off")
    field = request.headers.get("authorization")
    text = bearer_token([] if field is None else [field], request.query)
    if text is None:
        if registration is Registration.TOKEN:
            raise InvalidToken("registration needs an initial access token")
        return None
    token = await initial_access_tokens.find_by_text(request.tenant.id, text)
    if token is None or not token.is_valid(request.now):
        raise InvalidToken("an initial access token that is unknown, used up, expired or revoked")
    return token


async def _find_or_create_shared(request: WireRequest, wish: Wish) -> Client:
    tenant_id, digest = request.tenant.id, _fingerprint(wish)
    known = await _find_shared(request, digest)
    if known is not None:
        return known
    await count_new_client(request)
    client = _new(request, wish)
    try:
        async with database.transaction():
            await _create(request, client, wish, digest)
    except AlreadyExists:
        # Somebody registered the same at the same moment.
        known = await clients.find_by_fingerprint(tenant_id, digest)
        if known is None:
            raise
        return known
    return client


async def _find_shared(request: WireRequest, digest: str) -> Client | None:
    """The client that registered the same; it then stays as if it had been registered now, give or take a half."""
    known = await clients.find_by_fingerprint(request.tenant.id, digest)
    lifetime = request.tenant.settings.unused_client_lifetime
    if known is None or not await clients.keep(
        request.tenant.id, known, request.now + lifetime // 2, wanted=request.now + lifetime
    ):
        return None
    return known


def _fingerprint(wish: Wish) -> str:
    """Equal for equal metadata that the same statement stands behind."""
    digest = fingerprint(wish.metadata)
    return digest if wish.software_statement is None else digests.sha256(digest + wish.software_statement).hex()


async def _create_own(request: WireRequest, wish: Wish, token: InitialAccessToken | None) -> WireResponse:
    await count_new_client(request)
    registration_token, digest = clients.new_registration_token()
    client = _new(request, wish, token, access_token_digest=digest)
    secret = None
    async with database.transaction():
        if token is not None and not await initial_access_tokens.spend(request.tenant.id, token.id, request.now):
            raise InvalidToken("others used up the initial access token at this moment")
        await _create(request, client, wish, None)
        if client.has_secret_method:
            secret = await clients.add_secret(request.tenant.id, client.id, now=request.now)
    information = client_information(
        request.tenant, client, wish.metadata, secret=secret, registration_token=registration_token
    )
    return json_response(information, status=201)


def _new(
    request: WireRequest,
    wish: Wish,
    token: InitialAccessToken | None = None,
    *,
    access_token_digest: str | None = None,
) -> Client:
    client = new_client(
        request.tenant.id,
        clients.random_client_id(),
        wish.metadata,
        source=ClientSource.DYNAMIC,
        origin=Origin.REGISTRATION,
        scope=wish.metadata.scope,
        now=request.now,
    )
    registration = DynamicRegistration(
        access_token_digest=access_token_digest,
        initial_access_token_id=token.id if token else None,
        ceiling=token.template.scope if token else None,
        software_statement=wish.software_statement,
        kept_until=request.now + request.tenant.settings.unused_client_lifetime,
    )
    return replace(client, registration=registration)


async def _create(request: WireRequest, client: Client, wish: Wish, digest: str | None) -> None:
    await clients.create(request.tenant.id, client, fingerprint=digest, now=request.now)
    event = audit.ClientRegistered(
        client_pk=client.id,
        client_name=client.metadata.client_name,
        redirect_origins=tuple(dict.fromkeys(map(origin_of, client.metadata.redirect_uris))),
        token_endpoint_auth_method=client.metadata.token_endpoint_auth_method,
        initial_access_token_id=client.registration.initial_access_token_id,
        software_statement_issuer=wish.statement_issuer,
    )
    await audit.record(event, tenant_id=request.tenant.id, now=request.now)
