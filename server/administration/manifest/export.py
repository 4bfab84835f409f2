"""The manifest of a tenant, without secrets: what `apply` reads and finds unchanged."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import yaml

from server.kernel.clock import format_duration

from .state import load_state
from .trust import trust_document

if TYPE_CHECKING:
    from server.kernel.json import JsonValue
    from server.resources import Resource
    from server.roles import Group, Role
    from server.scopes import Scope
    from server.tenants import Tenant

    from .state import Person, RegisteredClient, State

_DURATIONS = frozenset({
    "access_token_lifetime", "id_token_lifetime", "refresh_token_lifetime", "refresh_token_max_lifetime",
    "refresh_grace", "session_lifetime", "session_max_lifetime", "unused_client_lifetime", "audit_retention",
    "authorization_record_lifetime", "login_tries_window",
})  # fmt: skip


class UnknownTenant(LookupError):
    """There is no tenant of this name, or it is not one that manifests describe."""


async def export_tenant(slug: str, public_url: str) -> str:
    """A tenant as YAML: everything that an administrator made, nothing that registered itself. Raises UnknownTenant."""
    state = await load_state(slug, public_url)
    if state.tenant is None:
        raise UnknownTenant("no such tenant")
    return yaml.safe_dump(_document(state, state.tenant), sort_keys=False, allow_unicode=True, width=120)


def _document(state: State, tenant: Tenant) -> dict[str, JsonValue]:
    return {
        "tenant": tenant.slug,
        "display_name": tenant.display_name,
        "mode": tenant.mode.value,
        "domain": tenant.domain,
        "settings": _settings(tenant),
        "branding": _branding(tenant),
        "scopes": [_scope(scope) for scope in state.scopes.values()],
        "resources": [_resource(resource) for resource in state.resources.values()],
        "roles": [_role(role) for role in state.roles.values()],
        "groups": [_group(group) for group in state.groups.values()],
        "clients": [_client(registered) for registered in state.clients.values()],
        "users": [_person(person) for person in state.people.values()],
        "trust_policy": trust_document(state.policy, state.verdicts.values()),
    }


def _settings(tenant: Tenant) -> dict[str, JsonValue]:
    values = {name: getattr(tenant.settings, name) for name in tenant.settings.__slots__}
    return {name: format_duration(value) if name in _DURATIONS else _plain(value) for name, value in values.items()}


def _branding(tenant: Tenant) -> dict[str, JsonValue]:
    return {**asdict(tenant.branding), "login_text": dict(tenant.branding.login_text)}


def _scope(scope: Scope) -> dict[str, JsonValue]:
    return {
        "name": scope.name,
        "description": scope.description,
        "optional": scope.optional,
        "sensitive": scope.sensitive,
        "dynamic": scope.dynamic,
    }


def _resource(resource: Resource) -> dict[str, JsonValue]:
    return {
        "identifier": resource.identifier,
        "display_name": resource.display_name,
        "scopes": list(resource.scopes),
        "token_format": resource.token_format.value,
        "introspection_clients": list(resource.introspection_clients),
    }


def _role(role: Role) -> JsonValue:
    return {"name": role.name, "description": role.description} if role.description else role.name


def _group(group: Group) -> dict[str, JsonValue]:
    return {"name": group.name, "description": group.description, "roles": list(group.roles)}


def _client(registered: RegisteredClient) -> dict[str, JsonValue]:
    client = registered.client
    metadata = {name: _plain(value) for name, value in client.metadata.to_json().items()}
    flags: dict[str, JsonValue] = {
        "first_party": client.first_party,
        "require_pkce": client.require_pkce,
        "enabled": client.enabled,
    }
    return {"client_id": client.client_id, **metadata, **flags}


def _plain(value: JsonValue) -> JsonValue:
    # YAML knows no enumerations.
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return str(value) if isinstance(value, str) else value


def _person(person: Person) -> dict[str, JsonValue]:
    user = person.user
    described: dict[str, JsonValue] = {
        "username": user.username,
        "email": user.email,
        "email_verified": user.email_verified,
        "name": user.name,
        "roles": list(person.roles),
        "groups": list(person.groups),
        "claims": dict(user.claims),
        "enabled": user.enabled,
    }
    return {name: value for name, value in described.items() if value not in (None, {})}
