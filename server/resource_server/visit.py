"""What the middleware leaves in the ASGI scope for the application: the valid token, and a way to ask for more."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..protocol.errors import InsufficientScope
from .routes import with_implied

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..protocol.jwt import AccessTokenClaims
    from .routes import ImpliedScopes

_KEY = "latchkey.visit"


@dataclass(slots=True)
class Visit:
    """One admitted request; `wanted` are the scopes that the application asked for in vain."""

    token: AccessTokenClaims
    required: tuple[str, ...]
    implied: ImpliedScopes = field(repr=False)
    wanted: tuple[str, ...] | None = None
    has_begun: bool = False  # to answer

    def allows(self, scopes: tuple[str, ...]) -> bool:
        """Whether the token has all these scopes, by name or implied by others."""
        return with_implied(self.token.scope, self.implied).issuperset(scopes)


def with_visit(scope: Mapping[str, object], visit: Visit) -> dict[str, object]:
    """A copy of the scope that carries the visit."""
    return {**scope, _KEY: visit}


def find_access_token(scope: Mapping[str, object]) -> AccessTokenClaims | None:
    """The valid token of this request, or None on a public path."""
    visit = _find_visit(scope)
    return None if visit is None else visit.token


def access_token(scope: Mapping[str, object]) -> AccessTokenClaims:
    """The valid token of this request: `access_token(request.scope)`. Raises LookupError on a public path."""
    return _get_visit(scope).token


def require_scopes(scope: Mapping[str, object], *names: str) -> None:
    """Ask for scopes that only the application knows to be needed, before it has begun to answer.

    Where the token lacks one this raises InsufficientScope, and whatever the application answers after that, the client
    gets the 403 challenge with all scopes of the operation. RFC 6750 §3.1. In a response that has begun it only raises.
    """
    visit = _get_visit(scope)
    wanted = (*visit.required, *names)
    if not visit.allows(wanted):
        if not visit.has_begun:
            visit.wanted = wanted
        raise InsufficientScope("the application needs more scopes than the token has")


def _find_visit(scope: Mapping[str, object]) -> Visit | None:
    visit = scope.get(_KEY)
    return visit if isinstance(visit, Visit) else None


def _get_visit(scope: Mapping[str, object]) -> Visit:
    visit = _find_visit(scope)
    if visit is None:
        raise LookupError("no access token: a public path, or no ResourceServer around the application")
    return visit
