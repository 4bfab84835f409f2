"""A scope: one permission that a client may be given."""

from __future__ import annotations

from dataclasses import dataclass

from server.protocol.scopes import IDENTITY_SCOPES
from server.tenants import Origin


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
        """Whether OpenID Connect defines it: it says who somebody is and belongs to no resource."""
        return self.name in IDENTITY_SCOPES


# OpenID Connect Core §5.4 and §11. Their sentences are the pages' own, hence no description.
IDENTITY = tuple(Scope(name, description="") for name in IDENTITY_SCOPES)
