"""What an installation comes with: the system tenant, its API, and Latchkey's own clients.

Made by `migrate`, and made again to measure whenever the public URL changed.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from server import clients, resources, scopes, tenants
from server.clients import ClientSource
from server.kernel import database, ids
from server.kernel.clock import MINUTE
from server.protocol.client_metadata import ClientMetadata
from server.protocol.vocabulary import (
    ApplicationType,
    GrantType,
    ResponseType,
    SigningAlgorithm,
    TokenEndpointAuthMethod,
)
from server.resources import Resource
from server.scopes import Scope
from server.tenants import SYSTEM_SLUG, Origin, Registration, Tenant, TenantSettings

from . import clients as client_acts
from . import resources as resource_acts
from . import scopes as scope_acts
from . import tenants as tenant_acts
from .authorise import Operator

if TYPE_CHECKING:
    from server.clients import Client
    from server.kernel.clock import Instant

CONSOLE = "console"
COMMAND_LINE = "cli"
# Alone it means everything that the administrator may; `admin:<slug>` limits it to one tenant.
ADMIN_SCOPE = "admin"
# The same without the right to change anything. No slug has a dot: this is no tenant.
ADMIN_READ_SCOPE = "admin.read"
ADMIN_SCOPES = {
    ADMIN_SCOPE: "Administer Latchkey with your rights",
    ADMIN_READ_SCOPE: "Read what you administer in Latchkey",
}
TOKEN_LIFETIME = 15 * MINUTE

_SETTINGS = TenantSettings(
    access_token_lifetime=TOKEN_LIFETIME, registration=Registration.OFF, client_id_metadata_documents=False
)


class NotMigrated(Exception):
    """The system tenant is not there: `latchkey migrate` makes it."""


def api_of(public_url: str) -> str:
    """The identifier of the administration API, a resource of the system tenant."""
    return f"{public_url}/api/v1"


def console_of(public_url: str) -> str:
    """Where administrators sign in."""
    return f"{public_url}/admin"


async def get_system_tenant(public_url: str) -> Tenant:
    """The tenant that administrators are people of; raises NotMigrated."""
    tenant = await tenants.find_by_slug(SYSTEM_SLUG, public_url)
    if tenant is None:
        raise NotMigrated("the database has no system tenant: run latchkey migrate")
    return tenant


async def ensure_system_tenant(public_url: str, now: Instant) -> None:
    """Make what is missing of the system tenant, and mend what differs; idempotent."""
    try:
        await _ensure(public_url, now)
    except database.AlreadyExists:
        # Another process did the same at the same time, and has finished.
        await _ensure(public_url, now)


async def _ensure(public_url: str, now: Instant) -> None:
    operator = Operator.latchkey()
    async with database.transaction():
        tenant = await tenants.find_by_slug(SYSTEM_SLUG, public_url)
        if tenant is None:
            tenant = replace(tenants.new_tenant(SYSTEM_SLUG, "Latchkey", public_url, now), settings=_SETTINGS)
            await tenant_acts.create(operator, tenant, now)
        elif tenant.settings != (wanted := replace(_SETTINGS, rate_limits=tenant.settings.rate_limits)):
            await tenant_acts.update(operator, tenant, replace(tenant, settings=wanted), now)
        await _ensure_scopes(operator, tenant, now)
        await _ensure_api(operator, tenant, api_of(public_url), now)
        for client in _built_in_clients(tenant, public_url, now):
            await _ensure_client(operator, tenant, client, now)


async def _ensure_scopes(operator: Operator, tenant: Tenant, now: Instant) -> None:
    known = await scopes.list_scopes(tenant.id)
    for name, description in ADMIN_SCOPES.items():
        if name not in known:
            scope = Scope(name, description, dynamic=False, origin=Origin.BUILT_IN)
            await scope_acts.create(operator, tenant, scope, now)


async def _ensure_api(operator: Operator, tenant: Tenant, identifier: str, now: Instant) -> None:
    wanted = Resource(
        ids.uuid7(), identifier, "Latchkey administration API", tuple(ADMIN_SCOPES), origin=Origin.BUILT_IN
    )
    listed = await resources.list_resources(tenant.id)
    known = next((resource for resource in listed if resource.identifier == identifier), None)
    for resource in listed:
        if resource.origin is Origin.BUILT_IN and resource is not known:
            await resource_acts.remove(operator, tenant, resource, now)
    if known is None:
        await resource_acts.create(operator, tenant, wanted, now)
    elif known.scopes != wanted.scopes:
        await resource_acts.update(operator, tenant, known, replace(known, scopes=wanted.scopes), now)


async def _ensure_client(operator: Operator, tenant: Tenant, wanted: Client, now: Instant) -> None:
    known = await clients.find(tenant.id, wanted.client_id)
    if known is None:
        await client_acts.create(operator, tenant, wanted, now)
    elif known.metadata != wanted.metadata or known.scope != wanted.scope:
        after = clients.with_metadata(known, wanted.metadata, wanted.scope)
        await client_acts.update(operator, tenant, known, after, now)


def _built_in_clients(tenant: Tenant, public_url: str, now: Instant) -> tuple[Client, ...]:
    console = ClientMetadata(
        redirect_uris=(f"{console_of(public_url)}/callback",),
        token_endpoint_auth_method=TokenEndpointAuthMethod.NONE,
        grant_types=(GrantType.AUTHORIZATION_CODE, GrantType.REFRESH_TOKEN),
        response_types=(ResponseType.CODE,),
        application_type=ApplicationType.WEB,
        client_name="Latchkey console",
        post_logout_redirect_uris=(console_of(public_url),),
        id_token_signed_response_alg=SigningAlgorithm.ES256,
    )
    # No grant type: its tokens are made by whoever can run the program, never by a request.
    command_line = replace(
        console,
        redirect_uris=(),
        grant_types=(),
        response_types=(),
        application_type=ApplicationType.NATIVE,
        client_name="Latchkey command line",
        post_logout_redirect_uris=(),
    )
    return (
        _built_in(tenant, CONSOLE, console, ("openid", "profile", "email", ADMIN_SCOPE), now),
        _built_in(tenant, COMMAND_LINE, command_line, (ADMIN_SCOPE,), now),
    )


def _built_in(tenant: Tenant, client_id: str, metadata: ClientMetadata, scope: tuple[str, ...], now: Instant) -> Client:
    client = clients.new_client(
        tenant.id, client_id, metadata, source=ClientSource.ADMIN, origin=Origin.BUILT_IN, scope=scope, now=now
    )
    return replace(client, first_party=True)
