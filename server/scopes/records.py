"""A scope: one permission that a client may be given."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from server.protocol.scopes import IDENTITY_SCOPES
from server.tenants import Origin

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Scope:
    """One permission, as people are asked for it."""

    name: str
    description: str
    optional: bool = False  # a person may leave it out at consent
    sensitive: bool = False  # set apart at consent, never remembered
    dynamic: bool = True  # clients that registered by themselves may have it
    origin: Origin = Origin.BUILT_IN

    @property
    def is_identity(self) -> bool:
        """Whether it is built in and says who somebody is: it belongs to no resource.

        A tenant may have defined `roles` or `groups` before they were built in; that one is about what it always was.
        """
        return self.name in IDENTITY_SCOPES and self.origin is Origin.BUILT_IN


@dataclass(frozen=True, slots=True)
class Scopes:
    """All scopes of a tenant by name, and the names of those that anybody may read of."""

    by_name: Mapping[str, Scope]
    public: tuple[str, ...]


# OpenID Connect Core §5.4 and §11, RFC 9068 §2.2.3.1. Their sentences are the pages' own, hence no description.
IDENTITY = tuple(Scope(name, description="") for name in IDENTITY_SCOPES)
