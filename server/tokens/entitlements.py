"""What an access token is good for: its audience, its scope and its format. RFC 8707 §2.2, RFC 9068 §3."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server import resources, scopes
from server.protocol.errors import InvalidTarget
from server.protocol.resource_indicators import find_resource
from server.protocol.scopes import AFFILIATION_SCOPES
from server.resources import TokenFormat

from .records import Entitlement

if TYPE_CHECKING:
    from collections.abc import Mapping

    from server.grants import Grant
    from server.resources import Resource
    from server.scopes import Scope
    from server.tenants import Tenant


async def entitle_grant(
    tenant: Tenant, grant: Grant, scope: tuple[str, ...], presented: tuple[str, ...]
) -> Entitlement:
    """What a token from this grant is good for: those of its resources that the request names, or all of them.

    Raises InvalidTarget for a resource that the grant does not have, and when none of its resources exists any more.
    """
    wanted = granted_resources(grant.resources, presented)
    listed = {resource.identifier: resource for resource in await resources.list_resources(tenant.id)}
    targets = tuple(listed[identifier] for identifier in wanted if identifier in listed)
    if wanted and not targets:
        raise InvalidTarget("no resource of the grant exists any more")
    return entitlement(tenant.issuer, scope, targets, await scopes.list_scopes(tenant.id))


def granted_resources(granted: tuple[str, ...], presented: tuple[str, ...]) -> tuple[str, ...]:
    """The granted identifiers that a request names, in its order; all when it names none. Raises InvalidTarget."""
    if not presented:
        return granted
    found = [find_resource(granted, uri) for uri in presented]
    if None in found:
        raise InvalidTarget("a resource that was not granted")
    return tuple(dict.fromkeys(identifier for identifier in found if identifier is not None))


def entitlement(
    issuer: str, scope: tuple[str, ...], targets: tuple[Resource, ...], known: Mapping[str, Scope]
) -> Entitlement:
    """A token for these resources carries the scope that belongs to them; without any it is for the issuer itself."""
    if not targets:
        return Entitlement((issuer,), scope, TokenFormat.JWT)
    return Entitlement(
        audience=tuple(target.identifier for target in targets),
        scope=tuple(name for name in scope if any(is_scope_of(name, target, known) for target in targets)),
        token_format=_common_format(targets),
    )


def is_scope_of(name: str, resource: Resource, known: Mapping[str, Scope]) -> bool:
    """Whether a scope means something at a resource; one that lists no scopes takes all that are not about identity.

    What somebody is here it takes, too: APIs decide by roles and groups (RFC 9068 §2.2.3.1).
    """
    if resource.scopes:
        return name in resource.scopes
    return name in known and (name in AFFILIATION_SCOPES or not known[name].is_identity)


def _common_format(targets: tuple[Resource, ...]) -> TokenFormat:
    # Where resources disagree, the one that must not be shown what a JWT says has its way: opaque tokens tell nothing,
    # and every resource can introspect.
    if any(target.token_format is TokenFormat.OPAQUE for target in targets):
        return TokenFormat.OPAQUE
    return TokenFormat.JWT
