"""The client configuration endpoint: a client reads, replaces or removes its own registration. RFC 7592.

The registration access token is kept when it is used, as §5 allows: were it replaced, a client that missed one answer
would have lost its registration. Its digest is stored; an answer repeats the text that the request presented.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from server import audit, clients, grants, initial_access_tokens, trust
from server.clients import ClientState
from server.kernel import database
from server.protocol.challenges import bearer_challenge, bearer_token
from server.protocol.client_metadata import MEMBERS
from server.protocol.errors import AccessDenied, InvalidClientMetadata, InvalidToken
from server.protocol.redirect_uris import origin_of

from .client_information import client_information
from .registration_limits import forget_count
from .registration_metadata import ANYBODY, read_document, read_wish
from .wire import NO_STORE, WireResponse, empty_response, json_response

if TYPE_CHECKING:
    from collections.abc import Mapping

    from server.clients import Client
    from server.initial_access_tokens import Template
    from server.protocol.json_documents import JsonValue

    from .wire import WireRequest


async def configure(request: WireRequest) -> WireResponse:
    """Tell (GET), replace (PUT) or remove (DELETE) the registration whose access token is presented."""
    field = request.headers.get("authorization")
    text = bearer_token([] if field is None else [field], request.query)
    if text is None:
        return WireResponse(401, (*NO_STORE, (b"www-authenticate", bearer_challenge().encode("ascii"))))
    client = await _get_client(request, text)
    if request.method == "DELETE":
        await _remove(request, client)
        return empty_response(204)
    secret = None
    if request.method == "PUT":
        client, secret = await _replace(request, client)
    return json_response(
        client_information(request.tenant, client, client.metadata, secret=secret, registration_token=text)
    )


async def _get_client(request: WireRequest, text: str) -> Client:
    """The client of the path; a client that is gone and a token of another one look the same (§2.1)."""
    client = await clients.find(request.tenant.id, request.segment)
    if client is None or not clients.has_registration_token(client, text):
        raise InvalidToken("a registration access token of no client, or of another one")
    if not client.enabled:
        raise AccessDenied("a client that an administrator stopped")
    return client


async def _replace(request: WireRequest, before: Client) -> tuple[Client, str | None]:
    """Replace all metadata: what is left out is removed (§2.2). The client as it is now, and a secret if it needs one.

    An administrator promoted what they saw, and nothing else: a promotion ends.
    """
    document = read_document(request)
    _check_identity(document, before, request)
    tenant_id, now = request.tenant.id, request.now
    wish = await read_wish(request.tenant, document, await _template(before), now)
    after = clients.with_metadata(before, wish.metadata, wish.metadata.scope)
    after = replace(after, registration=replace(after.registration, software_statement=wish.software_statement))
    secret = None
    async with database.transaction():
        await clients.update(tenant_id, before, after, now)
        if before.state is ClientState.PROMOTED and before.metadata != after.metadata:
            kept_until = now + request.tenant.settings.unused_client_lifetime
            await clients.set_state(tenant_id, after, ClientState.ACTIVE, kept_until=kept_until, now=now)
        if not after.has_secret_method:
            await clients.remove_secrets(tenant_id, before.id)
        elif not clients.live_secrets(before, now):
            secret = await clients.add_secret(tenant_id, before.id, now=now)
        await audit.record(_event(before, after), tenant_id=tenant_id, now=now)
    return after, secret


def _check_identity(document: Mapping[str, JsonValue], client: Client, request: WireRequest) -> None:
    """Raise InvalidClientMetadata unless the request speaks of this client and of no secret but its own (§2.2)."""
    if document.get("client_id") != client.client_id:
        raise InvalidClientMetadata("client_id is missing, or another client's")
    secret = document.get("client_secret")
    if secret is not None and not (isinstance(secret, str) and clients.has_secret(client, (secret,), request.now)):
        raise InvalidClientMetadata("client_secret is not one of the client's")


async def _template(client: Client) -> Template:
    """What the client may register: the token that it came with may have ended, its template goes on."""
    token_id = client.registration.initial_access_token_id
    token = await initial_access_tokens.find(client.tenant_id, token_id) if token_id else None
    return token.template if token else ANYBODY


async def _remove(request: WireRequest, client: Client) -> None:
    """Remove the client, its secrets and its grants, with everything issued from them (§2.3)."""
    tenant_id = request.tenant.id
    async with database.transaction():
        await grants.revoke_for_client(tenant_id, client.id, request.now)
        await grants.forget_for_client(tenant_id, client.id)
        await trust.forget_clients(tenant_id, {client.id})
        await clients.delete(tenant_id, client.id)
        event = audit.ClientDeregistered(client.id, client.client_id)
        await audit.record(event, tenant_id=tenant_id, now=request.now)
    await forget_count(request.tenant)


def _event(before: Client, after: Client) -> audit.ClientMetadataReplaced:
    return audit.ClientMetadataReplaced(
        client_pk=before.id,
        client_id=before.client_id,
        changes=tuple(
            sorted(name for name in MEMBERS if getattr(before.metadata, name) != getattr(after.metadata, name))
        ),
        redirect_origins=tuple(dict.fromkeys(map(origin_of, after.metadata.redirect_uris))),
    )
