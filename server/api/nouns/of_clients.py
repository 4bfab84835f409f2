"""Clients and their secrets. Members use the names of RFC 7591."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

from server import clients, scopes
from server.administration import Permission
from server.administration import clients as acts
from server.api.documents import ABSENT, Absent, Name, Time, document, fill, given
from server.api.problems import InvalidMembers
from server.api.routes import Answer, Call, Route, listed, shown
from server.api.shapes import Text
from server.clients import Client, ClientSource
from server.projections import ClientFilter
from server.protocol.client_metadata import ClientMetadata, parse_client_metadata
from server.protocol.redirect_uris import is_private_use
from server.protocol.scopes import format_scope
from server.protocol.vocabulary import (
    ApplicationType,
    GrantType,
    ResponseType,
    SigningAlgorithm,
    SubjectType,
    TokenEndpointAuthMethod,
)
from server.tenants import Origin, PrivateUseSchemes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from _typeshed import DataclassInstance

    from server.kernel.json import JsonValue
    from server.tenants import Tenant

ClientId = Annotated[str, Text(1, 500, "notes-cli")]
Uri = Annotated[str, Text(1, 2000, "https://app.acme.test/callback")]
ScopeText = Annotated[str, Text(0, 2000, "openid profile")]


@document
@dataclass(frozen=True, slots=True)
class ClientItem:
    """A client in a list."""

    id: UUID
    client_id: ClientId
    client_name: Name | None
    source: ClientSource
    origin: Origin
    enabled: bool
    first_party: bool
    application_type: ApplicationType
    token_endpoint_auth_method: TokenEndpointAuthMethod
    created_at: Time
    last_granted_at: Time | None


@document
@dataclass(frozen=True, slots=True)
class SecretItem:
    """A secret of a client; its text is known to the client alone."""

    id: UUID
    created_at: Time
    expires_at: Time | None


@document
@dataclass(frozen=True, slots=True)
class ClientDocument:
    """A client."""

    id: UUID
    client_id: ClientId
    source: ClientSource
    origin: Origin
    enabled: bool
    first_party: bool
    require_pkce: bool
    scope: ScopeText
    created_at: Time
    secrets: tuple[SecretItem, ...]
    redirect_uris: tuple[Uri, ...]
    post_logout_redirect_uris: tuple[Uri, ...]
    token_endpoint_auth_method: TokenEndpointAuthMethod
    grant_types: tuple[GrantType, ...]
    response_types: tuple[ResponseType, ...]
    application_type: ApplicationType
    client_name: Name | None
    client_uri: Uri | None
    logo_uri: Uri | None
    tos_uri: Uri | None
    policy_uri: Uri | None
    contacts: tuple[Uri, ...]
    software_id: Name | None
    software_version: Name | None
    id_token_signed_response_alg: SigningAlgorithm
    subject_type: SubjectType
    require_auth_time: bool
    default_max_age: int | None
    default_acr_values: tuple[Uri, ...]


@document
@dataclass(frozen=True, slots=True)
class ClientChange:
    """What changes of a client; what is left out stays. A client that is disabled loses its grants."""

    enabled: bool | Absent = ABSENT
    first_party: bool | Absent = ABSENT
    require_pkce: bool | Absent = ABSENT
    scope: ScopeText | Absent = ABSENT
    redirect_uris: tuple[Uri, ...] | Absent = ABSENT
    post_logout_redirect_uris: tuple[Uri, ...] | Absent = ABSENT
    token_endpoint_auth_method: TokenEndpointAuthMethod | Absent = ABSENT
    grant_types: tuple[GrantType, ...] | Absent = ABSENT
    application_type: ApplicationType | Absent = ABSENT
    client_name: Name | Absent | None = ABSENT
    client_uri: Uri | Absent | None = ABSENT
    logo_uri: Uri | Absent | None = ABSENT
    tos_uri: Uri | Absent | None = ABSENT
    policy_uri: Uri | Absent | None = ABSENT
    contacts: tuple[Uri, ...] | Absent = ABSENT
    software_id: Name | Absent | None = ABSENT
    software_version: Name | Absent | None = ABSENT
    id_token_signed_response_alg: SigningAlgorithm | Absent = ABSENT
    require_auth_time: bool | Absent = ABSENT
    default_max_age: int | Absent | None = ABSENT
    default_acr_values: tuple[Uri, ...] | Absent = ABSENT


@document
@dataclass(frozen=True, slots=True)
class NewClient(ClientChange):
    """A client to be registered; without a client_id it is given a random one."""

    client_id: ClientId | Absent = ABSENT


@document
@dataclass(frozen=True, slots=True)
class RegisteredClient:
    """A client that was just registered, with the only copy of its secret."""

    client: ClientDocument
    client_secret: Annotated[str, Text(1, 512)] | None


@document
@dataclass(frozen=True, slots=True)
class NewSecret:
    """A secret that was just made: the only copy of its text."""

    client_secret: Annotated[str, Text(1, 512)]


@document
@dataclass(frozen=True, slots=True)
class ClientQuery:
    """Which clients."""

    search: Annotated[str, Text(1, 200)] | None = None
    source: ClientSource | None = None
    enabled: bool | None = None
    client_id: ClientId | None = None


# What is Latchkey's to say of a client; everything else the client says of itself.
_STANDING = frozenset({"enabled", "first_party", "require_pkce"})


def show(client: DataclassInstance) -> ClientDocument:
    """The document of a client."""
    if not isinstance(client, Client):
        raise TypeError("not a client")
    said = {name: getattr(client.metadata, name) for name in ClientMetadata.__dataclass_fields__}
    secrets = tuple(fill(SecretItem, secret) for secret in client.secrets)
    return fill(ClientDocument, client, **said | {"scope": format_scope(client.scope), "secrets": secrets})


async def list_clients(call: Call) -> Answer:
    """The clients of a tenant, the newest first."""
    query = call.query(ClientQuery)
    wanted = ClientFilter(query.search, query.source, query.enabled, query.client_id)
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
    Route(
        "POST", f"{ONE}/secrets", "addClientSecret", add_client_secret, MANAGE, NewSecret,
        status=201, refusals=(409, 422),
    ),
    Route("DELETE", f"{ONE}/secrets/{{secret}}", "deleteClientSecret", delete_client_secret, MANAGE, refusals=(409,)),
)  # fmt: skip
