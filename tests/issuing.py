"""A tenant, its clients and its people, made through the doors of their slices; and endpoints called without HTTP."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass, field, replace
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from server import clients, grants, keys, resources, scopes, tenants, users
from server.clients import ClientSource
from server.endpoints.errors import error_response
from server.endpoints.token import token
from server.endpoints.wire import ErrorPage, WireRequest, WireResponse
from server.kernel import ids
from server.kernel.clock import SECOND
from server.kernel.json import load_json
from server.keys import KeyState, rotation_store
from server.keys.generation import generate
from server.keys.records import NewSigningKey
from server.protocol.authorization_request import AuthorizationRequest
from server.protocol.claims import ClaimsRequest
from server.protocol.client_metadata import parse_client_metadata
from server.protocol.errors import OAuthError
from server.resources import Resource, TokenFormat
from server.scopes import Scope
from server.tenants import Origin, TenantSettings
from server.tokens import references

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
    from uuid import UUID

    from server.clients import Client
    from server.grants import Grant
    from server.kernel.clock import Instant
    from server.tenants import Tenant
    from server.users import User

PUBLIC_URL = "http://127.0.0.1:9000"
NOW: Instant = 1_900_000_000 * SECOND

NOTES = "https://notes.acme.test/mcp"
FILES = "https://files.acme.test/"  # opaque tokens
CALLBACK = "https://app.acme.test/callback"
VERIFIER = "a-verifier_of.the~right-length-and-alphabet-0123456789"
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
DEFAULTS = TenantSettings()
ACR = "urn:latchkey:acr:password"


@dataclass(frozen=True)
class SignedIn:
    """How a person proved who they are."""

    id: UUID = field(default_factory=ids.uuid7)
    auth_time: Instant = NOW - 60 * SECOND
    acr: str = ACR
    amr: tuple[str, ...] = ("pwd",)


async def make_tenant(slug: str = "acme", settings: TenantSettings = DEFAULTS) -> Tenant:
    """A stored tenant with keys, two scopes and two resources."""
    tenant = replace(tenants.new_tenant(slug, slug.title(), PUBLIC_URL, NOW), settings=settings)
    await tenants.create(tenant, NOW)
    for algorithm in keys.Algorithm:
        await rotation_store.insert_signing_key(
            tenant.id, _generated(algorithm), KeyState.ACTIVE, activates_at=NOW, now=NOW
        )
    await keys.ensure_keys(tenant.id, NOW)
    for scope in (
        Scope("notes:read", "Read your notes"),
        Scope("notes:write", "Change your notes"),
        Scope("notes:purge", "Delete your notes", sensitive=True, dynamic=False),
        Scope("files:read", "Read your files"),
    ):
        await scopes.create(tenant.id, scope, NOW)
    await resources.create(tenant.id, _resource(NOTES, ("notes:read", "notes:write")), NOW)
    await resources.create(tenant.id, replace(_resource(FILES, ()), token_format=TokenFormat.OPAQUE), NOW)
    return tenant


@cache
def _generated(algorithm: keys.Algorithm) -> NewSigningKey:
    """One key pair for all tests: to make one for RS256 takes longer than most of them."""
    return generate(algorithm)


def _resource(identifier: str, names: tuple[str, ...]) -> Resource:
    return Resource(ids.uuid7(), identifier, identifier, names, introspection_clients=("api",))


async def make_client(
    tenant: Tenant,
    client_id: str = "app",
    *,
    secret: str | None = None,
    source: ClientSource = ClientSource.ADMIN,
    **metadata: object,
) -> Client:
    """A stored client; public unless it is given a secret."""
    document = {
        "redirect_uris": [CALLBACK],
        "grant_types": ["authorization_code", "refresh_token"],
        "token_endpoint_auth_method": "client_secret_basic" if secret else "none",
        "scope": "openid profile email offline_access notes:read notes:write files:read",
        **metadata,
    }
    parsed = parse_client_metadata(document, drop_private_use=False)
    client = clients.new_client(
        tenant.id, client_id, parsed, source=source, origin=Origin.MANIFEST, scope=parsed.scope, now=NOW
    )
    await clients.create(tenant.id, client, now=NOW)
    if secret:
        await clients.add_secret(tenant.id, client.id, now=NOW, secret=secret)
    found = await clients.find(tenant.id, client_id)
    assert found is not None
    return found


async def make_user(tenant: Tenant, username: str = "ada") -> User:
    """A stored person."""
    user = replace(
        users.new_user(tenant.id, username, origin=Origin.MANIFEST, now=NOW),
        email=f"{username}@acme.test",
        email_verified=True,
        name="Ada Lovelace",
        claims={"given_name": "Ada", "locale": "en-GB"},
    )
    await users.create(tenant.id, user)
    return user


async def make_grant(
    tenant: Tenant,
    client: Client,
    user: User,
    *,
    scope: str = "openid profile offline_access notes:read",
    targets: tuple[str, ...] = (),
    code_challenge: str | None = CHALLENGE,
    claims: ClaimsRequest | None = None,
    session: SignedIn | None = None,
    now: Instant = NOW,
) -> Grant:
    """A stored grant whose code was issued now."""
    request = AuthorizationRequest(
        client_id=client.client_id,
        redirect_uri=CALLBACK,
        scope=tuple(scope.split()),
        state="a state",
        code_challenge=code_challenge,
        nonce="a nonce",
        prompt=frozenset(),
        max_age=None,
        login_hint=None,
        ui_locales=(),
        claims=claims or ClaimsRequest(),
        acr_values=(),
        resources=targets,
    )
    grant = grants.new_grant(
        tenant,
        client,
        request,
        user.id,
        session or SignedIn(),
        scope=request.scope,
        now=now,
        grant_id=ids.uuid7(),
    )
    await grants.create(tenant.id, grant)
    return grant


async def code_of(tenant: Tenant, grant: Grant) -> str:
    """The authorization code of a grant."""
    return references.issue(references.Purpose.CODE, tenant.id, await keys.mac_key(tenant.id), grant.id, 0)


async def redeem(
    tenant: Tenant,
    grant: Grant,
    headers: Mapping[str, str] | None = None,
    **changes: str | list[str] | None,
) -> Answer:
    """Redeem the code of a grant of `app`, a second after it was issued; a parameter that is None is left out."""
    form: dict[str, str | list[str] | None] = {
        "grant_type": "authorization_code",
        "client_id": "app",
        "code": await code_of(tenant, grant),
        "code_verifier": VERIFIER,
        **changes,
    }
    given = {name: value for name, value in form.items() if value is not None}
    return await call(token, wire_request(tenant, given, headers=headers, now=NOW + SECOND))


async def refresh_token_of(tenant: Tenant, grant: Grant, generation: int) -> str:
    """The refresh token of one generation of a grant."""
    key = await keys.mac_key(tenant.id)
    return references.issue(references.Purpose.REFRESH, tenant.id, key, grant.id, generation)


def basic(client_id: str, secret: str) -> dict[str, str]:
    """The Authorization field of HTTP Basic."""
    return {"authorization": "Basic " + base64.b64encode(f"{client_id}:{secret}".encode()).decode()}


def bearer(token: str) -> dict[str, str]:
    """The Authorization field of a bearer token."""
    return {"authorization": f"Bearer {token}"}


def wire_request(
    tenant: Tenant,
    form: Mapping[str, str | list[str]] | None = None,
    *,
    headers: Mapping[str, str] | None = None,
    now: Instant = NOW,
    method: str = "POST",
    segment: str = "",
    query: bytes = b"",
    body: bytes | None = None,
    content_type: str = "application/x-www-form-urlencoded",
) -> WireRequest:
    """A request as hosting hands it to an endpoint."""
    return WireRequest(
        method=method,
        tenant=tenant,
        query=query,
        headers={"content-type": content_type, **(headers or {})},
        body=urlencode(form or {}, doseq=True).encode() if body is None else body,
        now=now,
        remote_address="127.0.0.1",
        secure=False,
        segment=segment,
    )


@dataclass(frozen=True)
class Answer:
    """What the wire would have carried."""

    status: int
    headers: Mapping[str, str]
    document: dict[str, object]

    def text(self, name: str) -> str:
        """A member that is a text."""
        value = self.document[name]
        assert isinstance(value, str)
        return value


async def call(endpoint: Callable[[WireRequest], Awaitable[WireResponse | ErrorPage]], request: WireRequest) -> Answer:
    """Call an endpoint as hosting does: a refusal becomes its response."""
    try:
        response = await endpoint(request)
    except OAuthError as error:
        response = error_response(error)
    assert isinstance(response, WireResponse)
    document = load_json(response.body) if response.body else {}
    assert isinstance(document, dict)
    headers = {name.decode(): value.decode() for name, value in response.headers}
    return Answer(response.status, headers, dict(document))
