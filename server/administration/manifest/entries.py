"""The entries of a manifest's lists: scopes, resources, roles, groups, clients and people.

Scopes, resources and clients are described completely: what is not written has its default. Of people only what is
written counts, since they change some of it themselves.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.kernel import ids
from server.protocol.client_metadata import MEMBERS, parse_client_metadata
from server.protocol.errors import OAuthError
from server.protocol.redirect_uris import check_redirect_uri
from server.protocol.vocabulary import GrantType, ResponseType, TokenEndpointAuthMethod
from server.resources import Resource, TokenFormat
from server.scopes import Scope
from server.tenants import Origin

from .document import Member
from .records import ClientEntry, GroupEntry, ManifestError, RoleEntry, UserEntry

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from server.kernel.json import JsonValue
    from server.protocol.client_metadata import ClientMetadata

    from .document import Section

    Readers = Mapping[str, Callable[[Member], object]]


_SCOPE = frozenset({"name", "description", "optional", "sensitive", "dynamic"})
_RESOURCE = frozenset({"identifier", "display_name", "scopes", "token_format", "introspection_clients"})
_CLIENT_FLAGS = frozenset({"first_party", "require_pkce", "enabled"})
_CLIENT = MEMBERS | _CLIENT_FLAGS | {"client_id", "client_secret"}


def read_scope(member: Member) -> Scope:
    """A scope. One that is sensitive is not for dynamic clients, unless it says so."""
    section = member.section(_SCOPE)
    sensitive = _flag(section, "sensitive", default=False)
    description = section.get("description")
    return Scope(
        name=section.require("name").text(),
        description=(description.optional_text() if description else None) or "",
        optional=_flag(section, "optional", default=False),
        sensitive=sensitive,
        dynamic=_flag(section, "dynamic", default=not sensitive),
        origin=Origin.MANIFEST,
    )


def read_resource(member: Member) -> Resource:
    """A resource; it is called by its identifier unless it has a name."""
    section = member.section(_RESOURCE)
    identifier = section.require("identifier").text()
    name, token_format = section.get("display_name"), section.get("token_format")
    return Resource(
        id=ids.uuid7(),
        identifier=identifier,
        display_name=name.text() if name else identifier,
        scopes=_texts(section, "scopes"),
        token_format=token_format.choice(TokenFormat) if token_format else TokenFormat.JWT,
        introspection_clients=_texts(section, "introspection_clients"),
        origin=Origin.MANIFEST,
    )


def read_role(member: Member) -> RoleEntry:
    """A role: its name alone, or with what it is for."""
    if not isinstance(member.plain(), dict):
        return RoleEntry(member.text())
    section = member.section(frozenset({"name", "description"}))
    description = section.get("description")
    return RoleEntry(section.require("name").text(), description.text() if description else None)


def read_group(member: Member) -> GroupEntry:
    """A group: its name alone, or with what it is for and the roles that it gives."""
    if not isinstance(member.plain(), dict):
        return GroupEntry(member.text())
    section = member.section(frozenset({"name", "description", "roles"}))
    description, roles = section.get("description"), section.get("roles")
    return GroupEntry(
        name=section.require("name").text(),
        description=description.text() if description else None,
        roles=roles.texts() if roles else None,
    )


def read_client(member: Member) -> ClientEntry:
    """A client that an administrator answers for."""
    section = member.section(_CLIENT)
    client_id, secret = section.require("client_id").text(), section.get("client_secret")
    metadata = _read_metadata(section, has_secret=secret is not None)
    method = metadata.token_endpoint_auth_method
    if secret is not None and method in {TokenEndpointAuthMethod.NONE, TokenEndpointAuthMethod.PRIVATE_KEY_JWT}:
        raise ManifestError(secret.place, f"is of no use to a client whose token_endpoint_auth_method is {method}")
    return ClientEntry(
        client_id=client_id,
        metadata=metadata,
        first_party=_flag(section, "first_party", default=False),
        require_pkce=_flag(section, "require_pkce", default=True),
        enabled=_flag(section, "enabled", default=True),
        secret=secret.text() if secret else None,
    )


def read_user(member: Member) -> UserEntry:
    """A person."""
    section = member.section(_PERSON.keys() | {"username", "password", "roles", "groups"})
    password, roles, groups = section.get("password"), section.get("roles"), section.get("groups")
    return UserEntry(
        username=section.require("username").text(),
        changes=read_written(section, _PERSON),
        password=password.text() if password else None,
        roles=roles.texts() if roles else None,
        groups=groups.texts() if groups else None,
    )


def read_written(section: Section, readers: Readers) -> dict[str, object]:
    """Those members that are written, each by its reader."""
    return {name: read(member) for name, read in readers.items() if (member := section.get(name)) is not None}


def _read_metadata(section: Section, *, has_secret: bool) -> ClientMetadata:
    for name in ("redirect_uris", "post_logout_redirect_uris"):
        for item in _items(section, name):
            _check_redirect_uri(item)
    for item in _items(section, "grant_types"):
        item.choice(GrantType)
    for item in _items(section, "response_types"):
        item.choice(ResponseType)
    document = {name: member.plain() for name, member in section.members.items() if name in MEMBERS}
    if has_secret:
        document.setdefault("token_endpoint_auth_method", TokenEndpointAuthMethod.CLIENT_SECRET_BASIC.value)
    try:
        return parse_client_metadata(document, drop_private_use=False)
    except OAuthError as error:
        raise ManifestError(section.place, error.why) from None


def _check_redirect_uri(item: Member) -> None:
    try:
        check_redirect_uri(item.text())
    except OAuthError as error:
        raise ManifestError(item.place, error.why) from None


def _read_claims(member: Member) -> JsonValue:
    claims = member.plain()
    if not isinstance(claims, dict):
        raise ManifestError(member.place, "must be a mapping of claims to values")
    return claims


def _items(section: Section, name: str) -> tuple[Member, ...]:
    member = section.get(name)
    return member.items() if member else ()


def _texts(section: Section, name: str) -> tuple[str, ...]:
    member = section.get(name)
    return member.texts() if member else ()


def _flag(section: Section, name: str, *, default: bool) -> bool:
    member = section.get(name)
    return member.flag() if member else default


_PERSON: Readers = {
    "email": Member.optional_text,
    "email_verified": Member.flag,
    "name": Member.optional_text,
    "claims": _read_claims,
    "enabled": Member.flag,
}
