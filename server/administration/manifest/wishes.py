"""What a manifest wants a tenant to be: its entries laid over what there is, and held to every rule. Pure."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

from server import clients, resources, roles, scopes, tenants, users
from server.administration.tenants import check_tenant, with_domain
from server.clients import ClientSource
from server.credentials import InvalidPassword, check_password
from server.kernel import ids
from server.protocol.redirect_uris import is_private_use
from server.roles import Group, Role
from server.tenants import Origin, PrivateUseSchemes

from .records import ManifestError
from .state import Person, RegisteredClient

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from collections.abc import Set as AbstractSet

    from _typeshed import DataclassInstance

    from server.clients import Client
    from server.kernel.clock import Instant
    from server.resources import Resource
    from server.scopes import Scope
    from server.tenants import Tenant

    from .records import ClientEntry, Manifest, Place, Placed, UserEntry
    from .state import State

T = TypeVar("T", bound="DataclassInstance")

_REFUSALS = (
    tenants.InvalidTenant,
    scopes.InvalidScope,
    resources.InvalidResource,
    roles.InvalidRole,
    roles.InvalidGroup,
    clients.InvalidClientDefinition,
    users.InvalidUser,
    InvalidPassword,
)


@contextmanager
def _at(place: Place) -> Iterator[None]:
    """What a rule refuses is reported with the place that asked for it."""
    try:
        yield
    except _REFUSALS as error:
        raise ManifestError(place, str(error)) from None


def wished_tenant(manifest: Manifest, state: State, public_url: str, now: Instant) -> Tenant:
    """The tenant itself; what is not written stays."""
    base = state.tenant or tenants.new_tenant(manifest.slug, manifest.slug, public_url, now)
    written = dict(manifest.tenant)
    domain = written.pop("domain", base.domain)
    tenant = replace(
        base,
        settings=_with(base.settings, manifest.settings),
        branding=_with(base.branding, manifest.branding),
    )
    tenant = _with(tenant, written)
    tenant = with_domain(tenant, None if domain is None else str(domain), public_url)
    with _at(manifest.place):
        check_tenant(tenant, public_url)
    return tenant


def wished_scopes(manifest: Manifest, state: State) -> dict[str, Scope] | None:
    """The scopes that are written."""
    if manifest.scopes is None:
        return None
    wished: dict[str, Scope] = {}
    for entry in manifest.scopes:
        with _at(entry.place):
            scopes.check_definition(entry.value)
        known = state.scopes.get(entry.value.name)
        wished[entry.value.name] = replace(entry.value, origin=known.origin) if known else entry.value
    return wished


def wished_resources(
    manifest: Manifest, state: State, tenant: Tenant, scope_names: AbstractSet[str]
) -> dict[str, Resource] | None:
    """The resources that are written; their scopes must be known."""
    if manifest.resources is None:
        return None
    wished: dict[str, Resource] = {}
    for entry in manifest.resources:
        known = state.resources.get(entry.value.identifier)
        resource = replace(entry.value, id=known.id, origin=known.origin) if known else entry.value
        _check_known(entry.place, "scope", resource.scopes, scope_names)
        with _at(entry.place):
            resources.check_definition(resource, (*state.resources.values(), *wished.values()), tenant.issuer)
        wished[resource.identifier] = resource
    return wished


def wished_roles(manifest: Manifest, state: State) -> dict[str, Role] | None:
    """The roles that are written."""
    if manifest.roles is None:
        return None
    wished: dict[str, Role] = {}
    for entry in manifest.roles:
        name, description = entry.value.name, entry.value.description
        role = state.roles.get(name) or Role(ids.uuid7(), name, Origin.MANIFEST)
        wished[name] = role if description is None else replace(role, description=description)
        with _at(entry.place):
            roles.check_definition(wished[name])
    return wished


def wished_groups(manifest: Manifest, state: State, role_names: AbstractSet[str]) -> dict[str, Group] | None:
    """The groups that are written; what they give must be known."""
    if manifest.groups is None:
        return None
    wished: dict[str, Group] = {}
    for entry in manifest.groups:
        wish = entry.value
        group = state.groups.get(wish.name) or Group(ids.uuid7(), wish.name, Origin.MANIFEST)
        if wish.description is not None:
            group = replace(group, description=wish.description)
        if wish.roles is not None:
            group = replace(group, roles=tuple(sorted(set(wish.roles))))
        _check_known(entry.place, "role", group.roles, role_names)
        with _at(entry.place):
            roles.check_group(group)
        wished[wish.name] = group
    return wished


def wished_clients(
    manifest: Manifest, state: State, tenant: Tenant, scope_names: AbstractSet[str], *, set_secrets: bool, now: Instant
) -> dict[str, RegisteredClient] | None:
    """The clients that are written, each with the secret that it is to be given, if any."""
    if manifest.clients is None:
        return None
    wished: dict[str, RegisteredClient] = {}
    for entry in manifest.clients:
        known = state.clients.get(entry.value.client_id)
        client = _wished_client(entry, known.client if known else None, tenant, now)
        _check_known(entry.place, "scope", client.scope, scope_names)
        secret = _secret_to_set(entry, client, set_secrets=set_secrets, now=now)
        wished[client.client_id] = RegisteredClient(client, secret)
    return wished


def wished_people(
    manifest: Manifest,
    state: State,
    tenant: Tenant,
    *,
    role_names: AbstractSet[str],
    group_names: AbstractSet[str],
    now: Instant,
) -> dict[str, Person] | None:
    """The people that are written; a password counts for those who are new."""
    if manifest.users is None:
        return None
    wished: dict[str, Person] = {}
    for entry in manifest.users:
        key = users.identifier_key(entry.value.username)
        if key in wished:
            raise ManifestError(entry.place, "has the same person twice")
        wished[key] = _wished_person(entry, state.people.get(key), tenant, now)
        _check_known(entry.place, "role", wished[key].roles, role_names)
        _check_known(entry.place, "group", wished[key].groups, group_names)
    return wished


def _wished_client(entry: Placed[ClientEntry], known: Client | None, tenant: Tenant, now: Instant) -> Client:
    wish = entry.value
    base = known or clients.new_client(
        tenant.id,
        wish.client_id,
        wish.metadata,
        source=ClientSource.ADMIN,
        origin=Origin.MANIFEST,
        scope=wish.metadata.scope,
        now=now,
    )
    client = replace(
        clients.with_metadata(base, wish.metadata, wish.metadata.scope),
        first_party=wish.first_party,
        require_pkce=wish.require_pkce,
        enabled=wish.enabled,
    )
    with _at(entry.place):
        clients.check_definition(client)
        if wish.secret is not None:
            clients.check_secret_strength(wish.secret)
    uris = (*client.metadata.redirect_uris, *client.metadata.post_logout_redirect_uris)
    if tenant.settings.private_use_schemes is PrivateUseSchemes.OFF and any(map(is_private_use, uris)):
        raise ManifestError(entry.place, "has a private-use scheme, and settings.private_use_schemes is off")
    return client


def _secret_to_set(entry: Placed[ClientEntry], client: Client, *, set_secrets: bool, now: Instant) -> str | None:
    secret, live = entry.value.secret, clients.live_secrets(client, now)
    if secret is None or (live and not set_secrets):
        return None
    is_the_only_one = len(live) == 1 and clients.has_secret(client, (secret,), now)
    return None if is_the_only_one else secret


def _wished_person(entry: Placed[UserEntry], known: Person | None, tenant: Tenant, now: Instant) -> Person:
    wish = entry.value
    base = known.user if known else users.new_user(tenant.id, wish.username, origin=Origin.MANIFEST, now=now)
    user = _with(replace(base, username=wish.username), wish.changes)
    password = None if known else wish.password
    with _at(entry.place):
        users.check_user(user, known.user if known else None)
        if password is not None:
            check_password(password, shortest=tenant.settings.shortest_password)
    held, joined = (known.roles, known.groups) if known else ((), ())
    return Person(
        user,
        held if wish.roles is None else tuple(sorted(wish.roles)),
        joined if wish.groups is None else tuple(sorted(set(wish.groups))),
        password,
    )


def _with(record: T, written: Mapping[str, object]) -> T:
    # Any: what is written was read by the reader of its field.
    members: dict[str, Any] = dict(written)
    return replace(record, **members)


def _check_known(place: Place, noun: str, names: Iterable[str], known: AbstractSet[str]) -> None:
    for name in names:
        if name not in known:
            raise ManifestError(place, f"{noun} {name} is not defined")
