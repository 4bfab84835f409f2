"""Clients and their secrets."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from server import clients, scopes
from server.administration import Permission
from server.administration import clients as acts
from server.administration import dynamic_clients as dynamic_acts
from server.api.documents import Absent, fill, given
from server.api.problems import InvalidMembers
from server.api.routes import Answer, Call, Route, listed, shown
from server.clients import Client, ClientSource
from server.projections import ClientFilter
from server.protocol.client_metadata import ClientMetadata, parse_client_metadata
from server.protocol.redirect_uris import is_private_use
from server.protocol.scopes import format_scope, parse_scope
from server.tenants import PrivateUseSchemes

from .client_documents import (
    ClientChange,
    ClientDocument,
    ClientItem,
    ClientQuery,
    NewClient,
    NewSecret,
    NewState,
    RegisteredClient,
    SecretItem,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from _typeshed import DataclassInstance

    from server.kernel.json import JsonValue
    from server.tenants import Tenant

# What is Latchkey's to say of a client; everything else the client says of itself.
_STANDING = frozenset({"enabled", "first_party", "require_pkce"})


def show(client: DataclassInstance) -> ClientDocument:
    """The document of a client."""
    if not isinstance(client, Client):
        raise TypeError("not a client")
    said: dict[str, object] = {name: getattr(client.metadata, name) for name in ClientMetadata.__dataclass_fields__}
    secrets = tuple(fill(SecretItem, secret) for secret in client.secrets)
    said |= {"scope": format_scope(client.scope), "secrets": secrets, "jwks": client.metadata.to_json().get("jwks")}
    use = {name: getattr(client.registration, name) for name in ("last_used_at", "kept_until")}
    return fill(ClientDocument, client, **said | use)


async def list_clients(call: Call) -> Answer:
    """The clients of a tenant, the newest first."""
    query = call.query(ClientQuery)
    wanted = ClientFilter(query.search, query.source, query.enabled, query.state, query.client_id)
    page = await acts.page(call.operator, call.tenant, wanted, call.paging)
    return listed(page, lambda line: fill(ClientItem, line))


async def get_client(call: Call) -> Answer:
    """One client."""
    client = await acts.get(call.operator, call.tenant, call.identifier("client"))
    return shown(client, show(client))


async def register_client(call: Call) -> Answer:
    """Register a client. The secret of a confidential one is shown this once."""
    body = call.body(NewClient)
    metadata = _metadata({}, body)
    client_id = body.client_id if isinstance(body.client_id, str) else clients.random_client_id()
    client = clients.new_client(
        call.tenant.id,
        client_id,
        metadata,
        source=ClientSource.ADMIN,
        origin=call.operator.origin,
        scope=metadata.scope,
        now=call.now,
    )
    client = replace(client, **_standing(body))
    await _check(call.tenant, client)
    secret = await acts.register(call.operator, call.tenant, client, call.now)
    made = await acts.get(call.operator, call.tenant, client.id)
    answer = shown(made, RegisteredClient(show(made), secret))
    return replace(answer, location=f"/tenants/{call.tenant.slug}/clients/{client.id}")


async def change_client(call: Call) -> Answer:
    """Change a client. One that becomes public loses its secrets, one that is disabled its grants."""
    body, pk = call.body(ClientChange), call.identifier("client")
    await _check(call.tenant, _edited(await acts.get(call.operator, call.tenant, pk), body))
    client = await acts.change(
        call.operator, call.tenant, pk, lambda before: _edited(before, body), call.now, version=call.version
    )
    return shown(client, show(client))


async def delete_client(call: Call) -> Answer:
    """Remove a client with its secrets; its grants end."""
    pk = call.identifier("client")
    await acts.discard(call.operator, call.tenant, pk, call.now, version=call.version)
    return Answer()


async def set_client_state(call: Call) -> Answer:
    """Quarantine, block, promote or release a client that registered itself. A blocked one loses its grants."""
    body, pk = call.body(NewState), call.identifier("client")
    scope = None if body.scope is None else parse_scope(body.scope)
    client = await dynamic_acts.decide(
        call.operator, call.tenant, pk, body.state, call.now, scope=scope, reason=body.reason
    )
    return shown(client, show(client))


async def add_client_secret(call: Call) -> Answer:
    """Give a client one more secret, so that it can go over to it. Two may live at once."""
    secret = await acts.add_secret(call.operator, call.tenant, call.identifier("client"), call.now)
    return Answer(NewSecret(secret))


async def delete_client_secret(call: Call) -> Answer:
    """Let a secret no longer count."""
    pk, secret_id = call.identifier("client"), call.identifier("secret")
    await acts.remove_secret(call.operator, call.tenant, pk, secret_id, call.now)
    return Answer()


def _edited(client: Client, body: ClientChange) -> Client:
    metadata = _metadata(client.metadata.to_json() | {"scope": format_scope(client.scope)}, body)
    scope = client.scope if isinstance(body.scope, Absent) else metadata.scope
    return replace(clients.with_metadata(client, metadata, scope), **_standing(body))


def _metadata(before: Mapping[str, JsonValue], body: ClientChange) -> ClientMetadata:
    said = {name: value for name, value in given(body).items() if name not in {*_STANDING, "client_id"}}
    document = dict(before) | {name: list(value) if isinstance(value, tuple) else value for name, value in said.items()}
    if "response_types" in document and "grant_types" in said:
        del document["response_types"]  # follows from the grant types
    return parse_client_metadata(document, drop_private_use=False)


def _standing(body: ClientChange) -> dict[str, Any]:  # Any: what `replace` takes
    return {name: value for name, value in given(body).items() if name in _STANDING}


async def _check(tenant: Tenant, client: Client) -> None:
    known = await scopes.list_scopes(tenant.id)
    unknown = [name for name in client.scope if name not in known]
    if unknown:
        raise InvalidMembers(f"scope names what the tenant does not define: {unknown[0][:100]}")
    uris = (*client.metadata.redirect_uris, *client.metadata.post_logout_redirect_uris)
    if tenant.settings.private_use_schemes is PrivateUseSchemes.OFF and any(map(is_private_use, uris)):
        raise InvalidMembers("a redirect URI has a private-use scheme, and private_use_schemes is off")


ALL, ONE = "/tenants/{tenant}/clients", "/tenants/{tenant}/clients/{client}"
MANAGE = Permission.MANAGE_CLIENTS
ROUTES = (
    Route("GET", ALL, "listClients", list_clients, Permission.READ, ClientItem, query=ClientQuery, paged=True),
    Route(
        "POST", ALL, "registerClient", register_client, MANAGE, RegisteredClient, NewClient,
        status=201, refusals=(409,),
    ),
    Route("GET", ONE, "getClient", get_client, Permission.READ, ClientDocument),
    Route(
        "PATCH", ONE, "changeClient", change_client, MANAGE, ClientDocument, ClientChange, shows=show, refusals=(409,)
    ),
    Route("DELETE", ONE, "deleteClient", delete_client, MANAGE, shows=show, refusals=(409,)),
    Route("PUT", f"{ONE}/state", "setClientState", set_client_state, MANAGE, ClientDocument, NewState),
    Route(
        "POST", f"{ONE}/secrets", "addClientSecret", add_client_secret, MANAGE, NewSecret,
        status=201, refusals=(409, 422),
    ),
    Route("DELETE", f"{ONE}/secrets/{{secret}}", "deleteClientSecret", delete_client_secret, MANAGE, refusals=(409,)),
)  # fmt: skip
