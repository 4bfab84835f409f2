"""Pure rules of scopes. RFC 6749 §3.3."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.protocol.scopes import AFFILIATION_SCOPES, IDENTITY_SCOPES, is_scope_name

if TYPE_CHECKING:
    from .records import Scope

_MAX_NAME = 200
_MAX_DESCRIPTION = 500


class InvalidScope(ValueError):
    """A scope cannot be defined like this; the message says why, in one line."""


def check_definition(scope: Scope) -> None:
    """Raise InvalidScope unless a tenant may define this scope."""
    if scope.name in IDENTITY_SCOPES:
        raise InvalidScope("the scopes of OpenID Connect, roles and groups are built in")
    if not is_scope_name(scope.name) or len(scope.name) > _MAX_NAME:
        raise InvalidScope(f"a scope is named by 1 to {_MAX_NAME} ASCII characters without space, quote or backslash")
    if len(scope.description) > _MAX_DESCRIPTION or not scope.description.isprintable():
        raise InvalidScope(f"description must be at most {_MAX_DESCRIPTION} printable characters")


def is_public(scope: Scope) -> bool:
    """Whether anybody may read of it; roles and groups are for clients that know of them, or whose resource says so.

    Some ask for whatever is listed, and would learn what somebody is here without any use for it.
    """
    return scope.dynamic and not scope.sensitive and not (scope.is_identity and scope.name in AFFILIATION_SCOPES)
