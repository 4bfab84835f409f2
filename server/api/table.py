"""The one table of the API's routes. A noun that comes later adds its module here, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .nouns import (
    of_access,
    of_administrators,
    of_audit,
    of_clients,
    of_groups,
    of_initial_access_tokens,
    of_keys,
    of_permissions,
    of_system,
    of_tenants,
    of_trust_places,
    of_trust_policy,
    of_trust_verdicts,
    of_users,
    of_webhooks,
)

if TYPE_CHECKING:
    from .routes import Route

ROUTES: tuple[Route, ...] = (
    *of_administrators.ROUTES,
    *of_tenants.ROUTES,
    *of_clients.ROUTES,
    *of_initial_access_tokens.ROUTES,
    *of_users.ROUTES,
    *of_permissions.ROUTES,
    *of_groups.ROUTES,
    *of_access.ROUTES,
    *of_keys.ROUTES,
    *of_trust_policy.ROUTES,
    *of_trust_verdicts.ROUTES,
    *of_trust_places.ROUTES,
    *of_audit.ROUTES,
    *of_webhooks.ROUTES,
    *of_system.ROUTES,
)
