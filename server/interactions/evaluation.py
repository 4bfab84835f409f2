"""What would happen if: the consent that a person would be asked for, and what a client would learn of them.

Nothing is stored and nobody is asked: for administrators who wonder.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from server import grants, scopes, sessions, tokens
from server.kernel import ids

from .authorization import Asked, asked_of
from .records import SignedIn

if TYPE_CHECKING:
    from collections.abc import Mapping

    from server.clients import Client
    from server.kernel.clock import Instant
    from server.protocol.authorization_request import AuthorizationRequest
    from server.tenants import Tenant
    from server.tokens import Entitlement
    from server.users import User


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What a person would be asked, and what would come of their yes."""

    asked: Asked
    entitlement: Entitlement
    userinfo: Mapping[str, object] = field(repr=False)


async def evaluate(
    tenant: Tenant, client: Client, user: User, request: AuthorizationRequest, now: Instant
) -> Evaluation:
    """Follow a request as if this person had just signed in; raises InvalidScope, InvalidTarget."""
    scope = tokens.checked_scope(request.scope, client, await scopes.list_scopes(tenant.id))
    settings = tenant.settings
    session = sessions.begin(
        tenant.id, user.id, idle=settings.session_lifetime, longest=settings.session_max_lifetime, now=now
    )
    asked = await asked_of(tenant.id, client, request, SignedIn(session, user))
    grant = grants.new_grant(tenant, client, request, user.id, session, scope=scope, now=now, grant_id=ids.uuid7())
    entitlement = await tokens.entitle_grant(tenant, grant, scope, ())
    return Evaluation(asked, entitlement, await tokens.userinfo_claims(user, grant, scope))
