"""Pure rules of scope: what a client may have at most, and what it gets when it names nothing.

For clients that an administrator registered or promoted, `scope` is a ceiling. For all others it is only the default:
their ceiling is what an initial access token says, or what the tenant leaves to clients that nobody vouched for.
RFC 6749 §3.3.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.protocol.errors import InvalidScope
from server.protocol.scopes import OFFLINE_ACCESS
from server.protocol.vocabulary import GrantType

if TYPE_CHECKING:
    from collections.abc import Mapping

    from server.clients import Client
    from server.resources import Resource
    from server.scopes import Scope


def permitted_scope(client: Client, known: Mapping[str, Scope]) -> frozenset[str]:
    """Every scope of the tenant that the client may ask for; `offline_access` comes with the refresh grant."""
    ceiling = client.scope if client.is_vouched_for else client.registration.ceiling
    if ceiling is not None:
        names = frozenset(ceiling) & known.keys()
    else:
        names = frozenset(name for name, scope in known.items() if scope.dynamic)
    if GrantType.REFRESH_TOKEN in client.metadata.grant_types:
        return names | {OFFLINE_ACCESS}
    return names - {OFFLINE_ACCESS}


def checked_scope(requested: tuple[str, ...], client: Client, known: Mapping[str, Scope]) -> tuple[str, ...]:
    """The requested scope when the client may have all of it; raises InvalidScope.

    `offline_access` of a client that cannot refresh is ignored (OpenID Connect Core §11).
    """
    permitted = permitted_scope(client, known)
    wanted = tuple(name for name in requested if name != OFFLINE_ACCESS or name in permitted)
    if not permitted.issuperset(wanted):
        raise InvalidScope("a scope that the tenant does not have or the client may not have")
    return wanted


def remaining_scope(granted: tuple[str, ...], client: Client, known: Mapping[str, Scope]) -> tuple[str, ...]:
    """What a client may still have of what a person once allowed: a ceiling that was lowered counts at once."""
    permitted = permitted_scope(client, known)
    return tuple(name for name in granted if name in permitted)


def default_scope(client: Client, known: Mapping[str, Scope], resources: tuple[Resource, ...]) -> tuple[str, ...]:
    """What a request without scope asks for: what the client registered, else what its resources list.

    Sensitive scopes have to be asked for by name.
    """
    permitted = permitted_scope(client, known)
    listed = client.scope or tuple(name for resource in resources for name in resource.scopes)
    return tuple(
        name for name in dict.fromkeys(listed) if name in permitted and not (name in known and known[name].sensitive)
    )
